import ArgumentParser
import ForerunCore
import ForerunRuntime
import ForerunStore

/// `forerun rerun`: makes the decisions of a recorded run again.
struct RerunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Decide again offline what a recorded run decided.",
        discussion: """
            Beside its log, a run with speculation on keeps what its core was told, event by event, with what had been learnt \
            before it began. This program's core is told the same again, without models, tools or files, and every step must \
            command the same. If one does not, it is named, with what is commanded now: that is how to see why a run did what \
            it did, and what a change of the core changes.

            Another version of the program may well decide otherwise. Runs without speculation keep nothing of this: they had \
            nothing to decide. Documentation/event-log.md describes the file, decisions.jsonl; it holds what the log holds, and \
            all that speculators guessed.

            WHICH RUN
              20261121-093012-4f2a   a name, or as much of its beginning or end as is
                                     unambiguous. Default: the last one.

            EXIT CODES
              0 the same decisions, 7 other decisions, 1 the file is damaged (up to
              there they are the same), 2 no such run, 3 nothing was kept of the run.
            """)

    @Argument(help: "The run. Default: the last one.", completion: .runs)
    var run: String?

    @Flag(help: "Print every event with the commands that it leads to.")
    var steps = false

    @Flag(help: "Print JSON lines: with --steps an object a step, and at the end what came of it.")
    var json = false

    func run() async throws {
        let past = try PastRuns(variables: processVariables)
        let name = try past.find(run)
        let rerun = try past.rerun(name) { step in
            guard steps else { return }
            let lines = json ? [RerunText.json(step).text] : RerunText.lines(step)
            OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
        }
        let text = RerunText(rerun)
        let lines = json ? [text.json.text] : text.lines
        OutputFile.standard.write(lines.map { $0 + "\n" }.joined())
        if text.status != .done { throw text.status }
    }
}
