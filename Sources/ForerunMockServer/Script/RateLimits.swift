/// What a model bears. Limits are filled up evenly, as those of providers are.
package struct RateLimits: Sendable, Hashable {
    /// A minute; `nil`: no limit.
    package var requests: Int?
    /// Input and output together, a minute; `nil`: no limit.
    package var tokens: Int?
    /// Requests at the same time; `nil`: no limit.
    package var concurrency: Int?
    /// Seconds of a minute: less makes tests quick.
    package var window: Double

    package init(requests: Int? = nil, tokens: Int? = nil, concurrency: Int? = nil, window: Double = 60) {
        self.requests = requests
        self.tokens = tokens
        self.concurrency = concurrency
        self.window = window
    }

    package var isEmpty: Bool { requests == nil && tokens == nil && concurrency == nil }
}
