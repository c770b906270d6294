import ForerunCore
import ForerunRuntime
import ForerunSimulation

/// Whether the simulator says what happens: the same regimes on a clock, over real HTTP, and simulated; and many agents on
/// one endpoint that bears only so much, live and simulated.
struct LookAheadBenchmark: Benchmark {
    let name = "lookahead"

    /// One law of answers and guesses, as in its script.
    private struct Regime: Sendable {
        var title: String
        var script: String
        var actor: ReplayLaw
        var guess: ReplayLaw
        var accuracy: Double
        var depth: Int
    }

    private static let regimes = [
        Regime(
            title: "exponential 0.3 s, guesses 0.03 s, p 0.55, depth 4", script: "steps-exponential",
            actor: .exponential(0.3), guess: .exponential(0.03), accuracy: 0.55, depth: 4),
        Regime(
            title: "exponential 0.3 s, guesses 0.1 s, p 0.8, depth 2", script: "lookahead-slow-guesses",
            actor: .exponential(0.3), guess: .exponential(0.1), accuracy: 0.8, depth: 2),
        Regime(
            title: "fixed 0.3 s, guesses 0.03 s, p 0.9, depth 8", script: "lookahead-fixed", actor: .fixed(0.3),
            guess: .fixed(0.03), accuracy: 0.9, depth: 8),
    ]
    private static let seeds = 60
    private static let together = 12

    func run(report: (Measurement) -> Void) async throws {
        for regime in Self.regimes { report(try await Self.measure(regime)) }
        report(try await Self.allWrong())
        for measurement in try await SharedEndpoint.live() { report(measurement) }
        for measurement in SharedEndpoint.simulated() { report(measurement) }
    }

    /// Everything that may be needed is started: nothing depends on what has been learnt.
    private static func policy(depth: Int) -> SpeculationPolicy {
        var policy = SpeculationPolicy(
            rule: .threshold, width: 1, depth: depth, threshold: 0, maxExtraCost: .unlimited)
        policy.hasKillSwitch = false
        return policy
    }

    private static func measure(_ regime: Regime) async throws -> Measurement {
        let times = try await pooled(script: regime.script, policy(depth: regime.depth))
        var spec = FleetSpec()
        spec.agents = 400
        spec.turns = 21
        spec.spacing = 1_000_000
        spec.actor = regime.actor
        spec.guess = regime.guess
        spec.accuracy = [regime.accuracy]
        spec.learns = false
        spec.policy = policy(depth: regime.depth)
        return Measurement(
            of: regime.title + ", \(seeds) seeds pooled", metric: "time with speculation over time in turn",
            unit: "ratio", value: times.speculative / times.sequential, baseline: "simulated",
            baselineValue: 1 - FleetComparison(spec).saved, seed: 1)
    }

    private static func allWrong() async throws -> Measurement {
        // As users run it: what is never right is found out, and turned off.
        let times = try await pooled(script: "steps-miss", SpeculationPolicy(maxExtraCost: .unlimited))
        return Measurement(
            of: "every guess wrong, K 3, \(seeds) runs pooled", metric: "wall", unit: "s", value: times.speculative,
            baseline: "sequential", baselineValue: times.sequential)
    }

    /// Each task is a seed of its own: the server draws anew.
    private static func pooled(
        script: String, _ policy: SpeculationPolicy
    ) async throws -> (sequential: Double, speculative: Double) {
        let pairs = try await MockProcess.with(script: script) { url in
            _ = try await StepsAgent(url: url, policy: policy).run(task: "warm up")
            return try await inGroups(of: together, count: seeds) { seed in
                let sequential = try await StepsAgent(url: url, mode: .off).run(task: "seed \(seed)")
                let speculative = try await StepsAgent(url: url, policy: policy).run(task: "seed \(seed)")
                try same(sequential, speculative)
                return (sequential.seconds, speculative.seconds)
            }
        }
        return pairs.reduce(into: (0, 0)) {
            $0.0 += $1.0
            $0.1 += $1.1
        }
    }
}
