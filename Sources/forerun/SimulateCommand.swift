import ArgumentParser
import ForerunCore
import ForerunRuntime
import ForerunSimulation
import Glibc

/// `forerun simulate`: says what speculation would do for agents that do not exist yet.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Say what speculation would save for a fleet of agents, on a virtual clock.",
        discussion: """
            How many agents does this endpoint bear? How deep is it worth to look? Simulated agents share one endpoint; the \
            unchanged core decides for each of them. Every case is played twice with the same draws: in turn, and with \
            speculation. No model is asked.

            THE FILE (YAML; all keys can be left out)
              agents: 200             # how many
              turns: 30               # each; every turn makes one read-only call
              spacing: 0.5            # seconds between their starts, on average
              actor: exponential:4    # how long answers take
              guess: exponential:0.4  # and guesses
              tool: fixed:0.5         # and calls
              accuracy: [0.55, 0.2]   # that the first, second ... guess is right
              misstatement: 0.1       # they state so much more than is true
              learns: false           # and are believed; else it is learnt
              slots: 40               # requests at a time
              requestsPerMinute: 900  # what comes on top is refused
              seed: 1
              speculation:            # as in agent files
                speed: balanced
              sweep:                  # every combination is a case
                speculation.depth: [1, 2, 4]
                accuracy: [[0.2], [0.5], [0.8]]

            Laws are fixed:SECONDS, exponential:MEAN, lognormal:MEDIAN,P90.

            EXIT CODES
              0 done, 1 failed, 2 wrong usage, 3 a wrong file, 130 interrupted (the
              cases until then are printed).

            Use it so: forerun simulate fleet.yaml --svg fleet.svg
            """)

    @Argument(help: "The file.", completion: .file(extensions: ["yaml", "yml"]))
    var file: String

    @Flag(help: "Print JSON lines, a case each.")
    var json = false

    @Option(help: ArgumentHelp("Write plots to this file.", valueName: "file"), completion: .file(extensions: ["svg"]))
    var svg: String?

    func run() async throws {
        let spec = try spec()
        let plots = try svg.map { path throws(Complaint) in try ResultFile(path, for: "the plots") }
        let report = await play(spec)
        try plots?.write(report.plots)
        let lines = json ? report.cases.map(\.json.text) : report.lines
        OutputFile.standard.write(lines.map { DisplayText.harmless($0) + "\n" }.joined())
        if report.isInterrupted { throw ExitStatus.interrupted }
    }

    private func spec() throws(Complaint) -> SimulationSpec {
        do throws(ConfigurationError) {
            guard let text = try FileAccess.text(of: file) else {
                throw ConfigurationError(
                    .missing, "there is no file \(file)", at: .file(file, line: 0), remedy: "Name a file that exists")
            }
            return try SimulationSpec(text: text, file: file)
        } catch {
            throw Complaint(error)
        }
    }

    private func play(_ spec: SimulationSpec) async -> FleetReport {
        let signals = Signals()
        let progress = ProgressLine(isShown: OutputFile.error.isTerminal)
        let work = Task { @concurrent in
            var done: [FleetComparison] = []
            for (index, item) in spec.cases.enumerated() where !Task.isCancelled {
                progress.show("\(index + 1) of \(spec.cases.count) cases")
                done.append(FleetComparison(item.spec, label: item.label))
            }
            return done
        }
        signals.onFirst { work.cancel() }
        defer {
            signals.clear()
            progress.clear()
        }
        let done = await work.value
        return FleetReport(done, isInterrupted: work.isCancelled && done.count < spec.cases.count)
    }
}
