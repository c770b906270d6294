/// What an error response says of trying again.
package struct RetryAdvice: Sendable, Hashable {
    /// A header field that tells the wait.
    package enum Form: String, Sendable, Hashable, CaseIterable {
        /// `retry-after` in whole seconds.
        case seconds
        /// `retry-after` as a date (RFC 9110 §5.6.7).
        case date
        /// `retry-after-ms`.
        case milliseconds = "ms"
        /// Only the time when the limit is filled up again: `x-ratelimit-reset-…` as a duration, in Messages
        /// `anthropic-ratelimit-…-reset` as a date.
        case reset
    }

    /// Seconds to wait; `nil`: nothing is said of it.
    package var wait: Double?
    package var forms: [Form]
    /// The value of `x-should-retry`.
    package var shouldRetry: Bool?

    package init(wait: Double? = nil, forms: [Form] = [.seconds, .milliseconds], shouldRetry: Bool? = nil) {
        self.wait = wait
        self.forms = forms
        self.shouldRetry = shouldRetry
    }

    /// The header fields. `now` is the time of day in seconds since 1970.
    func headers(in dialect: Dialect, now: Double) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        if let shouldRetry { headers.append(("x-should-retry", String(shouldRetry))) }
        guard let wait = wait.map({ min(max($0, 0), 1e9) }) else { return headers }
        for form in forms {
            switch form {
            // Whole seconds only: more, rather than too few.
            case .seconds: headers.append(("retry-after", String(Int(wait.rounded(.up)))))
            case .date: headers.append(("retry-after", WireTime.httpDate((now + wait).rounded(.up))))
            case .milliseconds: headers.append(("retry-after-ms", String(Int((wait * 1000).rounded(.up)))))
            case .reset:
                for kind in ["requests", "tokens"] {
                    if dialect == .messages {
                        headers.append(("anthropic-ratelimit-\(kind)-remaining", "0"))
                        headers.append(
                            ("anthropic-ratelimit-\(kind)-reset", WireTime.rfc3339((now + wait).rounded(.up))))
                    } else {
                        headers.append(("x-ratelimit-remaining-\(kind)", "0"))
                        headers.append(("x-ratelimit-reset-\(kind)", WireTime.duration(wait)))
                    }
                }
            }
        }
        return headers
    }
}
