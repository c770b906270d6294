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
        var next: [(turn: JudgedTurn, probability: Double, outputs: [Int: Output])]
        if depth == 0, phase == .performing, let turn {
            next = [(turn, 1, guessedOutputs(at: position.transcript, for: turn))]
        } else if isAnswered, let turn = work?.answer.turn {
            next = [(turn, 1, guessedOutputs(at: position.transcript, for: turn))]
        } else {
            if let sealed = work?.answer.sealed, !sealed.isEmpty, setup.policy.mode != .observe {
                follow(JudgedTurn(sealed: sealed), [:], at: position, probability, isRootTurn: false, &slots)
            }
            if admission.admits(probability: probability, depth: depth + 1) {
                wantPredictions(at: position.transcript, request, probability)
            }
            next = ranked(guesses[position.transcript] ?? [], while: work?.answer)
        }
        guard setup.policy.mode != .observe else { return }
        for guess in next {
            let probability = probability * guess.probability
            guard admission.admits(probability: probability, depth: depth + 1) else { continue }
            let isRootTurn = depth == 0 && phase == .performing
            guard
                let after = follow(
                    guess.turn, guess.outputs, at: position, probability, isRootTurn: isRootTurn, &slots),
                messages.isEmpty
            else { continue }
            expand(after, probability: probability, depth: depth + 1, &positions, &slots)
        }
    }

    /// Guesses that agree are one, as probable as the best source says; ranked, the first few.
    private func ranked(
        _ guesses: [Guess], while answer: AnswerProgress?
    ) -> [(turn: JudgedTurn, probability: Double, outputs: [Int: Output])] {
        var merged: [(guess: Guess, probability: Double)] = []
        for guess in guesses {
            if let answer, contradicts(guess, answer) { continue }
            let probability = calibration.probability(guess.key)
            if let same = merged.firstIndex(where: {
                $0.guess.entry == guess.entry && $0.guess.outputs == guess.outputs
            }) {
                merged[same].probability = max(merged[same].probability, probability)
            } else {
                merged.append((guess, probability))
            }
        }
        let sum = merged.reduce(0) { $0 + $1.probability }
        let scale = sum > 1 ? 1 / sum : 1
        return
            merged
            .enumerated()
            .sorted { ($0.element.probability, $1.offset) > ($1.element.probability, $0.offset) }
            .prefix(setup.policy.width)
            .map { ($0.element.guess.turn, $0.element.probability * scale, $0.element.guess.outputs) }
    }

    /// What has streamed so far rules the guess out. Depends on content, never on how it was cut into chunks.
    private func contradicts(_ guess: Guess, _ answer: AnswerProgress) -> Bool {
        let calls = guess.turn.calls
        guard answer.sealed.count <= calls.count, answer.names.count <= calls.count else { return true }
        if zip(answer.sealed, calls).contains(where: { $0.identity != $1.identity }) { return true }
        if zip(answer.names, calls).contains(where: { $0 != $1.call.name }) { return true }
        guard setup.program.keepsCommentary else { return false }
        return !guess.turn.turn.text.utf8.starts(with: answer.text.utf8)
    }

    private func guessedOutputs(at transcript: Transcript, for turn: JudgedTurn) -> [Int: Output] {
        let same = guesses[transcript]?.first { !$0.outputs.isEmpty && $0.turn.turn.calls == turn.turn.calls }
        return same?.outputs ?? [:]
    }

    /// Walks the calls of a turn, wants what is missing.
    ///
    /// - Returns: the position after the turn, once all outputs are known (or guessed, where nothing may run ahead).
    @discardableResult
    private mutating func follow(
        _ turn: JudgedTurn, _ guessed: [Int: Output], at position: Position, _ probability: Double, isRootTurn: Bool,
        _ slots: inout Scheduler
    ) -> Position? {
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
                guard let output = guessed[index] else { return nil }
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
            want(.execution(key), probability, .perform(call, in: here))
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
