import ForerunCore
import ForerunSimulation

/// What the simulator comes to where there is a formula or a figure of the literature: the chess regime of Speculative Actions
/// (exponential laws, guesses ten times as fast, 30 turns), committed after confirmation, one guess a turn.
struct TheoryBenchmark: Benchmark {
    let name = "theory"
    private static let agents = 300
    private static let turns = 30.0

    func run(report: (Measurement) -> Void) async throws {
        for accuracy in [0.3, 0.547, 0.9] {
            for commit in TheoryModel.Commit.allCases {
                let model = TheoryModel(commit, accuracy: accuracy, guess: 0.1, turns: Int(Self.turns))
                report(
                    Self.measurement(
                        "\(commit), drawn, p \(accuracy)", saved: model.simulated(runs: 3000, seed: 7), "formula",
                        model.expected))
            }
            let q = 0.5 * accuracy * (10.0 / 11)
            let expected = q / (1 + q) * (1 - (1 - power(-q, Self.turns)) / (Self.turns * (1 + q)))
            report(
                Self.measurement(
                    "one turn ahead, p \(accuracy)", saved: Self.saved(accuracy, depth: 1), "formula", expected))
        }
        let regimes: [(Double, Int?, Double)] = [(0.547, nil, 0.36), (0.547, 2, 0.3), (0.9, nil, 0.53)]
        for (accuracy, slots, least) in regimes {
            let title = "four turns ahead, p \(accuracy)" + (slots.map { ", \($0) slots" } ?? "")
            report(Self.measurement(title, saved: Self.saved(accuracy, depth: 4, slots: slots), "at least", least))
        }
        var chain = FleetSpec()
        (chain.turns, chain.actor, chain.guess) = (60, .fixed(1), .fixed(0.1))
        report(
            Self.measurement(
                "eight turns ahead, fixed, every guess right", saved: Self.saved(1, depth: 8, in: chain), "at least",
                0.78))
    }

    private func power(_ base: Double, _ exponent: Double) -> Double {
        (0..<Int(exponent)).reduce(1.0) { product, _ in product * base }
    }

    /// Everything that may be needed is started.
    private static func saved(_ accuracy: Double, depth: Int, slots: Int? = nil, in spec: FleetSpec? = nil) -> Double {
        var fleet = spec ?? FleetSpec()
        fleet.agents = spec == nil ? agents : 1
        fleet.accuracy = [accuracy]
        fleet.actorSlots = slots
        fleet.spacing = 1_000_000
        fleet.learns = false
        fleet.policy = SpeculationPolicy(
            rule: .threshold, width: 1, depth: depth, threshold: 0, maxExtraCost: .unlimited)
        fleet.policy.hasKillSwitch = false
        return FleetComparison(fleet).saved
    }

    private static func measurement(
        _ title: String, saved: Double, _ baseline: String, _ value: Double
    ) -> Measurement {
        Measurement(
            of: title, metric: "time saved", unit: "share", value: saved, baseline: baseline, baselineValue: value,
            seed: 1)
    }
}
