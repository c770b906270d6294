import ArgumentParser
import ForerunCore
import ForerunRuntime
import ForerunSimulation

/// `forerun replay`: says what speculation would have saved on recorded runs.
struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Say what speculation would save on recorded runs.",
        discussion: """
            Would this help my agent? Runs recorded sessions again on a virtual clock, once in turn, once with speculation \
            and once with perfect guesses, and says what was saved, what it cost, and how good the guesses were. No model \
            is asked and no call is made: the actor answers what it answered, calls return what they returned. All formats \
            that forerun learn reads can be replayed.

            LATENCIES
              recorded               as the log says (the default)
              fixed:1.5              always 1.5 seconds
              exponential:1.5        of mean 1.5 seconds
              lognormal:1.25,2.1     by the median and the 90th percentile
              Logs of simulated tools have calls that take no time: say what
              the real ones take with --tool-latency.

            GUESSES
              Without --train, speculators begin with nothing and learn within each
              run only. With it, they learn from other runs first; runs that are
              replayed themselves are left out of that. oracle guesses perfectly.

            WHAT MAY RUN AHEAD
              Calls that only read, and calls whose changes stay in a branch, as far
              as the log, the shell command or the tool's name tell. All others wait
              for the actor; --assume contained lets them run in a branch.
              With --records, wrong guesses in tau-bench's retail and airline domains
              get true answers from its databases.

            WHAT THE FIGURES CANNOT KNOW
              Extra tokens are too few by a little: of an answer that was broken off,
              hardly any output is counted.
              What is known from the start and would not be known live: that the agent
              waits for a person, or ends, right after calls; and, where a log
              describes no tools, which of them the logs use.

            EXIT CODES
              0 done, 1 failed, 2 wrong usage, 130 interrupted (the figures of the
              runs until then are printed).

            Use it so: forerun replay ~/.claude/projects --train ~/old-logs --mode tools
            """)

    @Argument(help: "Files and directories with recorded runs.", completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("Only the runs of this agent or domain.", valueName: "name"))
    var domain: String?

    @Option(help: ArgumentHelp("At most so many runs of each domain.", valueName: "number"))
    var runs: Int?

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Learn from these runs first.", valueName: "path"),
        completion: .file())
    var train: [String] = []

    @Option(
        help: ArgumentHelp("Who guesses, with commas: \(ReplaySource.allNames).", valueName: "names"))
    var speculators = ReplaySource.standard.map(\.rawValue).joined(separator: ",")

    @Option(help: "What runs ahead: \(SpeculationPolicy.Mode.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mode = SpeculationPolicy.Mode.full.rawValue

    @Option(help: ArgumentHelp("How long the actor takes.", valueName: "law"))
    var actorLatency = "recorded"

    @Option(help: ArgumentHelp("How long calls take.", valueName: "law"))
    var toolLatency = "recorded"

    @Option(help: ArgumentHelp("Draws latencies; the same seed gives the same figures.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Where tau-bench's databases are.", valueName: "directory"), completion: .directory)
    var records: String?

    @Option(
        help: ArgumentHelp("What calls of unknown effect are taken for: external or contained.", valueName: "effect"))
    var assume = Effect.external.rawValue

    @Option(help: "Whether text beside calls stays in the transcript: keep or drop.")
    var commentary = Commentary.keep.rawValue

    @Flag(help: "Print JSON lines: runs, what was not replayed, domains, and a summary at last.")
    var json = false

    @Option(help: ArgumentHelp("Write plots to this file.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    func run() async throws {
        let options = try options()
        // Before the work: nobody waits for figures that cannot be written.
        let file = try svg.map { path throws(Complaint) in try ResultFile(path, for: "the plots") }
        let report = try await report(options)
        try file?.write(report.plots)
        if json {
            OutputFile.standard.write(report.objects.map { $0.text + "\n" }.joined())
        } else {
            OutputFile.standard.write(report.lines.map { DisplayText.harmless($0) + "\n" }.joined())
        }
        if report.isInterrupted { throw ExitStatus.interrupted }
    }

    private func report(_ options: ReplayOptions) async throws -> ReplayReport {
        let isShown = OutputFile.error.isTerminal
        let signals = Signals()
        let progress = ProgressLine(isShown: isShown)
        do throws(ReplayError) {
            let replay = try Replay(options)
            let work = Task { try await replay.run { progress.show("\($0)") } }
            signals.onFirst { work.cancel() }
            defer {
                signals.clear()
                progress.clear()
            }
            let result = await work.result
            switch result {
            case .success(let report): return report
            case .failure(let error): throw error as? ReplayError ?? ReplayError("\(error)", remedy: "Try again")
            }
        } catch {
            throw Complaint(error.message, remedy: error.remedy, status: error.isUsage ? .usage : .failed)
        }
    }
}

extension ReplayCommand {
    private func options() throws(Complaint) -> ReplayOptions {
        try InputPaths.check(paths + train)
        if let runs, runs < 1 {
            throw Complaint("--runs \(runs) replays nothing", remedy: "Give at least 1", status: .usage)
        }
        var options = ReplayOptions(paths: paths)
        options.domain = domain
        options.limit = runs
        options.training = train
        options.sources = []
        for name in speculators.split(separator: ",") {
            let source = try choice(String(name), "speculators", ReplaySource.self)
            guard !options.sources.contains(source) else {
                throw Complaint("--speculators names \(name) twice", remedy: "Name each once", status: .usage)
            }
            options.sources.append(source)
        }
        options.mode = try choice(mode, "mode", SpeculationPolicy.Mode.self)
        do throws(ReplayError) {
            options.actorLatency = try ReplayLaw(parsing: actorLatency)
            options.toolLatency = try ReplayLaw(parsing: toolLatency)
        } catch {
            throw Complaint(error.message, remedy: error.remedy, status: .usage)
        }
        options.seed = seed
        options.records = records
        let effect = try choice(assume, "assume", Effect.self)
        guard effect != .readOnly else {
            throw Complaint(
                "--assume readOnly would run unknown changes ahead without a branch",
                remedy: "Give external or contained", status: .usage)
        }
        options.assumesContained = effect == .contained
        options.commentary = try choice(commentary, "commentary", Commentary.self)
        return options
    }

    private func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ option: String, _ type: Value.Type
    ) throws(Complaint) -> Value {
        if let value = Value(rawValue: text) { return value }
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw Complaint("--\(option) does not know '\(text)'", remedy: "It knows \(names)", status: .usage)
    }
}
