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
    package func admits(_ next: Cost, limit: ExtraCostLimit) -> Bool {
        let extra = wasted + reservedTotal + next
        if let tokens = limit.tokens, extra.tokens > tokens { return false }
        if let money = limit.money, let spent = extra.money, spent > money { return false }
        guard let ratio = limit.ratio else { return true }
        if let wasted = wasted.money, let extra = extra.money, let own = cost.money, let next = next.money {
            return fits(wasted, extra, own, next, ratio)
        }
        return fits(wasted.weight, extra.weight, cost.weight, next.weight, ratio)
    }

    /// What was wasted is held against what the run costs. What is under way as well, at the most that it can cost: less
    /// strictly, as it hardly ever does. A run that has just begun is taken for one of some length.
    private func fits(_ wasted: Double, _ extra: Double, _ own: Double, _ next: Double, _ ratio: Double) -> Bool {
        let turn = answers > 0 ? own / Double(answers) : next
        let start = Double(ExtraCostLimit.headStart)
        return wasted <= ratio * max(own, start * turn) && extra <= ratio * max(own, start * max(turn, next))
    }

    /// How far `limit` is used up by what was wasted, 0…1.
    package func pressure(limit: ExtraCostLimit) -> Double {
        var most = 0.0
        if let tokens = limit.tokens { most = max(most, Double(wasted.tokens) / Double(max(1, tokens))) }
        if let money = limit.money, let spent = wasted.money { most = max(most, spent / max(money, 1e-9)) }
        if let ratio = limit.ratio, answers > 0 {
            let spent =
                wasted.money != nil && cost.money != nil
                ? (wasted.money ?? 0, cost.money ?? 0) : (wasted.weight, cost.weight)
            let own = max(spent.1, Double(ExtraCostLimit.headStart) * spent.1 / Double(answers))
            if own > 0 { most = max(most, spent.0 / max(ratio * own, own * 1e-6)) }
        }
        return min(1, most)
    }

    /// Which limit is reached.
    package func reached(_ limits: Limits) -> Limits.Kind? {
        if let tokens = limits.tokens, cost.tokens >= tokens { return .tokens }
        if let money = limits.money, let spent = cost.money, spent >= money { return .money }
        return nil
    }
}
