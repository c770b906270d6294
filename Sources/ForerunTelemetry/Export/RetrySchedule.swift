/// When a request that failed is sent again (OTLP 1.10, OTLP/HTTP, “Failures” and “Throttling”).
struct RetrySchedule: Sendable {
    /// Seconds from the first attempt in which further ones begin.
    static let window = 60.0
    private static let first = 1.0
    private static let most = 16.0

    private var attempts = 0
    private var waited = 0.0

    /// Whether a response says that the same may succeed later. All others are final.
    static func isRetryable(_ status: Int) -> Bool { [429, 502, 503, 504].contains(status) }

    /// Seconds to wait before the next attempt; `nil`: it is given up.
    ///
    /// - Parameters:
    ///   - retryAfter: what the server asks for.
    ///   - jitter: 0…1, so that many clients do not come back together.
    mutating func wait(retryAfter: Double?, jitter: Double) -> Double? {
        let standard = min(Self.most, Self.first * Double(1 << min(attempts, 10))) * (0.75 + 0.5 * jitter)
        let wait = retryAfter.map { $0 + 0.25 * jitter } ?? standard
        attempts += 1
        waited += wait
        return waited <= Self.window ? wait : nil
    }
}
