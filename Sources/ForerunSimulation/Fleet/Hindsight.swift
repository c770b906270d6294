package import ForerunCore

/// What a rule of admission saves, held against the best fixed choice of width and depth, found afterwards.
///
/// An actor of 1 s, guesses of 0.1 s (both exponential), K guesses a question, right with p, p(1−p), p(1−p)²: each guess
/// finds the right answer with p where those before it have not.
package struct Hindsight: Sendable {
    /// One way that the world may be.
    package struct Regime: Sendable, Hashable, CustomStringConvertible {
        /// That the first guess is right.
        package var accuracy: Double
        /// Seconds of a call, on average (exponential); an answer takes 1.
        package var tool: Double
        /// Questions that may be asked at a time, those of the real path included.
        package var slots: Int
        /// What may be spent in vain, as a multiple of what the run costs; `nil`: anything.
        package var limit: Double?

        package init(accuracy: Double, tool: Double, slots: Int, limit: Double?) {
            self.accuracy = accuracy
            self.tool = tool
            self.slots = slots
            self.limit = limit
        }

        package var description: String {
            let means = limit.map { "\(slots) slots and at most \($0)" } ?? "\(slots) slots"
            return "\(means), calls of \(tool) s, p \(accuracy)"
        }

        /// Twelve: ample and scarce means, quick and slow calls, guesses that are rarely, sometimes and mostly right.
        package static let all: [Regime] = [(4, nil), (2, 0.5)].flatMap { (slots: Int, limit: Double?) in
            [0.1, 1].flatMap { tool in
                [0.2, 0.5, 0.8].map { Regime(accuracy: $0, tool: tool, slots: slots, limit: limit) }
            }
        }
    }

    /// What a choice came to.
    package struct Outcome: Sendable, Hashable {
        /// `K3, depth 4`, or the rule.
        package var label: String
        /// The share of the time in turn.
        package var saved: Double
        /// What was spent in vain, as a multiple of what the runs cost.
        package var extraCost: Double
    }

    package let regime: Regime
    /// Each has the endpoint's slots for itself.
    package let agents: Int
    package let seed: UInt64
    private let sequential: FleetResult

    package init(_ regime: Regime, agents: Int, seed: UInt64) {
        self.regime = regime
        self.agents = agents
        self.seed = seed
        var spec = Self.spec(regime, agents: agents, seed: seed)
        spec.policy.mode = .off
        sequential = FleetDriver(spec).run()
    }

    private static func spec(_ regime: Regime, agents: Int, seed: UInt64) -> FleetSpec {
        var spec = FleetSpec()
        spec.agents = agents
        spec.seed = seed
        spec.spacing = 1_000_000
        spec.tool = .exponential(regime.tool)
        spec.actorSlots = regime.slots
        spec.accuracy = (0..<3).map { rank in
            (0..<rank).reduce(regime.accuracy) { chance, _ in chance * (1 - regime.accuracy) }
        }
        spec.learns = false
        return spec
    }

    private func play(_ policy: SpeculationPolicy, misstatement: Double? = nil) -> (saved: Double, extraCost: Double) {
        var spec = Self.spec(regime, agents: agents, seed: seed)
        spec.policy = policy
        if let misstatement {
            spec.misstatement = misstatement
            spec.learns = true
        }
        let result = FleetDriver(spec).run()
        return (result.saved(against: sequential), result.extraCost)
    }

    private var limit: ExtraCostLimit { ExtraCostLimit(ratio: regime.limit) }

    /// The choices that hindsight has.
    package var fixed: [Outcome] { (1...3).flatMap { width in [1, 2, 4].map { fixed(width: width, depth: $0) } } }

    /// Everything within a width and a depth is started.
    package func fixed(width: Int, depth: Int) -> Outcome {
        var policy = SpeculationPolicy(rule: .threshold, width: width, depth: depth, threshold: 0, maxExtraCost: limit)
        policy.hasKillSwitch = false
        let (saved, extraCost) = play(policy)
        return Outcome(label: "K\(width), depth \(depth)", saved: saved, extraCost: extraCost)
    }

    /// The rule that decides by value. `thrifty` has the limit that goes with it.
    ///
    /// - Parameter misstatement: what is stated of guesses beyond the truth, which the run then learns; `nil`: the truth is.
    package func value(_ speed: SpeculationPolicy.Speed, misstatement: Double? = nil) -> Outcome {
        let own = speed == .thrifty ? ExtraCostLimit.standard(.thrifty) : limit
        let policy = SpeculationPolicy(speed: speed, maxExtraCost: own)
        let (saved, extraCost) = play(policy, misstatement: misstatement)
        return Outcome(label: speed.rawValue, saved: saved, extraCost: extraCost)
    }
}
