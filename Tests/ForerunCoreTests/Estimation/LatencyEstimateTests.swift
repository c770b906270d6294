import Testing

@testable import ForerunCore

struct LatencyEstimateTests {
    private func estimate(_ values: [Double]) -> LatencyEstimate {
        var estimate = LatencyEstimate()
        for value in values { estimate.observe(value) }
        return estimate
    }

    @Test func aFixedLawIsMetExactly() {
        let fixed = estimate(Array(repeating: 1.25, count: 200))
        #expect(abs(fixed.mean - 1.25) < 1e-9)
        #expect(abs(fixed.quantile(0.5) - 1.25) < 1e-9)
        #expect(abs(fixed.remaining(after: 1) - 0.25) < 1e-9)
        #expect(abs(fixed.overlap(with: 0.5) - 0.5) < 1e-9)
        #expect(abs(fixed.overlap(with: 3) - 1.25) < 1e-9)
        #expect(abs(fixed.lead(before: 2) - 0.75) < 1e-9)
        #expect(fixed.lead(before: 1) == 0)
    }

    @Test func whatHasLastedLongerThanAnythingBeforeLastsOn() {
        let fixed = estimate([1, 1, 1])
        #expect(fixed.remaining(after: 4) == 2)
    }

    /// The mean of an exponential law does not depend on how long it has lasted already.
    @Test func exponentialsHaveNoMemory() {
        // The quantiles of the law, from the tail on: enough of them to stand for draws.
        var generator = Steps()
        let values = (1..<400).map { -2 * Self.logarithm(Double($0) / 400) }.shuffled(using: &generator)
        let estimate = estimate(values)
        #expect(abs(estimate.mean - 2) < 0.5)
        #expect(abs(estimate.remaining(after: 1) - 2) < 0.6)
    }

    @Test func oldEvidenceFades() {
        let moved = estimate(Array(repeating: 1, count: 500) + Array(repeating: 4, count: 200))
        #expect(moved.mean > 3.8)
        #expect(abs(moved.quantile(0.5) - 4) < 1e-9)
    }

    /// Predictions that were ended early would make the source look quicker than it is.
    @Test func whatWasEndedEarlyCountsForMore() {
        var estimate = estimate([1, 1, 3, 3])
        let before = estimate.mean
        estimate.observe(atLeast: 2)
        #expect(estimate.mean > before)
        #expect(estimate.count == 5)
    }

    @Test func nonsenseIsLeftOut() {
        let odd = estimate([.nan, .infinity, -1, 2])
        #expect(odd.count == 1)
        #expect(odd.mean == 2)
        #expect(estimate([]).remaining(after: 0) == 0)
        #expect(estimate([0]).mean == 0)
    }

    @Test func longRunsLoseNoPrecision() {
        let long = estimate(Array(repeating: 0.003, count: 20_000))
        #expect(abs(long.mean - 0.003) < 1e-9)
    }

    private static func logarithm(_ x: Double) -> Double {
        // ln x = 2 · artanh((x − 1) / (x + 1))
        let ratio = (x - 1) / (x + 1)
        var sum = 0.0
        var power = ratio
        for term in stride(from: 1, to: 4001, by: 2) {
            sum += power / Double(term)
            power *= ratio * ratio
        }
        return 2 * sum
    }

    /// A fixed sequence of numbers.
    private struct Steps: RandomNumberGenerator {
        var state: UInt64 = 9
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state
        }
    }
}
