import OrderedCollections

extension SpeculationTree {
    /// At most so many positions are looked at in a step: a safety net, far above what a budget pays for.
    private static let mostPositions = 200

    /// Wants what may be needed after the root.
    mutating func lookAhead(_ slots: inout Scheduler) {
        guard setup.policy.mode != .off else { return }
        var positions = 0
        expand(Outlook(root, probability: 1, depth: 0, seconds: 0), &positions, &slots)
    }

    /// A position that the real path may come to.
    struct Outlook {
        var position: Position
        /// That it comes there.
        var probability: Double
        /// In turns ahead of the root.
        var depth: Int
        /// Until it comes there, as expected, in seconds from now.
        var seconds: Double

        init(_ position: Position, probability: Double, depth: Int, seconds: Double) {
            self.position = position
            self.probability = probability
            self.depth = depth
            self.seconds = seconds
        }
    }

    /// One walk for sealed calls, guesses, and answers asked ahead.
    private mutating func expand(_ here: Outlook, _ positions: inout Int, _ slots: inout Scheduler) {
        let transcript = here.position.transcript
        guard positions < Self.mostPositions, let request = request(at: transcript) else { return }
        if let steps = setup.limits.steps, here.position.turn >= steps { return }
        positions += 1
        let key = answerKey(request, turn: here.position.turn)
        let work = answers[key].flatMap { works[$0] }
        let isAnswered = work?.state == .done
        let latency = estimates.latency(latencyKind(of: request))
        var answered = here
        if !isAnswered {
            if here.depth > 0, setup.policy.mode == .full {
                wantAnswer(key, request, here, latency, isRunning: work != nil, slots)
            }
            let left = work.map { latency.remaining(after: now - $0.start) } ?? latency.mean
            // What is asked ahead goes on while the real path comes closer.
            answered.seconds =
                here.depth > 0 && setup.policy.mode == .full
                ? max(here.seconds, left) : here.seconds + left
        }
        var next: [Guesses.Guess]
        if here.depth == 0, phase == .performing, let turn {
            next = [certain(turn, at: transcript)]
        } else if isAnswered, let turn = work?.answer.turn {
            next = [certain(turn, at: transcript)]
        } else {
            if let sealed = work?.answer.sealed, !sealed.isEmpty, setup.policy.mode != .observe {
                let guess = Guesses.Guess(certain: JudgedTurn(sealed: sealed))
                follow(guess, answered, isSealed: true, isRootTurn: false, &slots)
            }
            wantPredictions(answered, request, slots)
            next = ranked(at: transcript, while: work?.answer)
        }
        guard setup.policy.mode != .observe else { return }
        for guess in next {
            let isRootTurn = here.depth == 0 && phase == .performing
            let most = guess.callProbabilities.max() ?? guess.probability
            guard admission.expands(probability: here.probability * most, depth: here.depth + 1),
                let after = follow(guess, answered, isSealed: false, isRootTurn: isRootTurn, &slots),
                messages.isEmpty,
                admission.expands(probability: here.probability * guess.probability, depth: here.depth + 1)
            else { continue }
            expand(
                Outlook(
                    after.position, probability: here.probability * guess.probability, depth: here.depth + 1,
                    seconds: after.seconds), &positions, &slots)
        }
    }

    /// A turn that is known.
    private func certain(_ turn: JudgedTurn, at transcript: Transcript) -> Guesses.Guess {
        let same = guesses[transcript]?.all.first { !$0.outputs.isEmpty && $0.turn.turn.calls == turn.turn.calls }
        return Guesses.Guess(certain: turn, outputs: same?.outputs ?? [:])
    }

    /// The first few guesses, by probability, of those that are not ruled out.
    private mutating func ranked(at transcript: Transcript, while answer: AnswerProgress?) -> [Guesses.Guess] {
        let believes = setup.believesConfidence
        guesses[transcript]?.update(by: ensemble, believing: believes)
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
    /// - Parameter here: the question, with the time at which its answer is expected.
    /// - Returns: the position after the turn, once all outputs are known (or guessed, where nothing may run ahead), and when
    ///   the real path is expected there.
    @discardableResult
    private mutating func follow(
        _ guess: Guesses.Guess, _ here: Outlook, isSealed: Bool, isRootTurn: Bool, _ slots: inout Scheduler
    ) -> (position: Position, seconds: Double)? {
        let turn = guess.turn
        var world = here.position.world
        var known: [Output] = []
        var isWaiting = false
        var seconds = here.seconds
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
                seconds += estimates.latency(.tool(call.call.name)).mean
                if traits.effect != .readOnly { world = nil }
                continue
            }
            guard let place = world else { return nil }
            if isWaiting, traits.effect != .readOnly { return nil }
            let key = executionKey(call, at: index, in: place, turn: here.position.turn)
            let id = find(key, call, &slots)
            if let id, let work = works[id], work.state == .done, let result = work.execution.result {
                if wants[.execution(key)] == nil { wants[.execution(key)] = (.keep, .perform(call, in: place)) }
                known.append(result.output)
                if let child = work.execution.child { world = child }
                continue
            }
            let probability = here.probability * guess.callProbabilities[index]
            let depth = isSealed ? here.depth : here.depth + 1
            guard
                wantExecution(
                    key, call, in: place, probability: probability, depth: depth, before: seconds,
                    isRunning: id != nil, isCertain: guess.probability == 1, slots)
            else { return nil }
            if traits.effect != .readOnly { return nil }
            isWaiting = true
        }
        guard !isWaiting, known.count == turn.calls.count else { return nil }
        var transcript = extend(here.position.transcript, by: setup.program.entry(for: turn.turn))
        for (index, output) in known.enumerated() { transcript = extend(transcript, by: .output(call: index, output)) }
        return (Position(transcript: transcript, world: world), seconds)
    }

    /// A transcript and one entry more: the same object each time, so that comparing two of them takes no time.
    mutating func extend(_ transcript: Transcript, by entry: Transcript.Entry) -> Transcript {
        knownTranscripts.insert(transcript.appending(entry)).memberAfterInsert
    }

    private func mayNotRunAhead(_ traits: CallTraits) -> Bool {
        (traits.effect == .external && rules.externalCallsWait) || (traits.needsApproval && rules.approvedCallsWait)
    }
}

extension JudgedTurn {
    /// The sealed prefix of an answer that still streams.
    init(sealed: [JudgedCall]) {
        turn = Turn(calls: sealed.map(\.call))
        calls = sealed
    }
}
