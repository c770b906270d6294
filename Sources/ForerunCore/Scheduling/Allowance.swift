/// What an endpoint says of its rate limit: how many requests it takes until it is whole again.
package struct Allowance: Sendable, Hashable {
    /// Requests that it takes when it is whole.
    package var limit: Int
    package var remaining: Int
    /// When it will be whole again if nothing more is asked, in seconds on the clock of the scheduler.
    package var resetsAt: Double

    package init(limit: Int, remaining: Int, resetsAt: Double) {
        self.limit = limit
        self.remaining = remaining
        self.resetsAt = resetsAt
    }
}

/// What is known of the rate limit of one endpoint, and what of it speculation may use.
///
/// Authoritative requests are never held back here. Of what is left, those that authoritative work is likely to need until the
/// limit is whole again are put aside; of the rest, shadow work may take a share of the limit (``share``).
struct RateReserve: Sendable {
    /// Of the limit, for all shadow requests together until it is whole again.
    static let share = 0.2
    /// Seconds that the rate of authoritative requests is averaged over.
    private static let memory = 30.0
    /// Seconds by which endpoints that count whole ones tell the same moment differently.
    private static let jitter = 1.5

    private var allowance: Allowance?
    /// Seconds that it takes to be whole again.
    private var window = 1.0
    /// Shadow requests, those of earlier windows counting less and less.
    private var shadow = 0.0
    /// Authoritative requests of the last seconds, those long ago counting less.
    private var demand = 0.0
    private var last = 0.0
    /// When requests were sent, the latest ones, oldest first.
    private var sent: [Double] = []
    private static let mostSent = 256

    /// An endpoint has spoken.
    mutating func learn(_ news: Allowance, asked: Double? = nil) {
        // As long as the moment stays, what is left of the window shrinks, not the window.
        if abs(news.resetsAt - (allowance?.resetsAt ?? -.infinity)) > Self.jitter {
            window = max(1, news.resetsAt - last)
        }
        var news = news
        if let asked { news.remaining -= sent.count { $0 > asked } }
        allowance = news
    }

    mutating func asked(_ lane: Lane, at time: Double) {
        fade(to: time)
        allowance?.remaining -= 1
        if sent.count >= Self.mostSent { sent.removeFirst(Self.mostSent / 2) }
        sent.append(time)
        if lane == .active { demand += 1 } else { shadow += 1 }
    }

    mutating func admitsShadow(at time: Double) -> Bool {
        guard var known = allowance else { return true }
        fade(to: time)
        if time >= known.resetsAt {
            known.remaining = known.limit
            known.resetsAt = time + window
            allowance = known
        }
        let untilWhole = max(0, known.resetsAt - time)
        // The limit fills up meanwhile: what is needed is held against what there will be.
        let refill = Double(known.limit - known.remaining)
        let needed = demand / Self.memory * max(untilWhole, 1)
        return Double(known.remaining) + refill - needed >= 1 && Double(known.remaining) - 1 >= needed / 2
            && shadow + 1 <= Self.share * Double(known.limit)
    }

    private mutating func fade(to time: Double) {
        guard time > last else { return }
        demand *= max(0, 1 - (time - last) / Self.memory)
        shadow *= max(0, 1 - (time - last) / window)
        last = time
    }
}
