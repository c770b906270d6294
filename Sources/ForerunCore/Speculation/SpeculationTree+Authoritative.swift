import OrderedCollections

extension SpeculationTree {
    /// Advances the real path as far as what is known allows, and notes what it needs.
    ///
    /// - Returns: whether to go on.
    mutating func advance(_ slots: inout Scheduler) -> Bool {
        switch phase {
        case .asking: return takeAnswer(&slots)
        case .performing: return takeOutputs(&slots)
        case .awaitingMessage:
            guard !messages.isEmpty else {
                askForMessage()
                return false
            }
            waitEnded()
            return reachQuestion(&slots)
        case .settling(let end):
            guard pendingCommits.isEmpty else { return false }
            finish(end, &slots)
            return false
        case .finished: return false
        }
    }

    /// The request at a position where something is asked.
    func request(at transcript: Transcript) -> ModelRequest? {
        if case .ask(let request) = setup.program.next(after: transcript) { request } else { nil }
    }

    func answerKey(_ request: ModelRequest, turn: Int) -> AnswerKey {
        AnswerKey(turn: rules.turnIsPartOfKey ? turn : 0, request: request)
    }

    // MARK: - Asking

    private mutating func takeAnswer(_ slots: inout Scheduler) -> Bool {
        guard let request = request(at: root.transcript) else {
            conclude(.finished, &slots)
            return true
        }
        let key = answerKey(request, turn: root.turn)
        guard let id = answers[key], let work = works[id], work.state == .done, let turn = work.answer.turn else {
            wants[.answer(key)] = (.active, .ask(request), nil)
            return false
        }
        if work.lane == .shadow { promote(id, &slots) }
        release(id)
        let isHit = works[id]?.wasAhead ?? false
        settle(answer: id, request)
        if let failure = turn.turn.finish.failure {
            breakOff(id, failure, attempt: work.attempt + 1, &slots)
            return true
        }
        if isHit { statistics.turnHits += 1 }
        if isHit, let work = works[id] { noteSaved(work) }
        statistics.turns += 1
        // With nothing beside it, it took what it took.
        let alone = setup.policy.runsAhead ? work.answer.secondsAlone : nil
        let seconds = alone.map { work.start - work.firstStart + $0 } ?? (work.end ?? now) - work.firstStart
        estimate.addAnswer(seconds: seconds)
        estimates.observe(latencyKind(of: request), seconds: (work.end ?? now) - work.start)
        if let usage = work.answer.usage { estimates.observe(usage, role: request.role.name) }
        score(turn, request)
        record(
            .turnTaken(
                turn: root.turn, role: request.role.name, answer: turn.turn, usage: work.answer.usage, isHit: isHit,
                seconds: seconds))
        self.turn = turn
        taken = Array(repeating: nil, count: turn.calls.count)
        phase = .performing
        return true
    }

    /// The answer is no turn. The user has seen what there is of it, and is told that it does not count.
    private mutating func breakOff(
        _ id: WorkID, _ failure: ModelFailure, attempt: Int, _ slots: inout Scheduler
    ) {
        if works[id]?.answer.hasReleased == true { emit(.release(.withdrawn(turn: root.turn))) }
        record(.answerFailed(turn: root.turn, failure: failure, attempt: attempt, of: attempt, wait: nil))
        conclude(.endpointFailed(failure), &slots)
    }

    /// Tells the ensemble and the speculators what really came.
    private mutating func score(_ turn: JudgedTurn, _ request: ModelRequest) {
        if var here = guesses[root.transcript] {
            here.update(by: ensemble, believing: setup.believesConfidence)
            let came = here.number(of: setup.program.entry(for: turn.turn))
            for (number, guess) in here.all.enumerated() {
                statistics.forecasts.add(guess.probability, came: number == came)
            }
            ensemble.learn(here.ballot, came: came)
        }
        guard !setup.speculators.isEmpty, setup.policy.mode != .off else { return }
        let context = SpeculationContext(request: request, turnNumber: root.turn, width: setup.policy.width)
        emit(.observe(turn.turn, after: context))
    }

    // MARK: - Performing

    private mutating func takeOutputs(_ slots: inout Scheduler) -> Bool {
        guard let turn else { return false }
        var world = rootWorld
        var isWaiting = false
        for (index, call) in turn.calls.enumerated() {
            if let done = taken[index] {
                world = done.world
                continue
            }
            guard case .perform(let traits) = call.verdict else {
                if case .reject(let output) = call.verdict { take(output, of: call, at: index, in: world, work: nil) }
                continue
            }
            if call.isBarrier, isWaiting, rules.barriersHold { return false }
            if abandoned.contains(index) {
                take(.unknown, of: call, at: index, in: world, work: nil)
                continue
            }
            if traits.needsApproval, !isHalted {
                guard let yes = approval(call, at: index) else { return false }
                if !yes, rules.denialsHold {
                    take(.denied, of: call, at: index, in: world, work: nil)
                    continue
                }
            }
            // What leaves the branch must not overtake what it may depend on.
            if traits.effect == .external, !isHalted, !pendingCommits.isEmpty, rules.commitsPrecedeExternalCalls {
                return false
            }
            let key = executionKey(call, at: index, in: world, turn: root.turn)
            if !isHalted || !call.isBarrier, let id = find(key, call, &slots), let work = works[id],
                work.state == .done
            {
                commit(id, call, at: index, &world)
                continue
            }
            if isHalted {
                take(stop(key, call, &slots), of: call, at: index, in: world, work: nil)
                continue
            }
            wants[.execution(key)] = (.active, .perform(call, in: world), nil)
            if call.isBarrier, rules.barriersHold { return false }
            isWaiting = true
        }
        if isWaiting { return false }
        return finishTurn(turn, in: world, &slots)
    }

    func executionKey(_ call: JudgedCall, at index: Int, in world: WorldID, turn: Int) -> ExecutionKey {
        call.traits?.effect == .external ? .external(turn: turn, index: index) : .inWorld(world, call.identity)
    }

    /// Whether the user agreed; `nil`: not known yet.
    private mutating func approval(_ call: JudgedCall, at index: Int) -> Bool? {
        let id = ApprovalID(turn: root.turn, index: index)
        if let answer = approvals[id] { return answer }
        // A person decides on the world as it is.
        guard pendingCommits.isEmpty || !rules.commitsPrecedeApprovals else { return nil }
        approvals[id] = .some(nil)
        waitBegan()
        record(.approvalRequested(turn: id.turn, call: id.index, call.call))
        emit(.requestApproval(id, call.call))
        return nil
    }

    private mutating func take(_ output: Output, of call: JudgedCall, at index: Int, in world: WorldID, work: Work?) {
        taken[index] = Taken(output: output, world: world)
        statistics.calls += 1
        let seconds = work.map { ($0.end ?? now) - $0.firstStart } ?? 0
        estimate.addCall(seconds: seconds, isBarrier: call.isBarrier)
        let isHit = work.map { $0.wasAhead || $0.lane == .shadow } ?? false
        if isHit { statistics.callHits += 1 }
        if isHit, let work { noteSaved(work, isRead: !call.isBarrier) }
        if let work, let end = work.end { estimates.observe(.tool(call.call.name), seconds: end - work.start) }
        if let work, call.traits?.readsOutside == true { newestRead = max(newestRead, work.tick) }
        record(
            .callTaken(
                turn: root.turn, index: index, call: call.call, output: output, isHit: isHit, seconds: seconds,
                effect: call.traits?.effect, work: work?.id.number))
    }

    /// Uses a finished execution on the real path.
    private mutating func commit(_ id: WorkID, _ call: JudgedCall, at index: Int, _ world: inout WorldID) {
        guard let work = works[id], let result = work.execution.result else { return }
        // Reads of one group happen together: none of them is older than another.
        if call.isBarrier { readGroup += 1 }
        works[id]?.execution.isUsed = true
        works[id]?.execution.usedIn = readGroup
        let before = world
        if let child = work.execution.child, work.execution.ownsFork {
            works[id]?.execution.ownsFork = false
            forkOwners.remove(id)
            pendingCommits.append(child)
            committedWorld = child
            record(.committed(world: child.number, turn: root.turn, call: index))
            carryReads(from: before, to: child, past: result.writes)
            world = child
        }
        if result.reachedOutside { floor = tick }
        if call.traits?.effect == .external {
            // It may have changed the world that it was performed in.
            noteEffect(result.writes)
        }
        if call.isBarrier { readGroup += 1 }
        take(result.output, of: call, at: index, in: world, work: work)
        // Last: what is recorded of a commit comes before it.
        if world != before { emit(.commit(world)) }
    }

    /// Finished reads that a commit did not touch are as good on the new world.
    private mutating func carryReads(from old: WorldID, to new: WorldID, past writes: Footprint) {
        for (key, id) in executions {
            guard case .inWorld(old, let identity) = key, let read = works[id], read.state == .done,
                read.execution.call?.traits?.effect == .readOnly, let result = read.execution.result
            else { continue }
            if rules.writesEndReads, result.reads.intersects(writes) { continue }
            let carried = ExecutionKey.inWorld(new, identity)
            if executions[carried] == nil { executions[carried] = id }
        }
    }

    // MARK: - Boundaries

    private mutating func finishTurn(_ turn: JudgedTurn, in world: WorldID, _ slots: inout Scheduler) -> Bool {
        estimate.turnEnded()
        judgeSpeculation()
        readGroup += 1
        let program = setup.program
        var transcript = knownTranscripts.extend(root.transcript, .taken, by: program.entry(for: turn.turn))
        for (index, item) in taken.enumerated() {
            guard let item else { continue }
            transcript = knownTranscripts.extend(transcript, nil, by: .output(call: index, item.output))
        }
        root = Position(transcript: transcript, world: world)
        self.turn = nil
        taken = []
        abandoned = []
        prune()
        switch setup.program.next(after: transcript) {
        case .ask: return isHalted ? awaitMessage(&slots) : reachQuestion(&slots)
        case .awaitMessage: return awaitMessage(&slots)
        case .perform, .finish:
            if isTakenUp, turn.calls.isEmpty { return reachQuestion(&slots) }
            conclude(.finished, &slots)
            return true
        }
    }

    /// Messages join the transcript here, and limits are looked at.
    mutating func reachQuestion(_ slots: inout Scheduler) -> Bool {
        let early = takeEarlyGuesses()
        if setup.isConversation, phase == .awaitingMessage { turnsBefore = root.turn }
        for message in messages {
            root.transcript = root.transcript.appending(.message(message.text))
            floor = max(floor, message.tick)
            record(.messageJoined(turn: root.turn, text: message.text))
        }
        if let early { guesses[root.transcript] = early }
        messages = []
        isTakenUp = false
        isHalted = false
        phase = .asking
        if isBeyondLimit(root.turn) {
            conclude(.limit(.steps), &slots)
        } else if let kind = ledger.reached(setup.limits) {
            conclude(.limit(kind), &slots)
        }
        return true
    }
}
