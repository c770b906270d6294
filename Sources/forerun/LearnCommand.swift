import ArgumentParser
import ForerunRuntime

/// `forerun learn`: learns from runs that were recorded.
struct LearnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learn",
        abstract: "Learn from recorded runs what agents do next.",
        discussion: """
            Reads the logs of Forerun, Claude Code, Codex, Gemini CLI, goose, opencode, pi, SWE-agent, mini-swe-agent, tau-bench, \
            and plain lists of OpenAI or Anthropic messages, from files and directories. What is learnt is late-bound: which \
            tool follows, and from where in a run its arguments come; values are kept only if they come again and again and \
            look like nobody's. Files are only read. What was learnt already is not learnt again, and an interrupted import \
            goes on where it was; Ctrl-C keeps what was learnt until then. Runs use what was learnt without further settings.

            Use it so: forerun learn ~/.claude/projects ~/.local/state/forerun, then forerun patterns
            """)

    @Argument(help: "Files and directories.", completion: .file())
    var paths: [String]

    @Option(help: "Learn as if all runs were this agent's.")
    var agent: String?

    func run() async throws {
        try InputPaths.check(paths)
        guard let library = try PatternLibrary.open(processVariables, makes: true) else { return }
        let progress = ProgressLine(isShown: OutputFile.error.isTerminal)
        let signals = Signals()
        let (paths, agent) = (paths, agent)
        let work = Task {
            try library.learn(paths, agent: agent, isStopped: { Task.isCancelled }, onProgress: progress.show)
        }
        signals.onFirst { work.cancel() }
        defer {
            signals.clear()
            progress.clear()
        }
        let lines = try await work.value
        progress.clear()
        OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
        if work.isCancelled { throw ExitStatus.interrupted }
    }
}
