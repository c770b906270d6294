import ForerunCore
import ForerunRuntime
import Synchronization

/// One invocation of `forerun run`, from the first line to the last.
struct Invocation {
    let request: RunRequest
    let runtime: AgentRuntime
    let stage: Stage
    let signals: Signals
    let message: ResultFile?

    private var console: Console { stage.console }

    func run(showsDiff: Bool) async throws(RunFailure) -> ExitStatus {
        let run = try await runtime.prepare(request)
        interruptOnSignal { run.interrupt() }
        defer { signals.clear() }
        console.begin(run.started, title: title(of: run), facts: run.facts)
        for note in run.notes { console.advise(note) }
        let report = try await run.run(user: stage.user.runUser) { [console] in console.show($0) }
        if showsDiff {
            let diff = run.diff()
            console.object(EventLines().diff(diff))
            console.text(diff)
        }
        var differences: [String] = []
        var status = ExitStatus(report.end, isDenied: stage.user.deniedUnasked > 0)
        let text = ReportText(stage.style, columns: OutputFile.error.isTerminal ? OutputFile.error.size.columns : nil)
        console.report { [mode = run.mode, log = run.logPath] progress in
            text.lines(report, mode: mode, log: log, progress)
        }
        if report.end != .finished, run.logPath != nil { console.report(["go on   forerun resume \(run.id)"]) }
        if request.keepsSnapshot, report.end.isVerifiable {
            let verification = try await run.verify()
            console.object(verification.json)
            console.report(text.lines(verification))
            if !verification.isIdentical { status = .different }
            differences = verification.differences
        }
        console.object(report.json)
        await console.close()
        complain(report.end, stage.settings)
        complain(differences)
        if let failure = run.logFailure {
            OutputFile.error.write(Complaint(.store(failure)).text)
            if status == .done { status = .failed }
        }
        return keep(report) ?? status
    }

    func comparison() async throws(RunFailure) -> ExitStatus {
        let halves = Halves(console: console, title: stage.title)
        interruptOnSignal { halves.interrupt() }
        defer { signals.clear() }
        let comparison = try await runtime.compare(request, user: stage.user.runUser) { [console] _, notice in
            console.show(notice)
        } onStart: { run in
            halves.begin(run)
        }
        console.object(comparison.json)
        // What was asked for, so it goes where results go.
        console.result(ReportText(stage.resultStyle).lines(comparison))
        await console.close()
        let failure = [comparison.sequential, comparison.speculative].first { $0.end != .finished }
        if let failure { complain(failure.end, stage.settings) }
        let status = ExitStatus(comparison, isDenied: stage.user.deniedUnasked > 0)
        if status == .different { complain(comparison.differences) }
        return keep(comparison.speculative) ?? status
    }

    private func title(of run: PreparedRun) -> String { "\(stage.title) \(run.mode.rawValue)" }

    private func interruptOnSignal(_ end: @escaping @Sendable () -> Void) {
        signals.onFirst { [console] in
            console.note("finishing; press Ctrl-C again to stop at once")
            end()
        }
    }

    private func complain(_ end: RunEnd, _ settings: AgentSettings) {
        if let complaint = Complaint(end, settings) { OutputFile.error.write(complaint.text) }
    }

    private func complain(_ differences: [String]) {
        guard let first = differences.first else { return }
        let complaint = Complaint(
            "not identical to the run in turn: \(DisplayText.line(first, limit: 400))",
            remedy:
                "See whether two runs with --mode off are alike: a model or a tool that is not deterministic differs by itself",
            status: .different)
        OutputFile.error.write(complaint.text)
    }

    /// Writes the final message to the file that was asked for. - Returns: a status where that fails.
    private func keep(_ report: RunReport) -> ExitStatus? {
        guard let message, report.end == .finished else { return nil }
        do throws(Complaint) {
            try message.write(report.finalText)
            return nil
        } catch {
            OutputFile.error.write(error.text)
            return error.status
        }
    }
}

/// The two runs of a comparison, one after the other.
private final class Halves: Sendable {
    private struct State {
        var current: PreparedRun?
        var count = 0
        var isInterrupted = false
    }

    private let console: Console
    private let title: String
    private let state = Mutex(State())

    init(console: Console, title: String) {
        self.console = console
        self.title = title
    }

    func begin(_ run: PreparedRun) {
        let (count, isInterrupted) = state.withLock { state in
            state.current = run
            state.count += 1
            return (state.count, state.isInterrupted)
        }
        let side: Comparison.Side = count == 1 ? .sequential : .speculative
        console.begin(run.started, title: title, side: side, facts: run.facts)
        if count == 1 { for note in run.notes { console.advise(note) } }
        if isInterrupted { run.interrupt() }
    }

    func interrupt() {
        let run = state.withLock { state in
            state.isInterrupted = true
            return state.current
        }
        run?.interrupt()
    }
}

extension RunEnd {
    /// An end that a sequential run with the same answers comes to, too.
    fileprivate var isVerifiable: Bool {
        switch self {
        case .finished, .limit(.steps), .limit(.tokens), .limit(.money): true
        case .limit(.seconds), .endpointFailed, .environmentFailed, .interrupted: false
        }
    }
}
