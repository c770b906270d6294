package import ForerunCore

/// What a live view knows of a run beside its events: what it may use, and how to look at the rate limits of its endpoints.
package struct LiveFacts: Sendable {
    package var limits: Limits
    package var extra: ExtraCostLimit
    /// What endpoints have said last. Called often; must be quick.
    package var rates: @Sendable () -> [RateLevel]

    package init(
        limits: Limits = Limits(), extra: ExtraCostLimit = .unlimited,
        rates: @escaping @Sendable () -> [RateLevel] = { [] }
    ) {
        self.limits = limits
        self.extra = extra
        self.rates = rates
    }
}

/// What an endpoint has said of the rate limit of a model.
package struct RateLevel: Sendable, Hashable {
    /// `endpoint/model`.
    package var name: String
    /// Requests.
    package var remaining: Int
    package var limit: Int
    /// Seconds until it is whole again if nothing more is asked; 0 or less: it is.
    package var wholeIn: Double

    package init(name: String, remaining: Int, limit: Int, wholeIn: Double) {
        self.name = name
        self.remaining = remaining
        self.limit = limit
        self.wholeIn = wholeIn
    }
}
