/// What is left of a model's ``RateLimits``. Times are seconds of one clock.
struct RateMeter: Sendable {
    /// Whether a request is let in.
    enum Verdict: Sendable, Hashable {
        case granted
        /// What is used up, and after how many seconds there is enough of it again.
        case denied(String, wait: Double)
    }

    let limits: RateLimits
    private var requests: Double
    private var tokens: Double
    private var last: Double
    private var running = 0

    init(_ limits: RateLimits, at now: Double) {
        self.limits = limits
        requests = Double(limits.requests ?? 0)
        tokens = Double(limits.tokens ?? 0)
        last = now
    }

    /// Takes what a request of `cost` tokens needs. What is granted must be given back by ``finish()``.
    mutating func begin(cost: Int, at now: Double) -> Verdict {
        fill(at: now)
        if let limit = limits.concurrency, running >= limit { return .denied("concurrent requests", wait: 0.1) }
        if let limit = limits.requests, requests < 1 {
            return .denied("requests per minute", wait: (1 - requests) * limits.window / Double(limit))
        }
        // A request that is larger than the limit itself would wait for ever: a full limit lets it in.
        if let limit = limits.tokens, tokens < min(Double(cost), Double(limit)) {
            return .denied(
                "tokens per minute", wait: (min(Double(cost), Double(limit)) - tokens) * limits.window / Double(limit))
        }
        if limits.requests != nil { requests -= 1 }
        if limits.tokens != nil { tokens = max(0, tokens - Double(cost)) }
        running += 1
        return .granted
    }

    mutating func finish() { running -= 1 }

    /// The header fields that say what is left. `time` is the time of day in seconds since 1970.
    func headers(in dialect: Dialect, time: Double) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        for (kind, limit, level) in [("requests", limits.requests, requests), ("tokens", limits.tokens, tokens)] {
            guard let limit else { continue }
            let remaining = String(Int(level))
            let wait = (Double(limit) - level) * limits.window / Double(limit)
            if dialect == .messages {
                headers.append(("anthropic-ratelimit-\(kind)-limit", String(limit)))
                headers.append(("anthropic-ratelimit-\(kind)-remaining", remaining))
                headers.append(("anthropic-ratelimit-\(kind)-reset", WireTime.rfc3339((time + wait).rounded(.up))))
            } else {
                headers.append(("x-ratelimit-limit-\(kind)", String(limit)))
                headers.append(("x-ratelimit-remaining-\(kind)", remaining))
                headers.append(("x-ratelimit-reset-\(kind)", WireTime.duration(wait)))
            }
        }
        return headers
    }

    private mutating func fill(at now: Double) {
        let share = max(0, now - last) / limits.window
        last = now
        if let limit = limits.requests { requests = min(Double(limit), requests + share * Double(limit)) }
        if let limit = limits.tokens { tokens = min(Double(limit), tokens + share * Double(limit)) }
    }
}
