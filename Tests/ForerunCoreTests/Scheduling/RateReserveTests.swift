import Testing

@testable import ForerunCore

struct RateReserveTests {
    /// Shadow requests that are admitted one after the other at one moment.
    private func granted(_ reserve: inout RateReserve, at time: Double) -> Int {
        var count = 0
        while count < 1000, reserve.admitsShadow(at: time) {
            reserve.asked(.shadow, at: time)
            count += 1
        }
        return count
    }

    @Test func withoutAWordOfTheEndpointNothingIsHeldBack() {
        var reserve = RateReserve()
        #expect(granted(&reserve, at: 0) == 1000)
    }

    @Test func speculationHasItsShareAndNoMore() {
        var reserve = RateReserve()
        reserve.learn(Allowance(limit: 100, remaining: 100, resetsAt: 60))
        #expect(granted(&reserve, at: 1) == 20)
        // The limit is whole again.
        #expect(granted(&reserve, at: 61) == 20)
    }

    @Test func whatIsSpentIsNotSpeculatedWith() {
        var reserve = RateReserve()
        reserve.learn(Allowance(limit: 100, remaining: 1, resetsAt: 60))
        #expect(granted(&reserve, at: 0) == 1)
        reserve.learn(Allowance(limit: 100, remaining: 0, resetsAt: 60))
        #expect(granted(&reserve, at: 0) == 0)
    }

    /// A word of a day, and then one of a minute: a minute it is.
    @Test func theWindowIsThatOfTheLatestWord() {
        var reserve = RateReserve()
        reserve.learn(Allowance(limit: 100, remaining: 100, resetsAt: 86_400))
        #expect(granted(&reserve, at: 1) == 20)
        reserve.learn(Allowance(limit: 100, remaining: 80, resetsAt: 60))
        reserve.learn(Allowance(limit: 100, remaining: 80, resetsAt: 61))
        #expect(granted(&reserve, at: 2) < 5)
        #expect(granted(&reserve, at: 121) == 20)
    }

    /// The authoritative requests that are likely to come until then are put aside.
    @Test func aBusyRunLeavesNothing() {
        var reserve = RateReserve()
        for second in 0..<60 { for _ in 0..<2 { reserve.asked(.active, at: Double(second)) } }
        reserve.learn(Allowance(limit: 100, remaining: 20, resetsAt: 120))
        #expect(granted(&reserve, at: 60) == 0)
    }

    /// What was sent since the endpoint wrote its word may not be counted in it yet.
    @Test func whatIsOnItsWayIsTakenOff() {
        var reserve = RateReserve()
        reserve.learn(Allowance(limit: 100, remaining: 100, resetsAt: 60))
        reserve.asked(.active, at: 1)
        for _ in 0..<5 { reserve.asked(.shadow, at: 2) }
        reserve.learn(Allowance(limit: 100, remaining: 5, resetsAt: 60), asked: 1)
        #expect(granted(&reserve, at: 2) == 0)
        reserve.learn(Allowance(limit: 100, remaining: 5, resetsAt: 60), asked: 2)
        #expect(granted(&reserve, at: 2) > 0)
    }
}
