import ForerunCore
import ForerunRuntime
import Glibc

/// Where a conversation takes place: on a terminal, or between standard input and output.
struct ChatStage {
    private let resolved: ResolvedConfiguration
    private let json: Bool
    private let quiet: Bool

    init(_ resolved: ResolvedConfiguration, json: Bool, quiet: Bool) {
        self.resolved = resolved
        self.json = json
        self.quiet = quiet
    }

    func run(
        _ request: RunRequest, first: String?, _ runtime: AgentRuntime, _ signals: Signals
    ) async throws(Complaint) -> ExitStatus {
        let variables = processVariables
        let style = ViewStyle(
            resolved.configuration.ui.color, isTerminal: OutputFile.error.isTerminal, environment: variables)
        let isTerminal =
            !json && isatty(0) == 1 && OutputFile.standard.isTerminal && OutputFile.error.isTerminal
            && variables["TERM"] != "dumb"
        return isTerminal
            ? try await onTerminal(request, first, runtime, signals, style)
            : try await piped(request, first, runtime, signals, style)
    }

    private func onTerminal(
        _ request: RunRequest, _ first: String?, _ runtime: AgentRuntime, _ signals: Signals, _ style: ViewStyle
    ) async throws(Complaint) -> ExitStatus {
        let terminal = ChatTerminal(style: style, history: request.saidBefore)
        let conversation = Conversation(runtime, terminal)
        guard terminal.open(conversation) else {
            throw Complaint(
                "the terminal does not give single keys", remedy: "Use another one, or pipe the messages in",
                status: .failed)
        }
        terminal.greet(agent: resolved.agent?.name ?? request.agent, isResumed: request.continuing != nil)
        signals.onFirst { conversation.interrupt() }
        defer { signals.clear() }
        do throws(Complaint) {
            let status = try await conversation.run(request, first: first)
            await terminal.close()
            if let run = conversation.runs.last { OutputFile.error.write("go on   forerun chat --resume \(run)\n") }
            return status
        } catch {
            await terminal.close()
            throw error
        }
    }

    private func piped(
        _ request: RunRequest, _ first: String?, _ runtime: AgentRuntime, _ signals: Signals, _ style: ViewStyle
    ) async throws(Complaint) -> ExitStatus {
        let console = Console(json ? .json : quiet ? .quiet : .plain, style: style)
        let pipe = ChatPipe(console, isJSON: json, title: resolved.agent?.name ?? "") { run, report in
            ReportText(style).lines(report, mode: run.mode, log: run.logPath) + [
                "go on   forerun chat --resume \(run.id)"
            ]
        }
        let conversation = Conversation(runtime, pipe)
        signals.onFirst { conversation.interrupt() }
        defer { signals.clear() }
        do throws(Complaint) {
            pipe.open(conversation)
            let status = try await conversation.run(request, first: first)
            await console.close()
            return status
        } catch {
            await console.close()
            throw error
        }
    }
}
