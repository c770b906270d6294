import Dispatch
import ForerunCore
import ForerunStore
import Foundation
import Synchronization

/// A year of logs, 10,000 runs and some 1.7 GB: how fast the index is made of them, and how long it then takes to list runs and to
/// show one. Whole processes, with the files in the system's cache.
///
/// `FORERUN_LOGS` sets another number of runs. Everything lies in a directory of its own below `TMPDIR`, and is removed.
struct LogsBenchmark: Benchmark {
    let name = "logs"

    private static let runs = ProcessInfo.processInfo.environment["FORERUN_LOGS"].flatMap { Int($0) } ?? 10_000
    private static let seed: UInt64 = 1

    func run(report: (Measurement) -> Void) async throws {
        let home = FileManager.default.temporaryDirectory.path + "/forerun-logs-\(getpid())"
        defer { try? FileManager.default.removeItem(atPath: home) }
        let directory = RunStateDirectory(path: home + "/state/forerun/runs")
        let sizes = try generate(in: directory)
        let megabytes = Double(sizes.reduce(0, +)) / 1e6
        let variables = ["HOME": home, "XDG_STATE_HOME": home + "/state", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"]
        let title = "\(sizes.count) runs, \(Int(megabytes)) MB"
        func add(_ metric: String, _ unit: String, _ value: Double) {
            report(Measurement(of: title, metric: metric, unit: unit, value: value, seed: Int(Self.seed)))
        }

        let rebuild = try ChildProcess.cost(Layout.forerun, ["runs", "--rebuild"], variables)
        add("index rebuild", "MB/s", megabytes / rebuild.seconds)
        add("index rebuild, CPU", "s", rebuild.cpuSeconds)
        add("index rebuild, peak memory", "MB", rebuild.peakMegabytes)
        add("size of the index", "MB", Double(Self.size(home + "/state/forerun/runs.sqlite")) / 1e6)

        let order = sizes.indices.sorted { sizes[$0] < sizes[$1] }
        let middle = SyntheticLogs.name(order[order.count / 2]).description
        let large = SyntheticLogs.name(order[order.count - 1]).description
        let cases: [(String, [String])] = [
            ("forerun runs", ["runs"]), ("forerun runs parser timeout", ["runs", "parser", "timeout"]),
            ("forerun runs --report", ["runs", "--report"]), ("forerun show, a run of median size", ["show", middle]),
            ("forerun show, the largest run (\(sizes[order[order.count - 1]] / 1_000_000) MB)", ["show", large]),
        ]
        for (name, arguments) in cases {
            _ = try ChildProcess.cost(Layout.forerun, arguments, variables)
            let costs = try (0..<21).map { _ in try ChildProcess.cost(Layout.forerun, arguments, variables) }
            let times = costs.map(\.seconds).sorted()
            add("\(name), median", "ms", times[times.count / 2] * 1000)
            add("\(name), 95th percentile", "ms", times[times.count * 95 / 100] * 1000)
        }
    }

    /// Writes the logs, on all processors. - Returns: the size of each.
    private func generate(in directory: RunStateDirectory) throws -> [Int] {
        let logs = SyntheticLogs(seed: Self.seed)
        let sizes = Mutex([Int](repeating: 0, count: Self.runs))
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: Self.runs) { number in
            do {
                let size = try logs.write(number, in: directory)
                sizes.withLock { $0[number] = size }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
        return sizes.withLock { $0 }
    }

    private static func size(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}
