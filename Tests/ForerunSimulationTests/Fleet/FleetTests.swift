import ForerunCore
import ForerunSimulation
import Testing

struct FleetTests {
    /// One guess a turn, right with `p`; everything that may be needed is started.
    private func spec(_ p: Double, depth: Int, agents: Int) -> FleetSpec {
        var spec = FleetSpec()
        spec.agents = agents
        spec.accuracy = [p]
        spec.learns = false
        spec.policy = SpeculationPolicy(
            rule: .threshold, width: 1, depth: depth, threshold: 0, maxExtraCost: .unlimited)
        spec.policy.hasKillSwitch = false
        spec.seed = 11
        return spec
    }

    /// One turn ahead, commit after confirmation, speculation on hit steps: the closed form of `Documentation/lookahead.md`.
    @Test func oneTurnAheadSavesWhatTheFormulaSays() {
        let p = 0.547
        let turns = 30.0
        let q = 0.5 * p * (10.0 / 11)
        let expected = q / (1 + q) * (1 - 1 / (turns * (1 + q)))
        let saved = FleetComparison(spec(p, depth: 1, agents: 60)).saved
        #expect(abs(saved - expected) < 0.02, "\(saved) instead of \(expected)")
    }

    /// Fixed latencies, every guess right, guesses ten times as fast: at most as long as 0.22 of the time in turn.
    @Test func chainsOfRightGuessesTakeLittleMoreThanTheGuesses() {
        var chain = spec(1, depth: 8, agents: 1)
        chain.actor = .fixed(1)
        chain.guess = .fixed(0.1)
        chain.turns = 60
        let saved = FleetComparison(chain).saved
        #expect(saved >= 0.78 && saved < 0.9)
    }

    @Test(arguments: SpeculationPolicy.Rule.allCases)
    func noAgentEndsLater(_ rule: SpeculationPolicy.Rule) {
        var spec = spec(0.3, depth: 3, agents: 6)
        spec.policy.rule = rule
        spec.accuracy = [0.3, 0.2]
        spec.policy.width = 2
        spec.spacing = 1_000_000
        spec.actorSlots = 2
        spec.tool = .exponential(0.3)
        let comparison = FleetComparison(spec)
        #expect(comparison.on.durations.count == 6 && comparison.on.failed == 0)
        for (on, off) in zip(comparison.on.durations, comparison.off.durations) { #expect(on <= off + 1e-6) }
    }

    /// Several agents want more slots than shadow work may take, while the real path leaves some of its own free: it ends.
    @Test(arguments: [2, 3, 6]) func agentsThatWaitForTheSameSlotsEnd(_ agents: Int) {
        var spec = spec(0.47, depth: 4, agents: agents)
        spec.accuracy = [0.47, 0.25, 0.16]
        spec.policy = SpeculationPolicy(width: 3, depth: 4, maxExtraCost: .unlimited)
        spec.learns = true
        spec.actorSlots = agents * 3 / 2
        spec.spacing = 0
        spec.tool = .exponential(0.3)
        let result = FleetDriver(spec).run(atMost: 100_000)
        #expect(result.durations.count == agents && result.failed == 0)
    }

    @Test func theSameSeedGivesTheSameFigures() {
        let small = spec(0.5, depth: 2, agents: 3)
        #expect(FleetComparison(small) == FleetComparison(small))
        var other = small
        other.seed = 12
        #expect(FleetComparison(other).on.durations != FleetComparison(small).on.durations)
    }

    /// Money is worth more to the thrifty: they waste less, and save less.
    @Test func speedIsBoughtWithCost() {
        let fleets = SpeculationPolicy.Speed.allCases.map { speed in
            var spec = spec(0.547, depth: 4, agents: 8)
            spec.policy = SpeculationPolicy(rule: .value, speed: speed, width: 1)
            return FleetComparison(spec)
        }
        #expect(fleets[0].on.extraCost <= 0.25 && fleets[1].on.extraCost <= 1)
        #expect(fleets[0].on.extraCost < fleets[1].on.extraCost)
        #expect(fleets[0].saved > 0.02 && fleets[0].saved < fleets[1].saved)
    }

    /// Guesses that are stated as nearly certain, and nearly never right.
    private var liar: FleetSpec {
        var liar = spec(0.02, depth: 2, agents: 2)
        liar.turns = 50
        liar.misstatement = 0.9
        liar.policy = SpeculationPolicy(rule: .value, width: 1, depth: 2, maxExtraCost: .unlimited)
        return liar
    }

    @Test func aSourceThatLosesIsTurnedOff() async {
        let watched = FleetDriver(liar).run()
        for agent in watched.statistics {
            #expect(agent.switched.first?.change.source == "guess" && agent.switched.first?.change.isOn == false)
        }
        // Sixteen turns later it gets another chance.
        #expect(watched.statistics.contains { $0.switched.contains { $0.change.isOn } })
        await Task.yield()
        var unwatched = liar
        unwatched.policy.hasKillSwitch = false
        let free = FleetDriver(unwatched).run()
        #expect(!free.statistics.contains { !$0.switched.isEmpty })
        #expect(watched.extraCost < free.extraCost / 2, "\(watched.extraCost), \(free.extraCost)")
    }

    /// Who only watches loses nothing that counts.
    @Test func observingIsNotTurnedOff() {
        var observing = liar
        observing.policy = SpeculationPolicy(mode: .observe, width: 1, maxExtraCost: .unlimited)
        for agent in FleetDriver(observing).run().statistics {
            #expect(agent.switched.isEmpty && agent.predicted > observing.turns * 3 / 4)
        }
    }

    /// A rate limit that is nearly used up by the runs themselves leaves nothing to speculation.
    @Test func aBusyEndpointIsNotSpeculatedOn() {
        var busy = spec(0.5, depth: 2, agents: 12)
        busy.turns = 15
        busy.requestsPerMinute = 480
        let comparison = FleetComparison(busy)
        #expect(comparison.on.failed == 0 && comparison.off.failed == 0)
        #expect(comparison.on.quantile(0.5) <= comparison.off.quantile(0.5) * 1.02)
        #expect(comparison.on.quantile(0.99) <= comparison.off.quantile(0.99) * 1.02)
    }
}
