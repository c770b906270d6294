/// Prices of a model, in money per million tokens.
package struct Price: Sendable, Hashable {
    package var input: Double
    package var cached: Double
    package var output: Double

    package init(input: Double, cached: Double? = nil, output: Double) {
        self.input = input
        self.cached = cached ?? input
        self.output = output
    }

    package func money(for usage: Usage) -> Double {
        let fresh = Double(usage.input - usage.cached) * input
        return (fresh + Double(usage.cached) * cached + Double(usage.output) * output) / 1_000_000
    }
}

/// Tokens and, where the price is known, money.
package struct Cost: Sendable, Hashable {
    package var tokens: Int
    /// `nil` where a price is unknown: then it is not zero, it is unknown.
    package var money: Double?

    package init(tokens: Int = 0, money: Double? = 0) {
        self.tokens = tokens
        self.money = money
    }

    package init(_ usage: Usage, price: Price?) {
        tokens = usage.total
        money = price?.money(for: usage)
    }

    package static let zero = Cost()

    package static func + (a: Cost, b: Cost) -> Cost {
        Cost(tokens: a.tokens + b.tokens, money: a.money.flatMap { x in b.money.map { x + $0 } })
    }
    package static func - (a: Cost, b: Cost) -> Cost {
        Cost(tokens: a.tokens - b.tokens, money: a.money.flatMap { x in b.money.map { x - $0 } })
    }
    package static func += (a: inout Cost, b: Cost) { a = a + b }
}
