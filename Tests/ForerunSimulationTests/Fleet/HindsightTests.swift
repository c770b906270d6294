import ForerunCore
import ForerunSimulation
import Testing

/// `make bench NAME=hindsight` plays all of it with more agents; here is the hardest of the twelve.
struct HindsightTests {
    /// Two slots, little money, guesses that are rarely right: most of what can be started should not be, and what is under
    /// way takes up the limit long before it is spent.
    @Test func littleMoneyGoesToTheBest() async {
        let hindsight = Hindsight(.init(accuracy: 0.2, tool: 0.1, slots: 2, limit: 0.5), agents: 16, seed: 1)
        let best = hindsight.fixed(width: 3, depth: 4)
        await Task.yield()
        let fastest = hindsight.value(.fastest)
        #expect(fastest.saved >= 0.9 * best.saved, "\(fastest) beside \(best)")
        #expect(fastest.extraCost <= best.extraCost, "\(fastest) beside \(best)")
        await Task.yield()
        let thrifty = hindsight.value(.thrifty)
        #expect(thrifty.extraCost <= 0.25 && thrifty.saved > 0, "\(thrifty)")
    }

    @Test func thereAreTwelveRegimes() {
        #expect(Set(Hindsight.Regime.all).count == 12)
        #expect("\(Hindsight.Regime.all[11])" == "2 slots and at most 0.5, calls of 1.0 s, p 0.8")
    }
}
