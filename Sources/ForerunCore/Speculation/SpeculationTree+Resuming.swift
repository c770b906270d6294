extension SpeculationTree {
    /// A run that goes on where it was cut off.
    ///
    /// Everything committed counts as it did: the transcript, the ledger, limits and the counterfactual. The world is the one
    /// that the outputs so far belong to. What was guessed is forgotten.
    package init(
        _ setup: Setup, resuming path: Resumption, world: WorldID = .initial, experience: Experience = Experience(),
        rules: Rules = Rules()
    ) {
        self.init(
            setup, transcript: Transcript(path.opening.map { .message($0) }), world: world, experience: experience,
            rules: rules)
        nextNumber = max(1, path.firstNumber)
        now = path.elapsed
        waits = PeopleClock(seconds: path.waited)
        for fallback in path.fallbacks { restore(fallback) }
        ledger.wasted = path.wasted
        for (number, turn) in path.turns.enumerated() { restore(turn, isLast: number == path.turns.count - 1) }
        abandoned = path.abandoned
        isHalted = path.isHalted
        if setup.isConversation { turnsBefore = path.turns.lastIndex { !$0.messages.isEmpty } ?? 0 }
        if isHalted { unanswered = path.messages } else { messages = path.messages.map { ($0, 0) } }
        isTakenUp = !messages.isEmpty
        // They join where all messages do, and the log is told again.
        if path.turns.isEmpty, isHalted || !messages.isEmpty { phase = .awaitingMessage }
    }

    /// A model that was replaced stays so, unless other models play the role now.
    private mutating func restore(_ fallback: Fallback) {
        guard model(of: fallback.role) == fallback.from, let list = setup.substitutes[fallback.role],
            let number = list.firstIndex(where: { $0.model == fallback.to })
        else { return }
        substituted[fallback.role] = number + 1
        fallbacks.append(fallback)
    }

    /// The run begins: its driver hears who plays which role.
    mutating func takeUpSubstitutes(_ slots: inout Scheduler) {
        for (role, number) in substituted.sorted(by: { $0.key < $1.key }) {
            guard let substitute = setup.substitutes[role]?[number - 1] else { continue }
            slots.extend(setup.run, to: substitute.resource)
            emit(.substitute(role: role, number))
        }
    }

    private mutating func restore(_ past: Resumption.TakenTurn, isLast: Bool) {
        for message in past.messages { root.transcript = root.transcript.appending(.message(message)) }
        let judged = JudgedTurn(past.answer, setup.book)
        statistics.turns += 1
        if past.isHit { statistics.turnHits += 1 }
        if let usage = past.usage {
            ledger.usage += usage
            ledger.cost += past.cost ?? Cost(usage, price: setup.prices[past.role])
            ledger.answers += 1
        }
        estimate.addAnswer(seconds: past.seconds)
        for call in past.calls where judged.calls.indices.contains(call.index) {
            statistics.calls += 1
            if call.isHit { statistics.callHits += 1 }
            estimate.addCall(seconds: call.seconds, isBarrier: judged.calls[call.index].isBarrier)
        }
        guard !isLast else {
            // Even if nothing is missing: what comes after it is decided where it always is.
            turn = judged
            taken = Array(repeating: nil, count: judged.calls.count)
            for call in past.calls where taken.indices.contains(call.index) {
                taken[call.index] = Taken(output: call.output, world: rootWorld)
            }
            phase = .performing
            return
        }
        estimate.turnEnded()
        root.transcript = root.transcript.appending(setup.program.entry(for: past.answer))
        for call in past.outputs {
            root.transcript = root.transcript.appending(.output(call: call.index, call.output))
        }
    }
}
