import ArgumentParser
import ForerunCore
import ForerunRuntime
import ForerunStore

/// `forerun show`: tells how a recorded run went.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show how a recorded run went.",
        discussion: """
            Turn by turn: what was guessed with which probability and by whom, what the actor said, which calls were made, \
            and which of them ahead. Guesses that came true are marked. A damaged log is shown up to the damage.

            --html writes one page that needs nothing else: a timeline of the actor, the calls and the branches, with the \
            transcript beside it. What tools and models wrote is shown as text, whatever it holds.

            WHICH RUN
              20261121-093012-4f2a   a name, or as much of its beginning or end as is
                                     unambiguous. Default: the last one.

            EXIT CODES
              0 done, 1 failed, 2 no such run.
            """)

    @Argument(help: "The run. Default: the last one.", completion: .runs)
    var run: String?

    @Flag(help: "Whole texts and outputs, and all guesses.")
    var full = false

    @Flag(help: "Print JSON lines: the run, its turns, guesses, work and branches.")
    var json = false

    @Option(
        help: ArgumentHelp("Write a page to this file.", valueName: "file"), completion: .file(extensions: ["html"]))
    var html: String?

    func validate() throws {
        if json, full { throw ValidationError("--json is always full") }
    }

    func run() async throws {
        let past = try PastRuns(variables: processVariables)
        let name = try past.find(run)
        let file = try html.map { path throws(Complaint) in try ResultFile(path, for: "the page") }
        let (summary, timeline) = try past.timeline(of: name, wholeOutputs: full || json || html != nil)
        if let file { try file.write(past.page(of: summary, timeline)) }
        if json {
            OutputFile.standard.write(RunObjects.lines(summary, timeline).map { $0.text + "\n" }.joined())
        } else if html == nil {
            let style = ViewStyle(.auto, isTerminal: OutputFile.standard.isTerminal, environment: processVariables)
            OutputFile.standard.write(
                RunText(style, isFull: full).lines(summary, timeline).map { $0 + "\n" }.joined())
        }
    }
}
