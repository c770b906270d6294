import ForerunTesting
import Testing

@testable import ForerunCore

struct LedgerTests {
    /// Costs that are told by one number.
    private func cost(_ amount: Double, isPriced: Bool = true) -> Cost {
        Cost(tokens: Int(amount), money: isPriced ? amount : nil, weight: amount)
    }

    /// How many guesses of this cost are admitted at a time.
    private func admitted(_ next: Cost, after ledger: Ledger = Ledger(), limit: ExtraCostLimit) -> Int {
        var ledger = ledger
        var count = 0
        while count < 100, ledger.admits(next, limit: limit) {
            count += 1
            ledger.reserve(next, for: WorkID(count))
        }
        return count
    }

    @Test(arguments: [true, false])
    func aRunThatHasJustBegunHasAHeadStart(isPriced: Bool) {
        let limit = ExtraCostLimit(ratio: 1)
        #expect(admitted(cost(10, isPriced: isPriced), limit: limit) == ExtraCostLimit.headStart)
        #expect(admitted(cost(10, isPriced: isPriced), limit: ExtraCostLimit(ratio: 0.5)) == 4)
        #expect(admitted(cost(10, isPriced: isPriced), limit: ExtraCostLimit(ratio: 0)) == 0)
        #expect(admitted(cost(10, isPriced: isPriced), limit: .unlimited) == 100)
    }

    @Test func theRatioIsOfWhatTheRunItselfCosts() {
        var ledger = Ledger()
        ledger.cost = cost(1000)
        ledger.answers = 20
        // 20 turns at 50: the head start (8 turns) is behind.
        #expect(admitted(cost(50), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 20)
        #expect(admitted(cost(50), after: ledger, limit: ExtraCostLimit(ratio: 0.25)) == 5)
        ledger.wasted = cost(900)
        #expect(admitted(cost(50), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 2)
        ledger.wasted = cost(1001)
        #expect(admitted(cost(50), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 0)
    }

    @Test func earlyTurnsAreTakenForAsDearAsTheDearestAtHand() {
        var ledger = Ledger()
        ledger.cost = cost(10)
        ledger.answers = 1
        #expect(admitted(cost(100), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 8)
        #expect(admitted(cost(1), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 80)
    }

    @Test func wasteIsHeldAgainstWhatTurnsCostAndNotAgainstWhatTheyMight() {
        var ledger = Ledger()
        ledger.cost = cost(10)
        ledger.answers = 1
        // Eight turns at 10, whatever the next one may cost at most.
        ledger.wasted = cost(80)
        #expect(admitted(cost(100), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 7)
        ledger.wasted = cost(81)
        #expect(admitted(cost(100), after: ledger, limit: ExtraCostLimit(ratio: 1)) == 0)
    }

    @Test func whatMoneyCannotMeasureTheAssumedPricesDo() {
        var ledger = Ledger()
        ledger.answers = 20
        // In money the run was dear; at the assumed prices it was cheap.
        ledger.cost = Cost(tokens: 100, money: 100, weight: 1)
        let priced = Cost(tokens: 1, money: 1, weight: 1)
        let unpriced = Cost(tokens: 1, money: nil, weight: 1)
        #expect(admitted(priced, after: ledger, limit: ExtraCostLimit(ratio: 1)) == 100)
        #expect(admitted(unpriced, after: ledger, limit: ExtraCostLimit(ratio: 1)) == 8)
    }

    @Test func absoluteLimitsCountWasteReservesAndTheNextOne() {
        var ledger = Ledger()
        ledger.wasted = cost(10)
        ledger.reserve(cost(10), for: WorkID(1))
        for limit in [ExtraCostLimit(ratio: nil, tokens: 30), ExtraCostLimit(ratio: nil, money: 30)] {
            #expect(ledger.admits(cost(10), limit: limit))
            #expect(!ledger.admits(cost(11), limit: limit))
        }
        let both = ExtraCostLimit(ratio: nil, tokens: 30, money: 25)
        #expect(!ledger.admits(cost(10), limit: both))
        #expect(ledger.admits(cost(5), limit: both))
    }

    /// What is under way counts as well: the price of what is left rises before nothing is left.
    @Test func pressureIsThatOfWhatIsUnderWayAndOfTheNextOne() {
        var ledger = Ledger()
        ledger.answers = 20
        ledger.cost = cost(1000)
        let limit = ExtraCostLimit(ratio: 0.5)
        #expect(ledger.pressure(of: .zero, limit: limit) == 0)
        #expect(ledger.pressure(of: cost(100), limit: limit) == 0.2)
        ledger.wasted = cost(100)
        ledger.reserve(cost(200), for: WorkID(1))
        #expect(ledger.pressure(of: cost(100), limit: limit) == 0.8)
        ledger.reserve(cost(100), for: WorkID(2))
        #expect(ledger.pressure(of: cost(100), limit: limit) == 1 && ledger.admits(cost(100), limit: limit))
        #expect(ledger.pressure(of: cost(101), limit: limit) > 1 && !ledger.admits(cost(101), limit: limit))
        // What was wasted is never given back, whatever is under way.
        ledger.wasted = cost(400)
        for work in [1, 2] { ledger.unreserve(WorkID(work)) }
        #expect(ledger.pressure(of: .zero, limit: limit) == 0.8)
        #expect(ledger.pressure(of: cost(1), limit: ExtraCostLimit(ratio: 0)) == .infinity)
        #expect(ledger.pressure(of: cost(1), limit: .unlimited) == 0)
        #expect(ledger.pressure(of: cost(100), limit: ExtraCostLimit(ratio: nil, tokens: 1000)) == 0.5)
    }

    @Test func whatWasUsedMakesRoomAgain() {
        var ledger = Ledger()
        let limit = ExtraCostLimit(ratio: nil, tokens: 10)
        ledger.reserve(cost(10), for: WorkID(1))
        #expect(!ledger.admits(cost(1), limit: limit))
        let first = ledger.unreserve(WorkID(1))
        #expect(first == cost(10))
        let second = ledger.unreserve(WorkID(1))
        #expect(second == nil)
        #expect(ledger.admits(cost(10), limit: limit))
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func reservesNeverDrift(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ledger = Ledger()
        var open: [WorkID: Cost] = [:]
        for number in 0..<300 {
            if open.count < 12, Bool.random(using: &random) {
                let money = Double.random(in: 0...0.1, using: &random)
                let isPriced = Int.random(in: 0..<4, using: &random) > 0
                let cost = Cost(tokens: number, money: isPriced ? money : nil, weight: money * 3)
                ledger.reserve(cost, for: WorkID(number))
                open[WorkID(number)] = cost
            } else if let id = open.keys.sorted().randomElement(using: &random) {
                let (cost, expected) = (ledger.unreserve(id), open.removeValue(forKey: id))
                #expect(cost == expected)
            }
            let total = open.sorted { $0.key < $1.key }.reduce(Cost.zero) { $0 + $1.value }
            #expect(ledger.reserved == open)
            #expect(ledger.reservedTotal.tokens == total.tokens)
            #expect(abs(ledger.reservedTotal.weight - total.weight) < 1e-9)
            #expect((ledger.reservedTotal.money == nil) == (total.money == nil))
            #expect(abs((ledger.reservedTotal.money ?? 0) - (total.money ?? 0)) < 1e-9)
        }
        for id in open.keys { ledger.unreserve(id) }
        #expect(ledger.reservedTotal == .zero, "nothing is left of what is over")
    }

    @Test func theRunsOwnLimits() {
        var ledger = Ledger()
        ledger.cost = Cost(tokens: 100, money: 2, weight: 1)
        #expect(ledger.reached(Limits()) == nil)
        #expect(ledger.reached(Limits(tokens: 101)) == nil)
        #expect(ledger.reached(Limits(tokens: 100)) == .tokens)
        #expect(ledger.reached(Limits(money: 2.01)) == nil)
        #expect(ledger.reached(Limits(money: 2)) == .money)
        // Speculation has its own limit.
        ledger.wasted = Cost(tokens: 1_000_000, money: 1000, weight: 1)
        #expect(ledger.reached(Limits(tokens: 101, money: 3)) == nil)
        // Unknown prices reach no limit of money.
        ledger.cost.money = nil
        #expect(ledger.reached(Limits(money: 0.01)) == nil)
    }
}
