package import ForerunCore
package import ForerunEndpoints
import Synchronization

/// What is known of the rate limit of one model of an endpoint, from the headers of its responses: told to the scheduler in
/// requests, for all runs of the process.
package final class RateGauge: RateListener {
    private struct Usual {
        /// Tokens of a request, the latest counting most; 0: not known yet.
        var tokens = 0.0
        var limit = RateGauge.unknownLimit
    }

    /// Where an endpoint says to wait and not how much it bears.
    private static let unknownLimit = 1000

    private let resource: Resource
    private let slots: SlotKeeper
    private let usual = Mutex(Usual())

    package init(_ resource: Resource, slots: SlotKeeper) {
        self.resource = resource
        self.slots = slots
    }

    package func heard(_ reading: RateReading, asked: ContinuousClock.Instant) {
        let now = slots.seconds(at: .now)
        let allowance = usual.withLock { Self.allowance(reading, &$0, now) }
        if let allowance { slots.learn(allowance, of: resource, asked: slots.seconds(at: asked)) }
    }

    package func used(_ usage: Usage) {
        usual.withLock {
            $0.tokens = $0.tokens == 0 ? Double(usage.total) : 0.8 * $0.tokens + 0.2 * Double(usage.total)
        }
    }

    /// The tighter of the limits, in requests.
    private static func allowance(_ reading: RateReading, _ usual: inout Usual, _ now: Double) -> Allowance? {
        if let wait = reading.wait { return Allowance(limit: usual.limit, remaining: 0, resetsAt: now + wait) }
        var levels = [reading.requests].compactMap(\.self)
        if let tokens = reading.tokens, usual.tokens >= 1 {
            levels.append(
                RateReading.Level(
                    limit: Int(Double(tokens.limit) / usual.tokens),
                    remaining: Int(Double(tokens.remaining) / usual.tokens), reset: tokens.reset))
        }
        guard let tightest = levels.min(by: { $0.remaining < $1.remaining }) else { return nil }
        usual.limit = tightest.limit
        return Allowance(limit: tightest.limit, remaining: tightest.remaining, resetsAt: now + tightest.reset)
    }
}
