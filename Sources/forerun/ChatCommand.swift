import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun chat`: a conversation with an agent.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with an agent.",
        discussion: """
            The agent answers, and waits for your next message. While you read and type, speculation goes on: what the agent is \
            likely to look at next is read ahead, and nothing else.

            Use it so:
              forerun chat coder                     a conversation about this directory
              forerun chat coder "What is this?"     with a first message
              forerun chat --resume                  goes on with the last conversation
              forerun chat --resume 4f2a             with another one

            WHILE THE AGENT IS AT WORK
              Type on: Enter queues the message, and it is sent after the agent's last
              word. Ctrl-O, or /now, sends it at once: an answer that is being written is
              given up for it, calls that have begun come to their end first. Ctrl-C, or
              /stop, stops the agent: its calls end, what is committed stays, and what was
              queued is given back to you.

            COMMANDS
            \(Self.indented(SlashCommand.table))
              Two slashes begin a message with one.

            KEYS
              Those of a shell: arrows, Home, End, Ctrl-A, E, K, U, W, Y; Alt-B and Alt-F
              move by words. Up and Down bring back what you said. Alt-Enter, Ctrl-J or a
              backslash at the end begin another line; what you paste stays whole. Tab
              completes commands. Ctrl-C clears the line; with an empty one it stops the
              agent, and twice it ends everything at once. Ctrl-D at an empty line ends
              the conversation after the agent's last word.

            TAKING BACK
              /undo begins a new run from before your last message, as forerun fork does.
              The log of the other one stays; forerun undo 'undo RUN' brings back what it
              had changed. Where somebody else changed the same files since, it says so
              and takes nothing back.

            WITHOUT A TERMINAL
              Each line of standard input is a message (a backslash at its end goes on
              with the next line), and its end is the end of the conversation, after the
              last answer. Commands work. Calls that need your word are denied. With
              --json, each line is an object, and so is each line of the output:
                {"type":"message","text":"Go on."}   "now":true does not wait
                {"type":"command","text":"/undo"}

            LIMITS
              --max-steps counts for each message, the others for the whole conversation.
              Time in which you are waited for does not count.

            CUT OFF
              Whatever ends it (kill -9 as well), --resume goes on from the last
              committed turn, with the messages that were queued.

            EXIT CODES
            \(ExitStatus.table)
            """)

    @Argument(
        help:
            "The name of an agent (forerun agents lists them), or the path of an agent file. With --resume: the conversation.",
        completion: .agentsOrRuns)
    var agent: String?

    @Argument(help: "Your first message.")
    var message: String?

    @Flag(help: "Go on with a conversation: the one that is named, or the last one.")
    var resume = false

    @Flag(help: "With --resume: the last conversation (the default).")
    var last = false

    @OptionGroup var workspace: WorkspaceOption

    @Flag(help: "Read and print JSON lines.")
    var json = false

    @Flag(name: [.short, .long], help: "Without a terminal: print confirmed text and errors only.")
    var quiet = false

    @OptionGroup(title: "Recording") var recording: TrafficOptions

    @OptionGroup(title: "Settings") var settings: SettingOptions

    func validate() throws {
        if json, quiet { throw ValidationError("--json and --quiet exclude each other") }
        if last, !resume { throw ValidationError("--last goes with --resume") }
        if last, agent != nil { throw ValidationError("--last and the name of a run exclude each other") }
        if !resume, agent == nil {
            throw ValidationError("name an agent (forerun agents lists them), or go on with --resume")
        }
        if resume, workspace.path != "." {
            throw ValidationError("--resume goes on in the workspace of the conversation: leave --workspace out")
        }
    }

    func run() async throws {
        let status = try await status()
        if status != .done { throw status }
    }

    private func status() async throws(Complaint) -> ExitStatus {
        let signals = Signals()
        let request = try await request()
        let resolved: ResolvedConfiguration
        do throws(RunFailure) { resolved = try AgentRuntime.resolve(request) } catch { throw Complaint(error) }
        guard resolved.settings.program == .react else {
            throw Complaint(
                "the agent \(resolved.agent?.name ?? request.agent) plays by itself: there is nobody to talk to",
                remedy: "forerun run \(resolved.agent?.name ?? request.agent)", status: .usage)
        }
        let traffic = try recording.traffic()
        if let warning = traffic.warning { OutputFile.error.write("forerun: warning: \(warning)\n") }
        let runtime = AgentRuntime.withOwnConnections(traffic)
        let status = try await ChatStage(resolved, json: json, quiet: quiet).run(
            request, first: message, runtime, signals)
        await runtime.shutDown()
        guard let complaint = traffic.complaint else { return status }
        OutputFile.error.write(complaint.text)
        return status == .done ? complaint.status : status
    }

    private func request() async throws(Complaint) -> RunRequest {
        guard resume else {
            var request = RunRequest(
                agent: agent ?? "", workspace: try workspace.absolutePath(), assignments: try settings.values(),
                variables: processVariables)
            request.isConversation = true
            return request
        }
        let past = try PastRuns(variables: processVariables)
        let run = if let agent { try past.find(agent) } else { try past.lastConversation() }
        return try await AgentRuntime.resumption(
            of: run, settings: try settings.values(), variables: processVariables, asConversation: true)
    }

    private static func indented(_ lines: [String]) -> String { lines.map { "  " + $0 }.joined(separator: "\n") }
}

extension CompletionKind {
    /// After `--resume` the names of runs, else those of agents.
    fileprivate static var agentsOrRuns: CompletionKind {
        .custom { words, _, _ in words.contains("--resume") ? runNames : agentNames }
    }
}
