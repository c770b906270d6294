import OrderedCollections

extension SpeculationTree {
    /// - Returns: what may have changed of what is wanted.
    mutating func handle(_ event: Event, _ slots: inout Scheduler) -> Reach {
        switch event {
        case .started:
            takeUpSubstitutes(&slots)
            if let seconds = setup.limits.seconds { emit(.wake(.timeLimit, at: seconds + waits.seconds(at: now))) }
            tellWhatIsOff()
            if phase == .awaitingMessage { _ = awaitMessage(&slots) }
            return .everything
        case .granted: return .everything
        case .predictionsArrived(let id, let news): return predictionsArrived(id, news)
        case .predictionEnded(let id, let usage): return predictionEnded(id, usage, &slots)
        case .answerStreamed(let id, let delta): return answerStreamed(id, delta)
        case .answerFinished(let id, let answer): return answerFinished(id, answer, &slots)
        case .answerFailed(let id, let failure): return answerFailed(id, failure, &slots)
        case .callFinished(let id, let result): return callFinished(id, result, &slots)
        case .callFailed(let id, let failure): return callFailed(id, failure, &slots)
        case .callTainted(let id):
            // What was never ahead has nobody whose place it could give up.
            guard let work = works[id], work.state == .running, work.lane == .shadow || work.wasAhead else {
                return .nothing
            }
            drop(id, barring: true, &slots)
            return .everything
        case .branchReady: return .nothing
        case .branchFailed(let id, let failure): return branchFailed(id, failure, &slots)
        case .committed(let world):
            pendingCommits.removeAll { $0 == world }
            return .everything
        case .commitFailed(let world, let failure):
            pendingCommits.removeAll { $0 == world }
            guard !isFinished else { return .nothing }
            pendingCommits.removeAll()
            conclude(.environmentFailed(failure), &slots)
            return .everything
        case .recordFailed(let failure):
            guard !isEnding else { return .nothing }
            conclude(.environmentFailed(failure), &slots)
            return .everything
        case .workEnded(let id):
            // What may have left its branch has ended reads.
            let isExternal = if case .external = works[id]?.executionKey { true } else { false }
            ended(id, &slots)
            return isExternal ? .everything : reachOfFreed
        case .revoked(let id):
            guard let work = works[id], work.state == .running, work.lane == .shadow else { return .nothing }
            statistics.revoked += 1
            work.isAnswer || work.isPrediction ? cancel(id, &slots) : drop(id, barring: false, &slots)
            return .everything
        case .worldChangedByOthers(let footprint):
            changes.append((tick, footprint))
            return .everything
        case .messageArrived(let text, let isUrgent):
            messages.append((text, tick))
            if isUrgent { giveUpAnswer(&slots) }
            return .everything
        case .messagesEnded:
            hasNoMoreMessages = true
            guard phase == .awaitingMessage, messages.isEmpty else { return .nothing }
            waitEnded()
            conclude(.finished, &slots)
            return .everything
        case .halted: return halt(&slots) ? .everything : .nothing
        case .approvalAnswered(let id, let yes):
            // The user may have stopped the call before.
            guard case .performing = phase, id.turn == root.turn, taken[id.index] == nil else { return .nothing }
            approvals[id] = .some(yes)
            floor = tick
            waitEnded()
            record(.approvalAnswered(turn: id.turn, call: id.index, granted: yes))
            return .everything
        case .woke(.retry(let id)):
            guard works[id]?.state == .backingOff else { return .nothing }
            works[id]?.state = .new
            live.remove(id)
            return .everything
        case .woke(.timeLimit):
            guard !isEnding, isTimeUp() else { return .nothing }
            conclude(.limit(.seconds), &slots)
            return .everything
        case .speculationSwitched(let isOn):
            guard setup.policy.mode != .off, isSwitchedOff == isOn, !isEnding else { return .nothing }
            isSwitchedOff = !isOn
            let change = Switchboard.Change(source: nil, isOn: isOn, saved: 0, spent: 0, pause: 0)
            statistics.note(change, turn: root.turn)
            record(.speculationSwitched(turn: root.turn, change))
            return .everything
        case .interrupted:
            guard !isEnding else { return .nothing }
            conclude(.interrupted, &slots)
            return .everything
        }
    }

    /// A driver says that work is over: its slot is free.
    ///
    /// - Returns: whether anybody still wants it; `false`: it was being ended.
    private mutating func end(of work: Work, _ slots: inout Scheduler) -> Bool {
        guard work.state == .running else {
            ended(work.id, &slots)
            return false
        }
        free(work.id, &slots)
        return true
    }

    // MARK: - Predictions

    private mutating func predictionsArrived(_ id: WorkID, _ news: [Prediction]) -> Reach {
        guard let work = works[id], work.state == .running, case .prediction(let transcript, let speculator) = work.kind
        else { return .nothing }
        let source = voice(of: speculator, at: transcript)
        // Taken out for the while, or each change would copy it.
        var here = guesses.updateValue(Guesses(), forKey: transcript) ?? Guesses()
        here.hear(source)
        let numbers = news.map { prediction in
            here.add(
                prediction, JudgedTurn(prediction.turn, setup.book), setup.program.entry(for: prediction.turn),
                by: source, of: setup.speculators[speculator].source)
        }
        here.update(by: ensemble, believing: setup.believesConfidence)
        for (prediction, number) in zip(news, numbers) {
            statistics.predicted += 1
            record(
                .predicted(
                    turn: transcript.turns, source: source, rank: prediction.rank, calls: prediction.turn.calls,
                    probability: here.all[number].probability, confidence: prediction.confidence))
        }
        guesses[transcript] = here
        return news.isEmpty ? .nothing : .ahead(transcript)
    }

    private mutating func predictionEnded(_ id: WorkID, _ usage: Usage?, _ slots: inout Scheduler) -> Reach {
        guard let work = works[id], case .prediction(let transcript, let speculator) = work.kind else {
            return .nothing
        }
        guard end(of: work, &slots) else { return reachOfFreed }
        let source = setup.speculators[speculator].source
        let voice = voice(of: speculator, at: transcript)
        let isNews = transcript.turns >= root.turn && guesses[transcript]?.ballot.sources.contains(voice) != true
        if isNews { guesses[transcript, default: Guesses()].hear(voice) }
        let wasReserved = ledger.unreserve(id) != nil
        var spent = Cost.zero
        if work.resource != nil, let request = request(at: transcript) {
            let used = usage ?? expectedUsage(request, ofSpeculator: speculator)
            if used != .zero { spent = cost(used, ofSpeculator: speculator) }
            charge(work, used, isEstimated: usage == nil, .guesses)
        }
        if let usage, usage != .zero { estimates.observe(usage, role: source) }
        ledger.wasted += spent
        noteSpent(spent, on: work)
        estimates.observe(.prediction(source: source), seconds: now - work.start)
        works[id]?.state = .done
        works[id]?.end = now
        // Where it held nothing and had said all before, nothing has changed.
        if isShort, wasReserved || work.resource != nil { return .everything }
        return isNews ? .ahead(transcript) : .nothing
    }

    // MARK: - Answers

    private mutating func answerStreamed(_ id: WorkID, _ delta: AnswerDelta) -> Reach {
        // Read piece by piece: a copy of the work would make each addition to its text copy all of it.
        guard works[id]?.state == .running, case .answer(let key)? = works[id]?.kind else { return .nothing }
        let speculates = setup.policy.runsAhead
        switch delta {
        case .text(let text):
            works[id]?.answer.text += text
            works[id]?.answer.unreleased += text
            // The user sees text the moment it is confirmed to be on the path, whatever else there is to decide.
            if phase == .asking, key.turn == root.turn, works[id]?.lane == .active { release(id) }
            return speculates && setup.program.keepsCommentary ? .everything : .nothing
        case .reasoning, .logprobs: return .nothing
        case .callStarted(_, let name):
            works[id]?.answer.names.append(name)
            return speculates ? .everything : .nothing
        case .callSealed(_, let call):
            let judged = setup.book.judge(call)
            works[id]?.answer.sealed.append(judged)
            return speculates ? .everything : .nothing
        }
    }

    private mutating func answerFinished(_ id: WorkID, _ answer: Answer, _ slots: inout Scheduler) -> Reach {
        guard let work = works[id], case .answer(let key) = work.kind else { return .nothing }
        guard end(of: work, &slots) else { return reachOfFreed }
        let usage = answer.usage ?? estimatedUsage(key.request, answer.turn)
        works[id]?.state = .done
        works[id]?.end = now
        let judged = JudgedTurn(answer.turn, setup.book)
        works[id]?.answer.turn = judged
        works[id]?.answer.usage = usage
        works[id]?.answer.hasReportedUsage = answer.usage != nil
        works[id]?.answer.secondsAlone = answer.secondsAlone
        record(.answered(work: id.number, lane: work.lane, seconds: now - work.start))
        // What the stream had not brought (a server that does not stream, a script) is shown as one piece.
        if work.answer.text.isEmpty, !answer.turn.text.isEmpty {
            works[id]?.answer.text = answer.turn.text
            works[id]?.answer.unreleased = answer.turn.text
        }
        if ledger.unreserve(id) != nil { ledger.reserve(cost(usage, of: key.request), for: id) }
        return .everything
    }

    private mutating func answerFailed(_ id: WorkID, _ failure: ModelFailure, _ slots: inout Scheduler) -> Reach {
        guard let work = works[id], case .answer(let key) = work.kind else { return .nothing }
        guard end(of: work, &slots) else { return reachOfFreed }
        works[id]?.end = now
        keepQuiet(work.resource, after: failure)
        if work.lane == .shadow {
            // What did not begin to answer is taken to have cost nothing.
            if work.answer.isSilent { ledger.unreserve(id) }
            // A failure ahead is no outcome: the authoritative attempts count from one.
            forget(answer: id, key)
            if rules.failuresAheadAreBarred { barred.insert(.answer(key)) }
            return .everything
        }
        // Its sealed prefix is forgotten with it.
        works[id]?.answer = AnswerProgress()
        if work.answer.hasReleased { emit(.release(.withdrawn(turn: key.turn))) }
        let attempt = work.attempt + 1
        guard let wait = setup.retry.wait(before: attempt, after: failure, turn: key.turn) else {
            record(.answerFailed(turn: key.turn, failure: failure, attempt: attempt, of: attempt, wait: nil))
            if fallBack(id, key.request.role.name, after: failure, &slots) { return .everything }
            conclude(.endpointFailed(failure), &slots)
            return .everything
        }
        record(
            .answerFailed(
                turn: key.turn, failure: failure, attempt: attempt, of: setup.retry.attempts, wait: wait))
        works[id]?.attempt = attempt
        works[id]?.state = .backingOff
        live.append(id)
        emit(.wake(.retry(id), at: now + wait))
        return .everything
    }

    // MARK: - Executions

    private mutating func callFinished(_ id: WorkID, _ result: CallResult, _ slots: inout Scheduler) -> Reach {
        guard let work = works[id], let key = work.executionKey, let call = work.execution.call else { return .nothing }
        guard end(of: work, &slots) else { return reachOfFreed }
        if result.isTainted, work.lane == .shadow || work.wasAhead, rules.taintedOutputsAreDropped {
            works[id]?.end = now
            drop(id, barring: true, &slots)
            return .everything
        }
        works[id]?.end = now
        works[id]?.execution.result = result
        if let here = works[id], here.lane == .shadow, here.execution.rival != nil, isStale(here, call) {
            // It is too old to be used: the real one beside it goes on.
            drop(id, barring: false, &slots)
            return .everything
        }
        works[id]?.state = .done
        // Nothing of the real path waits for it.
        let isAhead = work.lane == .shadow && work.promotion == nil && work.execution.rival == nil
        record(
            .callFinished(work: id.number, lane: work.lane, seconds: now - work.start, isError: result.output.isError))
        if let rival = work.execution.rival {
            // The first untainted result is taken, the other ends.
            separate(id, rival)
            works[id]?.execution.isHedge = false
            executions[key] = id
            drop(rival, barring: false, &slots)
        }
        return isAhead ? reach(ofEnded: key) : .everything
    }

    private mutating func callFailed(_ id: WorkID, _ failure: CallFailure, _ slots: inout Scheduler) -> Reach {
        guard let work = works[id], let key = work.executionKey, let call = work.execution.call else { return .nothing }
        guard end(of: work, &slots) else { return reachOfFreed }
        works[id]?.end = now
        if work.lane == .shadow {
            drop(id, barring: true, &slots)
            return .everything
        }
        if let rival = work.execution.rival {
            separate(id, rival)
            works[id]?.execution.isHedge = false
            executions[key] = id
            drop(rival, barring: false, &slots)
        }
        discardFork(of: id)
        if mayRetry(call, after: failure), work.attempt + 1 < setup.retry.attempts {
            // From a fresh fork, at once: what failed had not begun, or changed nothing.
            works[id]?.attempt += 1
            works[id]?.state = .new
            return .everything
        }
        works[id]?.state = .done
        works[id]?.execution.child = nil
        works[id]?.execution.hasFailed = true
        let mayHaveWritten = call.traits?.effect == .external && failure.kind != .notStarted
        works[id]?.execution.result = CallResult(
            Output("The call failed: \(failure)", isError: true), reads: .everything,
            writes: mayHaveWritten ? .everything : .nothing)
        return .everything
    }

    /// An endpoint that has had enough gets nothing that can wait.
    private mutating func keepQuiet(_ resource: Resource?, after failure: ModelFailure) {
        guard let resource, failure.kind == .rateLimited || failure.kind == .overloaded else { return }
        let wait = failure.retryAfter ?? setup.retry.cap
        quietUntil[resource] = max(quietUntil[resource] ?? 0, now + wait)
    }

    private func mayRetry(_ call: JudgedCall, after failure: CallFailure) -> Bool {
        guard call.traits?.effect == .external else { return failure.kind.isRetryable }
        return failure.kind == .notStarted || !rules.unknownOutcomesStand
    }

    private mutating func branchFailed(
        _ id: WorkID, _ failure: EnvironmentFailure, _ slots: inout Scheduler
    ) -> Reach {
        guard let work = works[id] else { return .nothing }
        // There is no world to discard.
        works[id]?.execution.ownsFork = false
        forkOwners.remove(id)
        guard end(of: work, &slots) else { return reachOfFreed }
        works[id]?.end = now
        if work.lane == .shadow {
            drop(id, barring: true, &slots)
        } else {
            conclude(.environmentFailed(failure), &slots)
        }
        return .everything
    }
}
