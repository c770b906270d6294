package import ForerunCore

/// What a simulated fleet came to.
package struct FleetResult: Sendable, Hashable {
    /// From its start to its end, for each agent, in seconds.
    package var durations: [Double] = []
    /// What each would have taken in turn by the core's own estimate.
    package var sequential: [Double] = []
    package var statistics: [Statistics] = []
    package var cost = Cost.zero
    package var wasted = Cost.zero
    package var answers = 0
    /// Requests refused by the endpoint's rate limit.
    package var refused = 0
    /// Events that the core handled.
    package var events = 0
    /// When the last agent ended.
    package var end = 0.0
    /// Agents that did not come to the end of their turns.
    package var failed = 0

    package init() {}

    package var mean: Double { durations.isEmpty ? 0 : durations.reduce(0, +) / Double(durations.count) }
    package var askedAhead: Int { statistics.reduce(0) { $0 + $1.askedAhead } }
    package var turnHits: Int { statistics.reduce(0) { $0 + $1.turnHits } }
    package var turns: Int { statistics.reduce(0) { $0 + $1.turns } }
    /// What was spent in vain, as a multiple of what the runs themselves cost.
    package var extraCost: Double { cost.weight > 0 ? wasted.weight / cost.weight : 0 }

    /// Seconds within which a share of the agents ended.
    package func quantile(_ share: Double) -> Double {
        guard !durations.isEmpty else { return 0 }
        let sorted = durations.sorted()
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }

    /// The share of time that this saves against `other`, of the same agents without speculation.
    package func saved(against other: FleetResult) -> Double {
        let all = other.durations.reduce(0, +)
        return all > 0 ? 1 - durations.reduce(0, +) / all : 0
    }
}
