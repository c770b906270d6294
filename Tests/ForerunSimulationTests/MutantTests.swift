import ForerunCore
import ForerunSimulation
import Testing

/// Each rule that the promises rest on is switched off once: the property check must notice.
struct MutantTests {
    struct Mutant: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var reserve = SimulationDriver.Reserve.width
        let change: @Sendable (inout Rules) -> Void
    }

    static let mutants: [Mutant] = [
        Mutant("an answer belongs to its bytes alone") { $0.turnIsPartOfKey = false },
        Mutant("a world belongs to its call") { $0.worldBelongsToExecution = false },
        Mutant("reads never go stale") { $0.readsGoStale = false },
        Mutant("effects precede causes") { $0.causesPrecedeEffects = false },
        Mutant("external calls start when sealed") { $0.externalCallsWait = false },
        Mutant("external calls of unknown outcome are retried") { $0.unknownOutcomesStand = false },
        Mutant("cancelled work frees its slot at once") { $0.slotsUntilEnded = false },
        Mutant("restricted work is not hedged") { $0.hedges = false },
        Mutant("what failed ahead is tried ahead again") { $0.failuresAheadAreBarred = false },
        Mutant("approved calls run ahead") { $0.approvedCallsWait = false },
        Mutant("layers are discarded under running work") { $0.discardsAfterEnd = false },
        Mutant("reads survive writes") { $0.writesEndReads = false },
        Mutant("cost is not reserved") { $0.costIsReserved = false },
        Mutant("tainted outputs are used") { $0.taintedOutputsAreDropped = false },
        Mutant("barriers hold nothing") { $0.barriersHold = false },
        Mutant("external calls overtake commits") { $0.commitsPrecedeExternalCalls = false },
        Mutant("approvals overtake commits") { $0.commitsPrecedeApprovals = false },
        Mutant("what the user refuses is made") { $0.denialsHold = false },
        Mutant("unused worlds stay") { $0.unusedWorldsAreDiscarded = false },
        Mutant("shadow work enters the reserve", reserve: .one) { _ in },
    ]

    @Test(arguments: mutants)
    func isCaught(_ mutant: Mutant) async {
        var rules = Rules()
        mutant.change(&rules)
        for seed in UInt64(0)..<4000 {
            // Other tests, which wait for servers, have their turn.
            await Task.yield()
            if !violations(seed: seed, rules: rules, reserve: mutant.reserve).isEmpty { return }
        }
        Issue.record("no scenario notices this mutant")
    }
}

extension MutantTests.Mutant {
    init(
        _ description: String, reserve: SimulationDriver.Reserve = .width,
        change: @escaping @Sendable (inout Rules) -> Void
    ) {
        testDescription = description
        self.reserve = reserve
        self.change = change
    }
}
