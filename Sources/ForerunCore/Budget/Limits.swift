/// What a run may use. Authoritative work only counts here; speculation has its own limit (``ExtraCostLimit``).
package struct Limits: Sendable, Hashable {
    /// Turns of actors.
    package var steps: Int?
    /// Wall time, in seconds.
    package var seconds: Double?
    /// Input and output tokens.
    package var tokens: Int?
    /// Money, in the currency of the prices.
    package var money: Double?

    package init(steps: Int? = nil, seconds: Double? = nil, tokens: Int? = nil, money: Double? = nil) {
        self.steps = steps
        self.seconds = seconds
        self.tokens = tokens
        self.money = money
    }

    package enum Kind: String, Sendable, Hashable {
        case steps, seconds, tokens, money
    }
}

/// How much speculation may cost beyond the run itself.
///
/// Only work that does not come true counts: what is used moves to the run's own ledger. In flight, work counts with the
/// most it can cost.
package struct ExtraCostLimit: Sendable, Hashable {
    /// As a multiple of what the run itself costs; `nil`: no such limit.
    ///
    /// A run has cost nothing when it starts, so a ratio is applied to at least ``headStart`` of its turns. It is one of
    /// money where all prices are known, otherwise of tokens as they are usually priced (``Price/assumed``).
    package var ratio: Double?
    package var tokens: Int?
    package var money: Double?
    /// Nobody named a ratio: it is that of the policy's speed.
    package var followsSpeed = false

    /// Turns.
    package static let headStart = 8

    package init(ratio: Double? = 1, tokens: Int? = nil, money: Double? = nil) {
        self.ratio = ratio
        self.tokens = tokens
        self.money = money
    }

    package static let unlimited = ExtraCostLimit(ratio: nil)

    /// The limit that goes with a speed.
    package static func standard(_ speed: SpeculationPolicy.Speed) -> Self {
        var limit = Self(ratio: speed.extraCostRatio)
        limit.followsSpeed = true
        return limit
    }
}
