import OrderedCollections

extension SpeculationTree {
    /// At most so many positions are looked at in a step: a safety net, far above what a budget pays for.
    private static let mostPositions = 200

    /// Wants what may be needed after the root.
    mutating func lookAhead(_ slots: inout Scheduler) {
        guard setup.policy.mode != .off else { return }
        var positions = 0
        expand(root, probability: 1, depth: 0, &positions, &slots)
    }

    /// One walk for sealed calls, guesses, and answers asked ahead.
    private mutating func expand(
        _ position: Position, probability: Double, depth: Int, _ positions: inout Int, _ slots: inout Scheduler
    ) {
        guard positions < Self.mostPositions, let request = request(at: position.transcript) else { return }
        if let steps = setup.limits.steps, position.turn >= steps { return }
        positions += 1
        let key = answerKey(request, turn: position.turn)
        let work = answers[key].flatMap { works[$0] }
        let isAnswered = work?.state == .done
        if depth > 0, !isAnswered, setup.policy.mode == .full {
            want(.answer(key), probability, .ask(request))
        }
        var next: [Guesses.Guess]
        if depth == 0, phase == .performing, let turn {
            next = [certain(turn, at: position.transcript)]
        } else if isAnswered, let turn = work?.answer.turn {
            next = [certain(turn, at: position.transcript)]
        } else {
            if let sealed = work?.answer.sealed, !sealed.isEmpty, setup.policy.mode != .observe {
                let guess = Guesses.Guess(certain: JudgedTurn(sealed: sealed))
                follow(guess, at: position, probability, depth: depth, isRootTurn: false, &slots)
            }
            if admission.admits(probability: probability, depth: depth + 1) {
                wantPredictions(at: position.transcript, request, probability)
            }
            next = ranked(at: position.transcript, while: work?.answer)
        }
        guard setup.policy.mode != .observe else { return }
        for guess in next {
            let isRootTurn = depth == 0 && phase == .performing
            let most = guess.callProbabilities.max() ?? guess.probability
            guard admission.admits(probability: probability * most, depth: depth + 1),
                let after = follow(guess, at: position, probability, depth: depth, isRootTurn: isRootTurn, &slots),
                messages.isEmpty, admission.admits(probability: probability * guess.probability, depth: depth + 1)
            else { continue }
            expand(after, probability: probability * guess.probability, depth: depth + 1, &positions, &slots)
        }
    }

    /// A turn that is known.
    private func certain(_ turn: JudgedTurn, at transcript: Transcript) -> Guesses.Guess {
        let same = guesses[transcript]?.all.first { !$0.outputs.isEmpty && $0.turn.turn.calls == turn.turn.calls }
        return Guesses.Guess(certain: turn, outputs: same?.outputs ?? [:])
    }

    /// The first few guesses, by probability, of those that are not ruled out.
    private mutating func ranked(at transcript: Transcript, while answer: AnswerProgress?) -> [Guesses.Guess] {
        guesses[transcript]?.update(by: ensemble)
        guard let all = guesses[transcript]?.all else { return [] }
        let possible = answer.map { answer in all.filter { !contradicts($0, answer) } } ?? all
        return
            possible
            .enumerated()
            .sorted { ($0.element.probability, $1.offset) > ($1.element.probability, $0.offset) }
            .prefix(setup.policy.width)
            .map(\.element)
    }

    /// What has streamed so far rules the guess out. Depends on content, never on how it was cut into chunks.
    private func contradicts(_ guess: Guesses.Guess, _ answer: AnswerProgress) -> Bool {
        let calls = guess.turn.calls
        guard answer.sealed.count <= calls.count, answer.names.count <= calls.count else { return true }
        if zip(answer.sealed, calls).contains(where: { $0.identity != $1.identity }) { return true }
        if zip(answer.names, calls).contains(where: { $0 != $1.call.name }) { return true }
        guard setup.program.keepsCommentary else { return false }
        return !guess.turn.turn.text.utf8.starts(with: answer.text.utf8)
    }

    /// Walks the calls of a turn, wants what is missing.
    ///
    /// - Parameter probability: that the position is on the realised path.
    /// - Returns: the position after the turn, once all outputs are known (or guessed, where nothing may run ahead).
    @discardableResult
    private mutating func follow(
        _ guess: Guesses.Guess, at position: Position, _ probability: Double, depth: Int, isRootTurn: Bool,
        _ slots: inout Scheduler
    ) -> Position? {
        let turn = guess.turn
        var world = position.world
        var known: [Output] = []
        var isWaiting = false
        for (index, call) in turn.calls.enumerated() {
            if isRootTurn, let done = taken[index] {
                known.append(done.output)
                world = done.world
                continue
            }
            guard case .perform(let traits) = call.verdict else {
                if case .reject(let output) = call.verdict { known.append(output) }
                continue
            }
            if mayNotRunAhead(traits) || world == nil {
                guard let output = guess.outputs[index] else { return nil }
                known.append(output)
                if traits.effect != .readOnly { world = nil }
                continue
            }
            guard let here = world else { return nil }
            if isWaiting, traits.effect != .readOnly { return nil }
            let key = executionKey(call, at: index, in: here, turn: position.turn)
            if let id = find(key, call, &slots), let work = works[id], work.state == .done,
                let result = work.execution.result
            {
                if wants[.execution(key)] == nil { wants[.execution(key)] = (.keep, .perform(call, in: here)) }
                known.append(result.output)
                if let child = work.execution.child { world = child }
                continue
            }
            let value = probability * guess.callProbabilities[index]
            if guess.probability < 1, !admission.admits(probability: value, depth: depth + 1) { return nil }
            want(.execution(key), value, .perform(call, in: here))
            if traits.effect != .readOnly { return nil }
            isWaiting = true
        }
        guard !isWaiting, known.count == turn.calls.count else { return nil }
        var transcript = position.transcript.appending(setup.program.entry(for: turn.turn))
        for (index, output) in known.enumerated() { transcript = transcript.appending(.output(call: index, output)) }
        return Position(transcript: transcript, world: world)
    }

    private func mayNotRunAhead(_ traits: CallTraits) -> Bool {
        (traits.effect == .external && rules.externalCallsWait) || (traits.needsApproval && rules.approvedCallsWait)
    }

    private mutating func want(_ key: WorkKey, _ probability: Double, _ recipe: Recipe) {
        switch wants[key]?.want {
        case .active: return
        case .shadow(let old) where old >= probability: return
        case .shadow, .keep, nil: wants[key] = (.shadow(probability), recipe)
        }
    }

    private mutating func wantPredictions(at transcript: Transcript, _ request: ModelRequest, _ probability: Double) {
        let context = SpeculationContext(request: request, turnNumber: transcript.turns, width: setup.policy.width)
        for speculator in setup.speculators.indices {
            want(.prediction(transcript, speculator: speculator), probability, .predict(context))
        }
    }
}

extension JudgedTurn {
    /// The sealed prefix of an answer that still streams.
    init(sealed: [JudgedCall]) {
        turn = Turn(calls: sealed.map(\.call))
        calls = sealed
    }
}
