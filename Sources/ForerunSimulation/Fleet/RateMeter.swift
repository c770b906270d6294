import ForerunCore

/// A simulated endpoint's rate limit: a bucket that is refilled steadily and holds at most ten seconds' worth.
struct RateMeter: Sendable {
    private let perSecond: Double
    private let capacity: Double
    private var level: Double
    private var last = 0.0

    init(requestsPerMinute: Int) {
        perSecond = Double(requestsPerMinute) / 60
        capacity = max(1, perSecond * 10)
        level = capacity
    }

    /// A request arrives.
    ///
    /// - Returns: what the endpoint says of its limit, and whether it takes the request.
    mutating func request(at time: Double) -> (allowance: Allowance, isRefused: Bool) {
        level = min(capacity, level + (time - last) * perSecond)
        last = time
        let isRefused = level < 1
        if !isRefused { level -= 1 }
        let allowance = Allowance(
            limit: Int(capacity), remaining: Int(level), resetsAt: time + (capacity - level) / perSecond)
        return (allowance, isRefused)
    }

    /// Seconds until one request is taken again.
    func wait(at time: Double) -> Double { max(0, (1 - level) / perSecond) }
}
