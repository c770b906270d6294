import OrderedCollections

extension SpeculationTree {
    /// A message that cannot wait for the answer at hand: it is given up, and the message joins.
    ///
    /// While calls are made, the message joins after them as any other does: what is begun comes to its end.
    mutating func giveUpAnswer(_ slots: inout Scheduler) {
        guard phase == .asking else { return }
        endAnswer(&slots)
        _ = reachQuestion(&slots)
    }

    /// The user stops the agent. The committed path stays as it is; calls of the turn at hand that are not done have an output
    /// that says so.
    ///
    /// - Returns: whether there was anything to stop.
    mutating func halt(_ slots: inout Scheduler) -> Bool {
        switch phase {
        case .asking:
            isHalted = true
            endAnswer(&slots)
            return awaitMessage(&slots)
        case .performing:
            isHalted = true
            return true
        case .awaitingMessage, .settling, .finished: return false
        }
    }

    /// Ends the answer that the real path waits for. That is no outcome of its question, which is not asked again.
    private mutating func endAnswer(_ slots: inout Scheduler) {
        guard let request = request(at: root.transcript),
            let id = answers[answerKey(request, turn: root.turn)], let work = works[id]
        else { return }
        if work.state == .running { settle(unfinished: id) }
        if work.answer.hasReleased { emit(.release(.withdrawn(turn: root.turn))) }
        // The user has waited for it all the same.
        estimate.waitBegan(at: work.promotion ?? work.firstStart)
        estimate.waitEnded(at: now)
        cancel(id, &slots)
    }

    /// Ends a call of the turn at hand.
    ///
    /// - Returns: its output.
    mutating func stop(_ key: ExecutionKey, _ call: JudgedCall, _ slots: inout Scheduler) -> Output {
        var wasRunning = false
        while let id = executions[key], let work = works[id], work.state == .running || work.state == .new {
            if work.lane == .active, work.state == .running { wasRunning = true }
            drop(id, barring: false, &slots)
        }
        // Until it is over, it may still take effect: that is noted once more then.
        if wasRunning, call.traits?.effect == .external { noteEffect(.everything) }
        return wasRunning && call.traits?.effect != .readOnly ? .stoppedHalfWay : .stopped
    }

    /// Something outside of the branches may have happened: what was read before it may not be used after it.
    mutating func noteEffect(_ writes: Footprint) {
        floor = tick
        changes.append((tick, writes))
    }
}
