import ArgumentParser
import ForerunCore
import ForerunRuntime

/// `forerun cost`: what did recorded runs take?
struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Show what recorded runs took: tokens and money by model, role and outcome.",
        discussion: """
            Reads the event logs; asks nobody. Without a run, adds up all of them.

            OUTCOMES
              committed  asked on the real path
              ahead      asked ahead, and used
              wasted     asked ahead in vain
              guesses    asked for guesses

            Input counts cached and written tokens as well, output counts reasoning. Money is counted at the prices that the \
            configuration had when the run was made:
              endpoints: {NAME: {models: {MODEL: {price: {input: 2, cached: 0.5, written: 2.5, output: 8}}}}}
            for a million tokens each. Well-known models have list prices built in, with their date: forerun models NAME --prices. \
            A price that nobody stated is unknown, and shown as such.

            Use it so: forerun cost, forerun cost --latest 1, forerun cost 20261121-093012-4f2a --json
            """)

    @Argument(help: "Runs, as they and their logs are named, or paths of logs.", completion: .recordedRuns)
    var runs: [String] = []

    @Option(help: ArgumentHelp("Only the newest so many runs.", valueName: "n"))
    var latest: Int?

    @Flag(help: "Print JSON lines: an object for each run, and one for all of them.")
    var json = false

    func validate() throws {
        if latest != nil, !runs.isEmpty { throw ValidationError("--latest and names of runs exclude each other") }
        if let latest, latest < 1 { throw ValidationError("--latest must be 1 or more") }
    }

    func run() async throws {
        let book = try CostBook(runs, latest: latest, variables: processVariables)
        if json {
            OutputFile.standard.write(CostText.objects(book).map { $0.text + "\n" }.joined())
        } else if book.runs.isEmpty, book.unreadable.isEmpty {
            OutputFile.error.write("no run was recorded yet\n")
        } else {
            OutputFile.standard.write(CostText.lines(book).map { $0 + "\n" }.joined())
        }
    }
}

extension CompletionKind {
    /// The names of recorded runs, newest first.
    static var recordedRuns: CompletionKind {
        .custom { _, _, _ in CostBook.runNames(processVariables) }
    }
}
