import OrderedCollections

/// Most of what happens ahead concerns one position: a guess about it has come, or what is performed there is done. The rest
/// of what is wanted stays as it was; looking at all of it again would make each event cost as much as the whole tree.
extension SpeculationTree {
    /// Looks again at what follows a position, and starts what is worth it.
    ///
    /// - Returns: `false`: everything has to be looked at, as something wants a slot, or is not wanted any more.
    mutating func lookAgain(at transcript: Transcript, _ slots: inout Scheduler) -> Bool {
        guard phase == .asking || phase == .performing else { return false }
        // Under tiers, what is likely waits for slack: any free slot may be for it.
        guard !isShort, setup.policy.rule != .tiers else { return false }
        guard var here = outlooks[transcript] else { return true }
        here.seconds = max(0, here.seconds - (now - planned))
        wants.removeAll(keepingCapacity: true)
        isOutdated = false
        expand(here, &slots)
        if isOutdated { return false }
        startAhead(&slots)
        return true
    }

    /// What looking at everything now would do. For tests: where time plays no part, nothing.
    package func replanned(_ slots: Scheduler) -> [Command] {
        var (copy, slots) = (self, slots)
        copy.commands = []
        copy.step(.everything, &slots)
        return copy.commands
    }

    /// Notes how a position was seen.
    ///
    /// - Parameter before: how it was seen before, in this walk or the one that it adds to.
    mutating func note(_ seen: Outlook, after before: Outlook?) {
        var seen = seen
        if let before {
            // What was followed and is not any more may be what work runs for.
            if before.followed & ~seen.followed != 0 || before.expanded & ~seen.expanded != 0 { isOutdated = true }
            seen.followed |= before.followed
            seen.expanded |= before.expanded
        }
        outlooks[seen.position.transcript] = seen
    }

    mutating func noteWaiting(for key: ExecutionKey, at transcript: Transcript) {
        guard let known = waiting[key] else { return waiting[key] = .some(transcript) }
        if known != transcript { waiting[key] = .some(nil) }
    }

    /// A running piece of work is not worth going on with.
    mutating func noteUnkept(_ id: WorkID) {
        if works[id]?.state == .running { isOutdated = true }
    }

    /// What the end of an execution ahead may have changed.
    func reach(ofEnded key: ExecutionKey) -> Reach {
        guard !isShort, phase == .asking || phase == .performing else { return .everything }
        return switch waiting[key] {
        case .some(.some(let transcript)): .ahead(transcript)
        case .some(nil): .everything
        case nil: .nothing
        }
    }

    /// Where nothing waits for a slot, one that becomes free changes nothing.
    var reachOfFreed: Reach { isShort || isEnding ? .everything : .nothing }
}
