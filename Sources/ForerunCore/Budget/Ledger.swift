/// What a run has used, and what its speculation has used beyond that.
package struct Ledger: Sendable, Hashable {
    /// Authoritative work: asked for on the real path, or asked ahead and used.
    package var usage = Usage.zero
    package var cost = Cost.zero
    /// Answers behind ``cost``.
    package var answers = 0

    /// Shadow work in flight, each with the most it can cost.
    package private(set) var reserved: [WorkID: Cost] = [:]
    package private(set) var reservedTotal = Cost.zero
    /// Shadow work that was of no use, and all speculators.
    package var wasted = Cost.zero
    package var wastedSeconds = 0.0

    package init() {}

    package mutating func reserve(_ cost: Cost, for work: WorkID) {
        reserved[work] = cost
        reservedTotal += cost
    }

    @discardableResult
    package mutating func unreserve(_ work: WorkID) -> Cost? {
        guard let cost = reserved.removeValue(forKey: work) else { return nil }
        if reserved.isEmpty {
            reservedTotal = .zero
        } else if cost.money == nil {
            // What is unknown cannot be taken away again. In order of ids: sums shall come out the same in every process.
            reservedTotal = reserved.sorted { $0.key < $1.key }.reduce(.zero) { $0 + $1.value }
        } else {
            reservedTotal = reservedTotal - cost
        }
        return cost
    }

    /// Whether shadow work that may cost `next` fits under `limit`.
    package func admits(_ next: Cost, limit: ExtraCostLimit) -> Bool { pressure(of: next, limit: limit) <= 1 }

    /// How far `limit` would be used up with shadow work that may cost `next`: by what was wasted, and by what is under way at
    /// the most that it can cost. Above 1 that work is not admitted.
    package func pressure(of next: Cost, limit: ExtraCostLimit) -> Double {
        let extra = wasted + reservedTotal + next
        var most = 0.0
        if let tokens = limit.tokens { most = max(most, Self.share(Double(extra.tokens), of: Double(tokens))) }
        if let money = limit.money, let spent = extra.money { most = max(most, Self.share(spent, of: money)) }
        guard let ratio = limit.ratio else { return most }
        if let wasted = wasted.money, let extra = extra.money, let own = cost.money, let next = next.money {
            return max(most, strain(wasted, extra, own, next, ratio))
        }
        return max(most, strain(wasted.weight, extra.weight, cost.weight, next.weight, ratio))
    }

    /// What was wasted is held against what the run costs. What is under way as well, at the most that it can cost: less
    /// strictly, as it hardly ever does. A run that has just begun is taken for one of some length.
    private func strain(_ wasted: Double, _ extra: Double, _ own: Double, _ next: Double, _ ratio: Double) -> Double {
        let turn = answers > 0 ? own / Double(answers) : next
        let start = Double(ExtraCostLimit.headStart)
        return max(
            Self.share(wasted, of: ratio * max(own, start * turn)),
            Self.share(extra, of: ratio * max(own, start * max(turn, next))))
    }

    private static func share(_ part: Double, of whole: Double) -> Double {
        if part <= 0 { return 0 }
        return whole > 0 ? part / whole : .infinity
    }

    /// Which limit is reached.
    package func reached(_ limits: Limits) -> Limits.Kind? {
        if let tokens = limits.tokens, cost.tokens >= tokens { return .tokens }
        if let money = limits.money, let spent = cost.money, spent >= money { return .money }
        return nil
    }
}
