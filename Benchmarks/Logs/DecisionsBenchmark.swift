import ForerunCore
import ForerunRuntime
import ForerunStore
import Foundation
import Glibc

/// What writing down the decisions of a run costs: those of the agent of 20 steps against a server without latency, as they were
/// recorded, are made again in memory, with and without it.
struct DecisionsBenchmark: Benchmark {
    let name = "decisions"

    private static let rounds = 400

    func run(report: (Measurement) -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.path + "/forerun-decisions-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let log = try RunLog(variables: ["XDG_STATE_HOME": home])
        _ = try await MockProcess.with(script: "overhead") { url in
            try await StepsAgent(url: url, mode: .full, policy: StepsAgent.deep, log: log).run(task: "Note.")
        }
        log.decisions.handOver()
        let bytes = Array(try Data(contentsOf: URL(filePath: log.decisions.path)))
        var steps: [Rerun.Step] = []
        let rerun = Rerun(bytes) { steps.append($0) }
        guard rerun.isSame, rerun.isWhole, let start = rerun.starts.first else {
            throw BenchmarkError("the run is not decided again the same: \(RerunText(rerun).lines)")
        }
        let environment = NoteEnvironment()
        let book = try ToolBook(
            tools: environment.tools, environment: environment, permissions: Permissions([.init("*", .allow)]))
        var costs: (with: [Double], without: [Double], beginning: [Double], beside: [Double]) = ([], [], [], [])
        for round in 0..<(Self.rounds + 20) {
            // Whichever comes second finds warmer caches, so they take turns.
            for isKept in round.isMultiple(of: 2) ? [true, false] : [false, true] {
                let (beginning, seconds, beside) = try Self.once(start, book, steps, "\(home)/\(round)", isKept: isKept)
                // The first ones warm up.
                guard round >= 20 else { continue }
                isKept ? costs.with.append(seconds) : costs.without.append(seconds)
                if isKept {
                    costs.beginning.append(beginning)
                    costs.beside.append(beside)
                }
            }
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let turns = 21.0
        let added = zip(costs.with, costs.without).map { ($0 - $1) * 1e6 }
        report(
            Measurement(
                of: "speculative, every guess right", metric: "CPU of the core a step, decisions kept", unit: "µs",
                value: median(costs.with) / turns * 1e6, baseline: "not kept",
                baselineValue: median(costs.without) / turns * 1e6))
        report(
            Measurement(
                of: "speculative, every guess right", metric: "CPU a step on top, median of paired differences",
                unit: "µs", value: median(added) / turns))
        report(
            Measurement(
                of: "speculative, every guess right", metric: "CPU an event on top, median of paired differences",
                unit: "µs", value: median(added) / Double(steps.count)))
        report(
            Measurement(
                of: "speculative, every guess right", metric: "CPU as a run begins", unit: "µs",
                value: median(costs.beginning) * 1e6))
        report(
            Measurement(
                of: "speculative, every guess right", metric: "CPU a step to write it beside the run", unit: "µs",
                value: median(costs.beside) / turns * 1e6))
        report(
            Measurement(
                of: "speculative, every guess right", metric: "bytes a step, \(steps.count) events in all",
                unit: "bytes",
                value: Double(bytes.count) / turns))
    }

    /// - Returns: seconds of this thread to begin, for all steps, and to write what was kept, which a run does not wait for.
    private static func once(
        _ start: CoreStart, _ book: ToolBook, _ steps: [Rerun.Step], _ path: String, isKept: Bool
    ) throws -> (beginning: Double, steps: Double, beside: Double) {
        var start = start
        start.setup.book = book
        var slots = Scheduler(capacities: start.capacities)
        slots.join(start.setup.run, reserving: start.reserve)
        guard isKept else {
            var tree = start.tree()
            let before = Usage.threadSeconds
            for step in steps { _ = tree.on(step.event, at: step.time, slots: &slots) }
            return (0, Usage.threadSeconds - before, 0)
        }
        let begin = Usage.threadSeconds
        let log = DecisionLog(path: path)
        guard var (recorder, tree) = DecisionRecorder.begin(log, start) else {
            throw BenchmarkError("nothing is kept")
        }
        let before = Usage.threadSeconds
        for step in steps {
            _ = recorder.step(step.event, at: Int((step.time * 1e9).rounded()), &tree) { $0(&slots) }
        }
        recorder.end()
        let after = Usage.threadSeconds
        log.handOver()
        return (before - begin, after - before, Usage.threadSeconds - after)
    }
}
