import Testing

@testable import ForerunCore

struct CostTests {
    private let usage = Usage(input: 1000, cached: 400, output: 100, reasoning: 60)

    @Test func moneyIsPerMillionTokens() {
        let price = Price(input: 2, cached: 0.5, output: 10)
        // 600 fresh, 400 cached, 100 out; reasoning is part of the output.
        #expect(abs(price.money(for: usage) - (600 * 2 + 400 * 0.5 + 100 * 10) / 1_000_000) < 1e-15)
        #expect(Price(input: 2, output: 10).cached == 2, "without a price of its own, cached input costs as much")
        #expect(price.money(for: .zero) == 0)
    }

    @Test func anUnknownPriceIsUnknownNotZero() {
        let known = Cost(usage, price: Price(input: 1, output: 1))
        let unknown = Cost(usage, price: nil)
        #expect(known.money != nil)
        #expect(unknown.money == nil)
        #expect(unknown.tokens == 1100)
        #expect((known + unknown).money == nil)
        #expect((known - unknown).money == nil)
        #expect((known + unknown).tokens == 2200)
    }

    @Test func weightDoesNotDependOnThePrice() {
        let known = Cost(usage, price: Price(input: 99, output: 99))
        let unknown = Cost(usage, price: nil)
        #expect(known.weight == unknown.weight)
        #expect(known.weight == Price.assumed.money(for: usage))
        let small = Cost(usage, price: nil, assumed: .assumedSmall)
        #expect(abs(small.weight * 10 - known.weight) < 1e-12)
    }

    @Test func sumsAndDifferences() {
        let a = Cost(tokens: 3, money: 0.5, weight: 2)
        let b = Cost(tokens: 1, money: 0.25, weight: 0.5)
        #expect(a + b == Cost(tokens: 4, money: 0.75, weight: 2.5))
        #expect(a - b == Cost(tokens: 2, money: 0.25, weight: 1.5))
        #expect(a + .zero == a)
        var sum = a
        sum += b
        #expect(sum == a + b)
    }
}
