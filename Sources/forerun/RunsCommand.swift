import ArgumentParser
import ForerunCore
import ForerunRuntime
import ForerunStore

/// `forerun runs`: lists the recorded runs.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "List recorded runs, find them, and add them up.",
        discussion: """
            Every run keeps a log. This lists them, the last first, from an index that is made of nothing but the logs: it is \
            brought up to date each time, and made anew where it is missing, broken or of another version. It may be deleted.

            FINDING
              forerun runs csv parser          runs in which both words occur (or begin a
                                               word): task, answers, arguments, outputs
              forerun runs --agent coder --end limit --since 202611
              forerun runs --sort saved --limit 5

            ADDING UP
              forerun runs --report --since 202611      hits, time, tokens and money, by tool and
                                                        by source of guesses
              forerun runs --report --html report.html  the same with plots

            ONE RUN
              forerun show RUN   its timeline    forerun resume RUN   goes on with it
              forerun fork RUN --at TURN         forerun undo RUN     takes it back

            EXIT CODES
              0 done (also if nothing is found), 1 failed, 2 wrong usage.
            """)

    @Argument(help: "Words to search for.")
    var words: [String] = []

    @Option(help: ArgumentHelp("Only the runs of this agent.", valueName: "name"), completion: .agents)
    var agent: String?

    @Option(
        name: [.customShort("w"), .customLong("workspace")],
        help: ArgumentHelp("Only runs in this directory, or below.", valueName: "directory"), completion: .directory)
    var workspace: String?

    @Option(help: ArgumentHelp("How they ended: finished, limit, cut off, running, damaged, …", valueName: "end"))
    var end: String?

    @Option(help: ArgumentHelp("No earlier than this: 2026, 202611, 20261121…", valueName: "date"))
    var since: String?

    @Option(help: "The order: \(RunQuery.Order.allCases.map(\.rawValue).joined(separator: ", ")).")
    var sort = RunQuery.Order.time.rawValue

    @Option(
        help: ArgumentHelp("So many at most; 0: all. Default: 20, with --report and --json all.", valueName: "number"))
    var limit: Int?

    @Flag(help: "Add them up: hits, time, tokens and money, by tool and by source of guesses.")
    var report = false

    @Option(
        help: ArgumentHelp("With --report, write it as a page with plots.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Flag(help: "Make the index anew from the logs.")
    var rebuild = false

    @Flag(help: "Print JSON lines, a run each.")
    var json = false

    func validate() throws {
        if html != nil, !report { throw ValidationError("--html goes with --report; one run: forerun show --html") }
        if let limit, limit < 0 { throw ValidationError("--limit \(limit): give 0 or more") }
        if let since, !since.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }) {
            throw ValidationError("--since \(since): give the beginning of a run's name, such as 20261121")
        }
    }

    func run() async throws {
        var query = RunQuery()
        query.words = words.isEmpty ? nil : words.joined(separator: " ")
        query.agent = agent
        query.workspace = workspace.map { FileAccess.canonical($0) ?? $0 }
        query.end = end
        query.since = since
        guard let order = RunQuery.Order(rawValue: sort) else {
            throw Complaint(
                "--sort does not know '\(sort)'",
                remedy: "It knows \(RunQuery.Order.allCases.map(\.rawValue).joined(separator: ", "))", status: .usage)
        }
        query.order = order
        let most = limit ?? (report || json || rebuild ? 0 : 20)
        query.limit = most == 0 ? nil : most
        let page = try html.map { path throws(Complaint) in try ResultFile(path, for: "the report") }
        let progress = ProgressLine(isShown: OutputFile.error.isTerminal)
        let found = try PastRuns(variables: processVariables).runs(query, rebuilds: rebuild) { warning in
            OutputFile.error.write("forerun: warning: \(DisplayText.line(warning, limit: 400))\n")
        } progress: { done, all in
            if all > 100 { progress.show("reading logs: \(done) of \(all)") }
        }
        progress.clear()
        if let page {
            try page.write(RunsPage(RunsReport(found.runs), selection: selection).html)
            if !json { return }
        }
        show(found.runs, found.read)
    }

    /// Which runs were asked for, in words.
    private var selection: String {
        let filters = [
            words.isEmpty ? nil : words.joined(separator: " "), agent.map { "agent \($0)" },
            workspace.map { "in \($0)" }, end.map { "ended \($0)" }, since.map { "since \($0)" },
        ]
        return filters.compactMap(\.self).joined(separator: ", ")
    }

    private func show(_ runs: [RunSummary], _ read: RunIndex.Refreshment) {
        let style = ViewStyle(.auto, isTerminal: OutputFile.standard.isTerminal, environment: processVariables)
        if report {
            let report = RunsReport(runs)
            OutputFile.standard.write(json ? report.json.text + "\n" : report.lines(style).map { $0 + "\n" }.joined())
        } else if json {
            OutputFile.standard.write(runs.map { $0.json.text + "\n" }.joined())
        } else if rebuild {
            OutputFile.standard.write("\(PresentedNumber.count(read.runs, "run")) read, \(read.bytes) bytes\n")
        } else {
            let columns = OutputFile.standard.isTerminal ? OutputFile.standard.size.columns : nil
            let listing = RunListing(style, columns: columns)
            OutputFile.standard.write(listing.lines(runs).map { DisplayText.harmless($0) + "\n" }.joined())
            if runs.isEmpty { OutputFile.error.write("forerun: no run is recorded that fits\n") }
        }
    }
}
