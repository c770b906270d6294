import OrderedCollections

/// The slots of one resource, and who holds and awaits them.
struct Slots: Sendable {
    var capacity = 1
    var held: [Scheduler.Holder: (lane: Lane, value: Double)] = [:]
    var shadow = 0
    var ending = 0
    var reserve: [RunID: Int] = [:]
    var reserved = 0
    var waiting: OrderedDictionary<RunID, Lane> = [:]
    /// Runs that were told of a free slot and have not bid since.
    var woken: Set<RunID> = []
    var revoking: Scheduler.Holder?

    /// What shadow work could take now.
    var room: Int { max(0, min(capacity - held.count, capacity - reserved - shadow)) }

    mutating func bid(_ holder: Scheduler.Holder, _ lane: Lane, _ value: Double) -> Bool {
        let isFull = held.count >= capacity
        let isShadowFull = lane != .active && shadow >= capacity - reserved
        if isFull || isShadowFull {
            if waiting[holder.run] != .active { waiting[holder.run] = lane }
            return false
        }
        if !woken.isEmpty { woken.remove(holder.run) }
        held[holder] = (lane, value)
        count(lane, 1)
        return true
    }

    /// - Returns: whether it was held.
    mutating func move(_ holder: Scheduler.Holder, to lane: Lane) -> Bool {
        guard let old = held[holder] else { return false }
        held[holder] = (lane, old.value)
        count(old.lane, -1)
        count(lane, 1)
        return true
    }

    /// - Returns: whether it was held.
    mutating func release(_ holder: Scheduler.Holder) -> Bool {
        guard let old = held.removeValue(forKey: holder) else { return false }
        count(old.lane, -1)
        if revoking == holder { revoking = nil }
        return true
    }

    /// A run has left.
    mutating func forget(_ run: RunID) {
        reserved -= reserve.removeValue(forKey: run) ?? 0
        waiting.removeValue(forKey: run)
        woken.remove(run)
    }

    private mutating func count(_ lane: Lane, _ change: Int) {
        if lane != .active { shadow += change }
        if lane == .ending { ending += change }
    }
}
