import Foundation
import Subprocess
import SystemPackage

/// How long `forerun --version` takes from start to end.
struct StartUpBenchmark: Benchmark {
    let name = "startup"

    func run(report: (Measurement) -> Void) async throws {
        func median(_ program: String, _ arguments: Arguments) async throws -> Double {
            var times: [Double] = []
            let clock = ContinuousClock()
            for _ in 0..<31 {
                let start = clock.now
                _ = try await Subprocess.run(
                    .path(FilePath(program)), arguments: arguments, output: .discarded, error: .discarded)
                let duration = clock.now - start
                times.append(
                    Double(duration.components.attoseconds) * 1e-15 + Double(duration.components.seconds) * 1000)
            }
            return times.sorted()[times.count / 2]
        }
        report(
            Measurement(
                of: "forerun --version", metric: "wall, median of 31", unit: "ms",
                value: try await median(Layout.forerun, ["--version"]), baseline: "/bin/true",
                baselineValue: try await median("/bin/true", [])))
    }
}
