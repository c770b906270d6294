/// A model that plays a role from the moment on at which the one before it has used up its retries.
package struct Substitute: Sendable, Hashable {
    /// `endpoint/model`.
    package var model: String
    package var resource: Resource
    /// The rate limit that its requests count for; `nil`: that of its endpoint.
    package var rate: Resource?
    package var price: Price?
    /// Its next request can be formed from a predicted turn alone.
    package var asksAhead: Bool

    package init(model: String, resource: Resource, rate: Resource? = nil, price: Price? = nil, asksAhead: Bool = true)
    {
        self.model = model
        self.resource = resource
        self.rate = rate
        self.price = price
        self.asksAhead = asksAhead
    }
}

/// One model was replaced by the next of its role.
package struct Fallback: Sendable, Hashable {
    package var turn: Int
    package var role: String
    package var from: String
    package var to: String
    package var failure: ModelFailure

    package init(turn: Int, role: String, from: String, to: String, failure: ModelFailure) {
        self.turn = turn
        self.role = role
        self.from = from
        self.to = to
        self.failure = failure
    }
}

extension ModelFailure.Kind {
    /// Another model may answer where this one did not. What is wrong with the request or the set-up is for the user to know,
    /// and what an answer says is no failure.
    package var mayFallBack: Bool {
        switch self {
        case .rateLimited, .quotaExhausted, .overloaded, .server, .connection, .timedOut, .truncated, .malformed,
            .contextOverflow:
            true
        default: false
        }
    }
}
