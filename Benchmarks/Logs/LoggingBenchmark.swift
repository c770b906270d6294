import ForerunCore
import ForerunRuntime
import Foundation

/// What keeping a log costs, where everything else costs next to nothing: the agent of 20 steps against a server without latency,
/// with and without a log, in turns.
struct LoggingBenchmark: Benchmark {
    let name = "logging"

    private static let pairs = 200

    private struct Cost {
        var cpu = 0.0
        var wall = 0.0
        /// Seconds before it, until the files of the log are there.
        var making = 0.0
    }

    func run(report: (Measurement) -> Void) async throws {
        // Where logs lie. Not where much was removed a moment ago: ext4 passes over each inode that was free for less than a
        // minute, and a new directory takes as long as that takes.
        let home =
            (ProcessInfo.processInfo.environment["XDG_STATE_HOME"] ?? NSHomeDirectory() + "/.local/state")
            + "/forerun-logging-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let measurements = try await MockProcess.with(script: "overhead") { url in
            var all: [Measurement] = []
            for mode in [SpeculationPolicy.Mode.off, .full] { all += try await compare(mode, url, home) }
            return all
        }
        for measurement in measurements { report(measurement) }
    }

    private func compare(_ mode: SpeculationPolicy.Mode, _ url: String, _ home: String) async throws -> [Measurement] {
        var pairs: [(with: Cost, without: Cost)] = []
        for number in 0..<(Self.pairs + 10) {
            var pair = (with: Cost(), without: Cost())
            // Whichever comes second finds warmer caches, so they take turns.
            for isLogged in number % 2 == 0 ? [true, false] : [false, true] {
                let cost = try await once(mode, url, home: isLogged ? home : nil, number)
                if isLogged { pair.with = cost } else { pair.without = cost }
            }
            // The first ones warm up.
            if number >= 10 { pairs.append(pair) }
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let name = mode == .off ? "sequential" : "speculative, every guess right"
        let steps = 21.0
        let making = Measurement(
            of: name, metric: "wall until the files of a log are made, before the run begins", unit: "ms",
            value: median(pairs.map(\.with.making)) * 1000)
        return [making]
            + [("client CPU", \Cost.cpu), ("wall", \Cost.wall)].flatMap { metric, value in
                let with = median(pairs.map { $0.with[keyPath: value] })
                let without = median(pairs.map { $0.without[keyPath: value] })
                let ratios = pairs.map { $0.with[keyPath: value] / max($0.without[keyPath: value], 1e-9) }
                return [
                    Measurement(
                        of: name, metric: "\(metric) a step with a log, median of \(pairs.count)", unit: "ms",
                        value: with / steps * 1000, baseline: "without a log", baselineValue: without / steps * 1000),
                    Measurement(
                        of: name, metric: "\(metric) with a log to without, median of paired ratios", unit: "ratio",
                        value: median(ratios)),
                ]
            }
    }

    private func once(_ mode: SpeculationPolicy.Mode, _ url: String, home: String?, _ number: Int) async throws -> Cost
    {
        let clock = ContinuousClock()
        let before = clock.now
        let log = try home.map { try RunLog(variables: ["XDG_STATE_HOME": $0]) }
        let cpu = Usage.cpuSeconds
        let start = clock.now
        _ = try await StepsAgent(url: url, mode: mode, policy: StepsAgent.deep, log: log).run(task: "run \(number)")
        // What is still to be written is a part of it.
        log?.handOver()
        let end = clock.now
        // What a run with effects waits for is not what an empty one costs: the device is not asked here.
        return Cost(
            cpu: Usage.cpuSeconds - cpu, wall: (end - start) / .seconds(1), making: (start - before) / .seconds(1))
    }
}
