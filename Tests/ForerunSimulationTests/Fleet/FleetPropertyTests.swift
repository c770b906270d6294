import ForerunCore
import ForerunSimulation
import ForerunTesting
import Foundation
import Testing

/// Several runs on one scheduler, of which none may wait for what another one guesses.
struct FleetPropertyTests {
    private static let fleets: UInt64 = getenv("FORERUN_SOAK") == nil ? 60 : 20_000

    /// Agents that want the same slots, each with one of its own.
    private static func spec(_ seed: UInt64) -> FleetSpec {
        var random = SeededGenerator(seed: seed)
        var spec = FleetSpec()
        spec.seed = seed
        spec.agents = Int.random(in: 2...6, using: &random)
        spec.turns = Int.random(in: 2...10, using: &random)
        spec.spacing = [0, 0, 0.3, 2].randomElement(using: &random) ?? 0
        spec.actorSlots = spec.agents + Int.random(in: 0...spec.agents + 2, using: &random)
        let laws: [ReplayLaw] = [.fixed(0), .fixed(0.2), .exponential(0.1), .exponential(0.5)]
        spec.actor = Bool.random(using: &random) ? .exponential(1) : .fixed(1)
        spec.guess = laws.randomElement(using: &random) ?? .fixed(0)
        spec.tool = laws.randomElement(using: &random) ?? .fixed(0)
        let width = Int.random(in: 1...3, using: &random)
        let right = Double.random(in: 0...1, using: &random)
        spec.accuracy = (0..<width).map { right * [0.6, 0.25, 0.15][$0] }
        spec.learns = Bool.random(using: &random)
        spec.policy = SpeculationPolicy(
            rule: SpeculationPolicy.Rule.allCases.randomElement(using: &random) ?? .value, width: width,
            depth: Int.random(in: 1...4, using: &random), maxExtraCost: .unlimited)
        spec.pieces = [0, 0, 3].randomElement(using: &random) ?? 0
        return spec
    }

    @Test func everyAgentEndsAndNoneLaterThanInTurn() async {
        let first = UInt64.random(in: 0..<1_000_000)
        for seed in first..<first + Self.fleets {
            // Other tests, which wait for servers, have their turn.
            await Task.yield()
            let spec = Self.spec(seed)
            var inTurn = spec
            inTurn.policy.mode = .off
            let off = FleetDriver(inTurn).run(atMost: 100_000)
            let on = FleetDriver(spec).run(atMost: 100_000)
            #expect(off.durations.count == spec.agents && off.failed == 0, "seed \(seed)")
            #expect(on.durations.count == spec.agents && on.failed == 0, "seed \(seed)")
            // Whoever ends first: were each no later, neither would the first be, nor the second, and so on.
            for (on, off) in zip(on.durations.sorted(), off.durations.sorted()) {
                #expect(on <= off + 1e-6, "seed \(seed)")
            }
        }
    }
}
