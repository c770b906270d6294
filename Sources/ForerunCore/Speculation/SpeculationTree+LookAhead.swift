import OrderedCollections

extension SpeculationTree {
    /// At most so many positions are looked at in a step: a safety net, far above what a budget pays for.
    private static let mostPositions = 200

    /// Wants what may be needed after the root.
    mutating func lookAhead(_ slots: inout Scheduler) {
        planned = now
        outlooks.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        guard setup.policy.mode != .off, !isSwitchedOff else { return }
        expand(Outlook(root, probability: 1, depth: 0, seconds: 0), &slots)
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
        /// Whose guess leads there, the last one.
        var source: String?
        /// The guesses whose calls were looked at, and those whose next position was, one bit each.
        var followed: UInt64 = 0
        var expanded: UInt64 = 0

        init(_ position: Position, probability: Double, depth: Int, seconds: Double, source: String? = nil) {
            self.position = position
            self.probability = probability
            self.depth = depth
            self.seconds = seconds
            self.source = source
        }
    }

    /// Where a turn that is followed comes from.
    private enum Origin: Hashable {
        /// The first calls of an answer that still streams.
        case sealed
        /// The turn at hand.
        case root
        case answer(WorkID)
        /// The guess of this number.
        case guess(Int)

        var next: TranscriptPool.Next? {
            switch self {
            case .sealed: nil
            case .root: .taken
            case .answer(let id): .result(id)
            case .guess(let number): .guess(number)
            }
        }

        /// Its place in what is noted of a position; whatever is certain has the first.
        var bit: UInt64 {
            if case .guess(let number) = self { 1 << UInt64(min(number + 1, 63)) } else { 1 }
        }
    }

    /// One walk for sealed calls, guesses, and answers asked ahead.
    mutating func expand(_ here: Outlook, _ slots: inout Scheduler) {
        let transcript = here.position.transcript
        let before = outlooks[transcript]
        guard before != nil || outlooks.count < Self.mostPositions, let request = request(at: transcript) else {
            return
        }
        if isBeyondLimit(here.position.turn) { return }
        var seen = here
        (seen.followed, seen.expanded) = (0, 0)
        // It counts as not seen through until it is.
        outlooks[transcript] = seen
        let key = answerKey(request, turn: here.position.turn)
        let id = answers[key]
        let work = id.flatMap { works[$0] }
        let isAnswered = work?.state == .done
        let latency = estimates.latency(latencyKind(of: request))
        var answered = here
        if !isAnswered {
            if here.depth > 0, asksAhead(request.role.name) {
                wantAnswer(key, request, here, latency, running: work == nil ? nil : id, &slots)
            }
            let left = work.map { latency.remaining(after: now - $0.start) } ?? latency.mean
            // What is asked ahead goes on while the real path comes closer.
            answered.seconds =
                here.depth > 0 && asksAhead(request.role.name)
                ? max(here.seconds, left) : here.seconds + left
        }
        var next: [(origin: Origin, guess: Guesses.Guess)]
        if here.depth == 0, phase == .performing, let turn {
            next = [(.root, certain(turn, at: transcript))]
        } else if isAnswered, let id, let turn = work?.answer.turn {
            // Nothing follows an answer that is no turn.
            next = turn.turn.finish.failure == nil ? [(.answer(id), certain(turn, at: transcript))] : []
        } else {
            if let sealed = work?.answer.sealed, !sealed.isEmpty, setup.policy.mode != .observe {
                follow(Guesses.Guess(certain: JudgedTurn(sealed: sealed)), .sealed, answered, &slots)
            }
            wantPredictions(answered, request, &slots)
            next = ranked(at: transcript, while: work?.answer)
        }
        guard setup.policy.mode != .observe else { return }
        for (origin, guess) in next {
            let most = guess.callProbabilities.max() ?? guess.probability
            guard admission.expands(probability: here.probability * most, depth: here.depth + 1) else { continue }
            seen.followed |= origin.bit
            guard let after = follow(guess, origin, answered, &slots), messages.isEmpty,
                admission.expands(probability: here.probability * guess.probability, depth: here.depth + 1)
            else { continue }
            seen.expanded |= origin.bit
            expand(
                Outlook(
                    after.position, probability: here.probability * guess.probability, depth: here.depth + 1,
                    seconds: after.seconds, source: guess.source ?? here.source), &slots)
        }
        note(seen, after: before)
    }

    /// A turn that is known.
    private func certain(_ turn: JudgedTurn, at transcript: Transcript) -> Guesses.Guess {
        let same = guesses[transcript]?.all.first { !$0.outputs.isEmpty && $0.turn.turn.calls == turn.turn.calls }
        return Guesses.Guess(certain: turn, outputs: same?.outputs ?? [:])
    }

    /// The first few guesses about what comes after a message that is not known yet.
    mutating func earlyGuesses(at transcript: Transcript) -> [Guesses.Guess] {
        ranked(at: transcript, while: nil).map(\.guess)
    }

    /// The first few guesses, by probability, of those that are not ruled out.
    private mutating func ranked(
        at transcript: Transcript, while answer: AnswerProgress?
    ) -> [(origin: Origin, guess: Guesses.Guess)] {
        guard mayGuess(), let place = guesses.index(forKey: transcript) else { return [] }
        if !guesses.values[place].isUpToDate(with: ensemble) {
            guesses.values[place].update(by: ensemble, believing: setup.believesConfidence)
        }
        var first: [(origin: Origin, guess: Guesses.Guess)] = []
        for number in guesses.values[place].order where first.count < setup.policy.width {
            let guess = guesses.values[place].all[number]
            if let answer, contradicts(guess, answer) { continue }
            first.append((.guess(number), guess))
        }
        return first
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
        _ guess: Guesses.Guess, _ origin: Origin, _ here: Outlook, _ slots: inout Scheduler
    ) -> (position: Position, seconds: Double)? {
        let turn = guess.turn
        var world = here.position.world
        var known: [(next: TranscriptPool.Next?, output: Output)] = []
        var isWaiting = false
        var seconds = here.seconds
        for (index, call) in turn.calls.enumerated() {
            if origin == .root, let done = taken[index] {
                known.append((.given, done.output))
                world = done.world
                continue
            }
            guard case .perform(let traits) = call.verdict else {
                if case .reject(let output) = call.verdict { known.append((.given, output)) }
                continue
            }
            if mayNotRunAhead(traits) || world == nil {
                guard let output = guess.outputs[index] else { return nil }
                known.append((nil, output))
                seconds += estimates.latency(.tool(call.call.name)).mean
                if traits.effect != .readOnly { world = nil }
                continue
            }
            guard let place = world else { return nil }
            if isWaiting, traits.effect != .readOnly { return nil }
            let key = executionKey(call, at: index, in: place, turn: here.position.turn)
            let id = find(key, call, &slots)
            if let id, let work = works[id], work.state == .done, let result = work.execution.result {
                mark(id)
                known.append((.result(id), result.output))
                if let child = work.execution.child { world = child }
                continue
            }
            let probability = here.probability * guess.callProbabilities[index]
            let depth = origin == .sealed ? here.depth : here.depth + 1
            let isWanted = wantExecution(
                key, call, in: place, probability: probability, depth: depth, before: seconds,
                running: id, isCertain: guess.probability == 1,
                source: guess.source ?? here.source, &slots)
            if isWanted { noteWaiting(for: key, at: here.position.transcript) }
            // The reads beside one that is not wanted may be, and may run: they do not depend on it.
            if traits.effect != .readOnly { return nil }
            isWaiting = true
        }
        // What follows a part of a turn is nothing yet.
        guard !isWaiting, origin != .sealed, known.count == turn.calls.count else { return nil }
        let program = setup.program
        var transcript = knownTranscripts.extend(
            here.position.transcript, origin.next, by: program.entry(for: turn.turn))
        for (index, item) in known.enumerated() {
            transcript = knownTranscripts.extend(transcript, item.next, by: .output(call: index, item.output))
        }
        return (Position(transcript: transcript, world: world), seconds)
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
