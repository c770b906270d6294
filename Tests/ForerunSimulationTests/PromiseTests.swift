import ForerunCore
import ForerunSimulation
import Foundation
import Testing

/// Promises 1 and 2 over random interleavings. A failure prints the seed that reproduces it.
struct PromiseTests {
    static let scenarios: UInt64 = ProcessInfo.processInfo.environment["FORERUN_SOAK"] == nil ? 20_000 : 10_000_000
    /// So many parts of them are played at the same time.
    private static let parts: UInt64 = 4

    @Test(arguments: 0..<parts) func everyScenarioIsLosslessAndNeverLater(part: UInt64) async {
        var failures = 0
        for seed in stride(from: part, to: Self.scenarios, by: UInt64.Stride(Self.parts)) {
            // Other tests, which wait for servers, have their turn.
            await Task.yield()
            let wrong = violations(seed: seed)
            if !wrong.isEmpty {
                failures += 1
                if failures <= 5 { Issue.record("seed \(seed): \(wrong)") }
            }
        }
        #expect(failures == 0)
    }

    /// Those that once failed, among millions.
    @Test(arguments: [77_700, 406_808, 572_068, 5_302_857, 8_396_527] as [UInt64]) func whatFailedHolds(seed: UInt64) {
        #expect(violations(seed: seed) == [])
    }
}

/// `FORERUN_SEED=48 swift test --filter SeedReplay` prints one scenario, event by event.
struct SeedReplay {
    static let seed = ProcessInfo.processInfo.environment["FORERUN_SEED"].flatMap { UInt64($0) }

    @Test(.enabled(if: seed != nil, "set FORERUN_SEED to replay one scenario"))
    func printsTheScenario() throws {
        let seed = try #require(Self.seed)
        var driver = SimulationDriver(Scenario(seed: seed), keepsTrace: true)
        driver.run()
        let wrong = violations(seed: seed)
        #expect(wrong.isEmpty, "seed \(seed): \(wrong)\n\(driver.trace.joined(separator: "\n"))")
    }
}
