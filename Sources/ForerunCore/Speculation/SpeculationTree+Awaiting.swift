import OrderedCollections

extension SpeculationTree {
    /// Stands for the message that is awaited, where speculators are asked before it has come.
    package static let unknownMessage = "(The user has not said yet what comes next.)"

    /// People read and type that long, about, in seconds. What is worth starting meanwhile depends on it, nothing else.
    private static let typing = 10.0

    /// The agent has said its last word for now.
    ///
    /// - Returns: whether to go on.
    mutating func awaitMessage(_ slots: inout Scheduler) -> Bool {
        phase = .awaitingMessage
        for text in unanswered {
            root.transcript = root.transcript.appending(.message(text))
            record(.messageJoined(turn: root.turn, text: text))
        }
        unanswered = []
        if isHalted { record(.halted(turn: root.turn)) }
        guard messages.isEmpty else { return true }
        if hasNoMoreMessages {
            conclude(.finished, &slots)
            return true
        }
        isAsking = false
        askForMessage()
        return true
    }

    /// A person speaks of the world as it is: nobody is asked before all that was committed is where it can be seen.
    mutating func askForMessage() {
        guard !isAsking, pendingCommits.isEmpty || !rules.commitsPrecedeApprovals else { return }
        isAsking = true
        waitBegan()
        record(.messageAwaited(turn: root.turn))
        emit(.awaitMessage)
    }

    // MARK: - The time of people

    mutating func waitBegan() {
        estimate.waitBegan(at: now)
        waits.start(at: now)
    }

    mutating func waitEnded() {
        estimate.waitEnded(at: now)
        waits.stop(at: now)
        guard waits.isAlarmDue, let seconds = setup.limits.seconds else { return }
        waits.isAlarmDue = false
        emit(.wake(.timeLimit, at: seconds + waits.seconds(at: now)))
    }

    /// Whether the time of the run is used up. That of people does not count.
    mutating func isTimeUp() -> Bool {
        guard let seconds = setup.limits.seconds else { return true }
        let end = seconds + waits.seconds(at: now)
        if now >= end { return true }
        if waits.isRunning { waits.isAlarmDue = true } else { emit(.wake(.timeLimit, at: end)) }
        return false
    }

    // MARK: - Ahead of the message

    /// Under which name it is counted how often the guesses of a source are right: those from before the message are others
    /// than those from after it.
    func voice(of speculator: Int, at transcript: Transcript) -> String {
        let source = setup.speculators[speculator].source
        return transcript.last == .message(Self.unknownMessage) ? source + " before the message" : source
    }

    private var unknownQuestion: Transcript { root.transcript.appending(.message(Self.unknownMessage)) }

    /// While a person reads and types, speculators guess what will be looked at next, and such calls are made ahead.
    ///
    /// Only those that change nothing and read the world that is committed: a message ends all reads of the outside
    /// (causes precede effects). No question is asked, since none has these words.
    mutating func lookAheadWhileAwaiting(_ slots: inout Scheduler) {
        guard setup.policy.mode != .off, !isSwitchedOff, messages.isEmpty,
            setup.isConversation || !isBeyondLimit(root.turn)
        else {
            return
        }
        let transcript = unknownQuestion
        guard let request = request(at: transcript) else { return }
        // What the message leads to is needed after one more answer.
        let here = Outlook(
            Position(transcript: transcript, world: rootWorld), probability: 1, depth: 0,
            seconds: Self.typing + estimates.latency(latencyKind(of: request)).mean)
        wantPredictions(here, request, &slots)
        guard setup.policy.runsAhead else { return }
        for guess in earlyGuesses(at: transcript) { wantReads(of: guess, here, &slots) }
    }

    /// Wants the reads that a guessed turn begins with.
    private mutating func wantReads(of guess: Guesses.Guess, _ here: Outlook, _ slots: inout Scheduler) {
        for (index, call) in guess.turn.calls.enumerated() {
            guard let traits = call.traits, traits.effect == .readOnly, !traits.needsApproval, !traits.readsOutside
            else { return }
            let key = executionKey(call, at: index, in: rootWorld, turn: root.turn)
            let id = find(key, call, &slots)
            if let id, works[id]?.state == .done {
                mark(id)
                continue
            }
            _ = wantExecution(
                key, call, in: rootWorld, probability: guess.callProbabilities[index], depth: 1, before: here.seconds,
                running: id, isCertain: false, source: guess.source, &slots)
        }
    }

    /// What was guessed before the message came, for the question that it makes.
    mutating func takeEarlyGuesses() -> Guesses? {
        phase == .awaitingMessage ? guesses.removeValue(forKey: unknownQuestion) : nil
    }
}
