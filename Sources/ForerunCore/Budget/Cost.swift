/// Prices of a model, in money per million tokens.
package struct Price: Sendable, Hashable {
    package var input: Double
    /// Input read from the provider's prompt cache.
    package var cached: Double
    /// Input written to the provider's prompt cache.
    package var written: Double
    package var output: Double
    package var currency: String
    /// What requests with much input cost, where that is more.
    package var long: Long?
    /// When these were the prices, as people write dates; `nil`: nobody says.
    package var asOf: String?

    /// Prices of requests with more than so many tokens of input, for all their tokens.
    package struct Long: Sendable, Hashable {
        package var above: Int
        package var input: Double
        package var cached: Double
        package var written: Double
        package var output: Double

        package init(above: Int, input: Double, cached: Double? = nil, written: Double? = nil, output: Double) {
            self.above = above
            self.input = input
            self.cached = cached ?? input
            self.written = written ?? input
            self.output = output
        }
    }

    package init(
        input: Double, cached: Double? = nil, written: Double? = nil, output: Double, currency: String = "USD",
        long: Long? = nil, asOf: String? = nil
    ) {
        self.input = input
        self.cached = cached ?? input
        self.written = written ?? input
        self.output = output
        self.currency = currency
        self.long = long
        self.asOf = asOf
    }

    /// - Parameter usage: of one request.
    package func money(for usage: Usage) -> Double {
        if let long, usage.input > long.above {
            return Price(input: long.input, cached: long.cached, written: long.written, output: long.output)
                .money(for: usage)
        }
        // No provider counts a token twice; one that did would make the rest negative.
        let fresh = Double(max(0, usage.input - usage.cached - usage.written)) * input
        let kept = Double(usage.cached) * cached + Double(usage.written) * written
        return (fresh + kept + Double(usage.output) * output) / 1_000_000
    }
}

extension Price {
    /// What tokens are taken to be worth where a price is unknown, as most providers price them: output five times fresh
    /// input, cached input a tenth. The unit means nothing; only shares of it are used.
    package static let assumed = Price(input: 1, cached: 0.1, written: 1.25, output: 5)
    /// The same for the small model of a speculator: a tenth of it.
    package static let assumedSmall = Price(input: 0.1, cached: 0.01, written: 0.125, output: 0.5)
}

/// Tokens and, where the price is known, money.
package struct Cost: Sendable, Hashable {
    package var tokens: Int
    /// `nil` where a price is unknown: then it is not zero, it is unknown.
    package var money: Double?
    /// What it would cost at the assumed prices: for shares, where money is unknown.
    package var weight: Double

    package init(tokens: Int = 0, money: Double? = 0, weight: Double = 0) {
        self.tokens = tokens
        self.money = money
        self.weight = weight
    }

    /// - Parameter assumed: what stands for the price where it is unknown.
    package init(_ usage: Usage, price: Price?, assumed: Price = .assumed) {
        tokens = usage.total
        money = price?.money(for: usage)
        weight = assumed.money(for: usage)
    }

    package static let zero = Cost()

    package static func + (a: Cost, b: Cost) -> Cost {
        Cost(
            tokens: a.tokens + b.tokens, money: a.money.flatMap { x in b.money.map { x + $0 } },
            weight: a.weight + b.weight)
    }
    package static func - (a: Cost, b: Cost) -> Cost {
        Cost(
            tokens: a.tokens - b.tokens, money: a.money.flatMap { x in b.money.map { x - $0 } },
            weight: a.weight - b.weight)
    }
    package static func += (a: inout Cost, b: Cost) { a = a + b }
}
