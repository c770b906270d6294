import ForerunCore
import ForerunSimulation

/// How near the rule that decides by value comes to the best choice of width and depth, found afterwards; simulated.
struct HindsightBenchmark: Benchmark {
    let name = "hindsight"
    private static let agents = 32
    private static let seed = 1

    func run(report: (Measurement) -> Void) async throws {
        for regime in Hindsight.Regime.all {
            let hindsight = Hindsight(regime, agents: Self.agents, seed: UInt64(Self.seed))
            guard let best = hindsight.fixed.max(by: { $0.saved < $1.saved }) else { continue }
            for (title, outcome) in [
                ("thrifty", hindsight.value(.thrifty)), ("balanced", hindsight.value(.balanced)),
                ("fastest", hindsight.value(.fastest)),
                ("fastest, stated 0.2 too low, learnt", hindsight.value(.fastest, misstatement: -0.2)),
                ("fastest, stated 0.2 too high, learnt", hindsight.value(.fastest, misstatement: 0.2)),
            ] {
                for (metric, value, ofBest) in [
                    ("saved", outcome.saved, best.saved), ("extra cost", outcome.extraCost, best.extraCost),
                ] {
                    report(
                        Measurement(
                            of: "\(regime): \(title)", metric: metric, unit: "share", value: value,
                            baseline: "\(best.label), the best of nine", baselineValue: ofBest, seed: Self.seed))
                }
            }
        }
    }
}
