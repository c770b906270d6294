import ForerunCore
import ForerunSimulation
import Foundation
import Testing

/// What is learnt of one position is looked at only there. That must come to the same as looking at everything.
struct LookAgainTests {
    static let scenarios: UInt64 = ProcessInfo.processInfo.environment["FORERUN_SOAK"] == nil ? 1_000 : 200_000

    @Test func looksAtAsMuchAsItMust() async {
        for seed in 0..<Self.scenarios {
            await Task.yield()
            var scenario = Scenario(seed: seed)
            // A threshold knows no time: whatever would be started or ended by looking at everything was missed.
            scenario.policy.rule = .threshold
            // Of what grows old by itself, and of races between two executions, only the next whole look takes notice.
            scenario.timeToLive = nil
            scenario.policy.canLiftRestrictions = true
            scenario.slowdown = 1
            var driver = SimulationDriver(scenario, checksPlans: true)
            driver.run()
            if !driver.violations.isEmpty { Issue.record("seed \(seed): \(driver.violations.prefix(3))") }
        }
    }
}
