import ArgumentParser
import ForerunRuntime

/// `forerun patterns`: shows and forgets what was learnt.
struct PatternsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "patterns",
        abstract: "Show what was learnt from recorded runs, or forget it.",
        discussion: """
            Without an agent, lists the agents of which something is known. With one, shows where the arguments of its calls \
            come from, and how often that was right. What all agents have in common goes by the name "*".
            """)

    @Argument(help: "The agent.")
    var agent: String?

    @Flag(help: "Forget everything that was learnt.")
    var forget = false

    func validate() throws {
        if forget, agent != nil {
            throw ValidationError("--forget forgets everything: what is known of all agents cannot be taken apart")
        }
    }

    func run() async throws {
        guard let library = try PatternLibrary.open(processVariables, makes: false) else {
            OutputFile.error.write("nothing was learnt yet; try forerun learn PATH\n")
            return
        }
        if forget { return try library.forget() }
        guard let agent else {
            let lines = try library.lines()
            OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
            if lines.isEmpty { OutputFile.error.write("nothing was learnt yet; try forerun learn PATH\n") }
            return
        }
        guard let lines = try library.patterns(of: agent) else {
            throw Complaint(
                "nothing was learnt of \(agent)", remedy: "forerun patterns lists what is known", status: .failed)
        }
        OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
    }
}
