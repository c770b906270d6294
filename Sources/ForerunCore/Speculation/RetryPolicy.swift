/// When an authoritative request is tried again, and how long after.
package struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all.
    package var attempts: Int
    /// Seconds before the second attempt; doubled each time.
    package var base: Double
    package var cap: Double
    /// A server that asks to wait longer than this is given up.
    package var patience: Double

    package init(attempts: Int = 4, base: Double = 0.5, cap: Double = 8, patience: Double = 120) {
        self.attempts = attempts
        self.base = base
        self.cap = cap
        self.patience = patience
    }

    /// Seconds to wait before attempt `attempt` (from 1); `nil`: give up.
    ///
    /// Jitter is taken from the turn's number: the core has no randomness, and a run waits as long with speculation as without.
    package func wait(before attempt: Int, after failure: ModelFailure, turn: Int) -> Double? {
        guard failure.mayRetry ?? failure.kind.isRetryable, attempt < attempts else { return nil }
        if let asked = failure.retryAfter { return asked <= patience ? max(0, asked) : nil }
        let step = min(base * Double(1 << min(attempt - 1, 16)), cap)
        return step * (1 - 0.25 * Double((turn &* 7919 &+ attempt &* 31) % 101) / 101)
    }
}
