import OrderedCollections

extension SpeculationTree {
    /// The slot of this work is free.
    mutating func free(_ id: WorkID, _ slots: inout Scheduler) {
        live.remove(id)
        if let resource = works[id]?.resource { slots.release(holder(id), on: resource) }
    }

    /// Cancelled work is over.
    mutating func ended(_ id: WorkID, _ slots: inout Scheduler) {
        guard let work = works[id], work.state == .ending else { return }
        free(id, &slots)
        if case .external = work.executionKey { noteEffect(.everything) }
        if rules.discardsAfterEnd { discardFork(of: id) }
        works[id] = nil
    }

    /// Ends work that runs. Its layer is discarded once nobody works in it.
    mutating func cancel(_ id: WorkID, _ slots: inout Scheduler) {
        guard let work = works[id] else { return }
        switch work.kind {
        case .answer(let key): if answers[key] == id { answers[key] = nil }
        case .execution(let key): if executions[key] == id { executions[key] = nil }
        case .prediction: if predictions[work.key] == id { predictions[work.key] = nil }
        }
        guard work.state == .running else {
            live.remove(id)
            works[id] = nil
            return
        }
        works[id]?.state = .ending
        if let resource = work.resource {
            rules.slotsUntilEnded
                ? slots.move(holder(id), on: resource, to: .ending) : slots.release(holder(id), on: resource)
        }
        if !work.isPrediction {
            statistics.cancelled += 1
            record(.cancelled(work: id.number, seconds: now - work.start))
        }
        if case .prediction(_, let speculator) = work.kind {
            let kind = Estimates.Kind.prediction(source: setup.speculators[speculator].source)
            estimates.observe(kind, atLeast: now - work.start)
        }
        chargeWaste(of: work)
        emit(.cancel(id))
        if !rules.discardsAfterEnd { discardFork(of: id) }
    }

    /// This execution will not be used. A rival takes its place.
    ///
    /// - Parameter barring: it is not to be tried ahead again.
    mutating func drop(_ id: WorkID, barring: Bool, _ slots: inout Scheduler) {
        guard let work = works[id], let key = work.executionKey else { return }
        if barring, rules.failuresAheadAreBarred { barred.insert(.execution(key)) }
        if let rival = work.execution.rival {
            separate(id, rival)
            if works[rival]?.state == .running {
                works[rival]?.execution.isHedge = false
                if executions[key] == id || executions[key] == nil { executions[key] = rival }
            }
        }
        if executions[key] == id { executions[key] = nil }
        if work.state == .running, live.contains(id) {
            cancel(id, &slots)
        } else if work.state != .ending {
            chargeWaste(of: work)
            discardFork(of: id)
            works[id] = nil
            forgetAliases(of: id)
        }
    }

    /// The two race no longer.
    mutating func separate(_ a: WorkID, _ b: WorkID) {
        works[a]?.execution.rival = nil
        works[b]?.execution.rival = nil
    }

    mutating func discardFork(of id: WorkID) {
        guard let work = works[id], work.execution.ownsFork, let child = work.execution.child else { return }
        works[id]?.execution.ownsFork = false
        forkOwners.remove(id)
        doomed.insert(child)
        if !rules.discardsAfterEnd { discardDoomed() }
    }

    /// Discards the worlds that nobody needs and nobody works in any more, children before parents.
    mutating func discardDoomed() {
        guard !doomed.isEmpty, rules.unusedWorldsAreDiscarded else { return }
        var occupied: Set<WorldID> = []
        if rules.discardsAfterEnd {
            for id in live {
                guard let work = works[id], case .execution(.inWorld(let world, _)) = work.kind else { continue }
                occupied.insert(world)
                if let child = work.execution.child { occupied.insert(child) }
            }
        }
        for world in doomed.subtracting(occupied).sorted(by: { $0.number > $1.number }) {
            doomed.remove(world)
            emit(.discard(world))
            record(.discarded(world: world.number))
        }
    }

    /// An answer that failed ahead, or that nobody can need any more.
    mutating func forget(answer id: WorkID, _ key: AnswerKey) {
        if answers[key] == id { answers[key] = nil }
        if let work = works[id] { chargeWaste(of: work) }
        works[id] = nil
    }

    private mutating func forgetAliases(of id: WorkID) {
        for (key, other) in executions where other == id { executions[key] = nil }
    }

    mutating func chargeWaste(of work: Work) {
        guard work.lane != .active || work.wasAhead else { return }
        // What came of guesses was booked when they were told.
        if work.isPrediction, work.state == .done { return }
        if !work.execution.isUsed { ledger.wastedSeconds += (work.end ?? now) - work.start }
        let reserved = ledger.unreserve(work.id)
        var spent = Cost.zero
        switch work.kind {
        case .answer(let key):
            if reserved == nil { break }
            let usage = work.answer.usage ?? estimatedUsage(key.request, work.answer.soFar)
            spent = cost(usage, of: key.request)
            charge(work, usage, isEstimated: !work.answer.hasReportedUsage, .wasted)
        case .prediction(let transcript, let speculator):
            guard reserved != nil, let request = request(at: transcript) else { break }
            let usage = expectedUsage(request, ofSpeculator: speculator)
            spent = cost(usage, ofSpeculator: speculator)
            charge(work, usage, isEstimated: true, .guesses)
        case .execution: break
        }
        ledger.wasted += spent
        noteSpent(spent, on: work)
    }

    // MARK: - Validity

    /// The execution of a call, if its output may (still) be used at this moment.
    mutating func find(_ key: ExecutionKey, _ call: JudgedCall, _ slots: inout Scheduler) -> WorkID? {
        guard let id = executions[key], let work = works[id] else { return nil }
        // What runs authoritatively is read when it is read.
        guard work.state != .new, work.lane == .shadow || work.execution.isUsed else { return id }
        guard isStale(work, call) else { return id }
        executions[key] = nil
        drop(id, barring: false, &slots)
        // A hedge may have taken its place.
        return executions[key]
    }

    func isStale(_ work: Work, _ call: JudgedCall) -> Bool {
        let isOfThisGroup = work.execution.isUsed && work.execution.usedIn == readGroup
        // Made again, the call may succeed; beside one that failed, it fails with it.
        if work.execution.hasFailed, work.execution.isUsed, !isOfThisGroup { return true }
        if rules.readsGoStale, let reads = work.execution.result?.reads ?? (changes.isEmpty ? nil : .everything) {
            if changes.contains(where: { $0.tick > work.tick && $0.footprint.intersects(reads) }) { return true }
        }
        guard let traits = call.traits, case .outside(let timeToLive) = traits.reads else { return false }
        if rules.readsGoStale, let timeToLive, now - work.start > timeToLive { return true }
        if rules.causesPrecedeEffects, work.tick < floor { return true }
        return rules.readsNeverRunBackwards && work.tick < newestRead && !isOfThisGroup
    }

    // MARK: - The end

    /// The run is decided; what runs is ended, and what was committed is awaited.
    mutating func conclude(_ end: RunEnd, _ slots: inout Scheduler) {
        phase = .settling(end)
        for id in Array(live) {
            guard let work = works[id] else { continue }
            if let rival = work.execution.rival { separate(id, rival) }
            if work.state == .running { settle(unfinished: id) }
            if work.state == .running || work.state == .backingOff { cancel(id, &slots) }
        }
        for id in Set(executions.values).sorted() where works[id]?.state == .done {
            discardFork(of: id)
        }
        if pendingCommits.isEmpty { finish(end, &slots) }
    }

    mutating func finish(_ end: RunEnd, _ slots: inout Scheduler) {
        guard !isFinished else { return }
        phase = .finished(end)
        for id in works.keys.sorted() {
            if let work = works[id], work.state == .done, !work.execution.isUsed, work.lane == .shadow {
                chargeWaste(of: work)
            }
        }
        emit(.finish(end))
    }
}
