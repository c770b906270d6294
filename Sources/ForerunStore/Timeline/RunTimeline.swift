package import ForerunCore

/// A run as it went: who did what when, on which lane, and what became of it.
///
/// Made of the events of its log, in order. The committed path itself is in ``record``.
package struct RunTimeline: Sendable {
    /// A piece of work.
    package struct Span: Sendable, Hashable {
        package enum Subject: Sendable, Hashable {
            case answer(turn: Int)
            case call(Call, world: Int)
        }

        package enum Fate: Sendable, Hashable {
            /// Its result is part of the run.
            case used
            /// It came to its end, and nobody wanted it.
            case unused
            case cancelled
            /// The log ends, or the run was cut off, before it did.
            case open
        }

        package let work: Int
        package let subject: Subject
        package let start: Double
        /// Seconds since the run began.
        package internal(set) var end: Double
        /// It began ahead of the actor.
        package let isAhead: Bool
        package internal(set) var promoted: Double?
        package internal(set) var fate: Fate
        package internal(set) var isError = false
    }

    package struct Branch: Sendable, Hashable {
        package enum Fate: String, Sendable, Hashable {
            case committed
            case discarded
            /// The run was cut off.
            case lost
        }

        package let world: Int
        package let parent: Int
        package let work: Int
        package let start: Double
        package internal(set) var end: Double
        package internal(set) var fate: Fate
    }

    package struct Guess: Sendable, Hashable {
        package let turn: Int
        package let source: String
        package let rank: Int
        package let calls: [Call]
        package let probability: Double
        package let confidence: Double?
        package let time: Double
    }

    package private(set) var record = RunRecord()
    package private(set) var spans: [Span] = []
    package private(set) var branches: [Branch] = []
    /// In the order in which they were made.
    package private(set) var guesses: [Guess] = []
    /// Places in ``guesses``, by turn.
    private var guessesOfTurn: [Int: [Int]] = [:]
    /// When the answer of each turn was taken.
    package private(set) var turnTimes: [Int: Double] = [:]
    /// Attempts that failed, in words, by turn.
    package private(set) var failures: [Int: [String]] = [:]
    /// When the run was gone on with.
    package private(set) var resumed: [Double] = []
    package private(set) var notes: [String] = []
    /// What came of calls and guesses, by tool and by source.
    package private(set) var tally = RunTally()
    /// Seconds saved up to each turn that was taken, as in ``SequentialEstimate``.
    package private(set) var savedByTurn: [Double] = []
    /// Whether anything may run ahead: neither the user nor what was lost has turned it off.
    package private(set) var speculates = true
    private var estimate = SequentialEstimate()
    private var openSpans: [Int: Int] = [:]
    private var openBranches: [Int: Int] = [:]
    private var lastAnswer: [Int: Int] = [:]

    package init() {}

    /// Reads the log of a run as far as it can be read.
    package init(_ run: RunName, in directory: RunStateDirectory, wholeOutputs: Bool = true) throws(StoreError) {
        var reader = try EventLogReader(run, in: directory)
        let outputs = wholeOutputs ? OutputFiles(of: run, in: directory) : nil
        while let item = try reader.nextItem() { add(item, line: reader.line, outputs: outputs) }
        finish()
    }

    /// The last moment that is known of.
    package var end: Double { max(record.elapsed, record.completed?["seconds"]?.doubleValue ?? 0) }

    /// What was guessed about a turn, the most probable first.
    package func guesses(about turn: Int) -> [Guess] {
        (guessesOfTurn[turn] ?? []).map { guesses[$0] }.sorted { $0.probability > $1.probability }
    }

    /// Whether a guess was what the actor said; `nil`: that turn never came.
    package func cameTrue(_ guess: Guess) -> Bool? {
        guard record.turns.indices.contains(guess.turn) else { return nil }
        return record.turns[guess.turn].answer.calls == guess.calls
    }

    // MARK: - Reading

    package mutating func add(_ item: EventLogReader.Item, line: Int, outputs: OutputFiles? = nil) {
        let isWhole = record.damage == nil
        record.add(item, line: line, outputs: outputs)
        guard case .event(let event) = item, isWhole || record.damage == nil else { return }
        let time = event["time"]?.doubleValue ?? record.elapsed
        let work = event["work"]?.intValue ?? 0
        tally.on(event)
        estimate(event, time)
        switch event["type"]?.stringValue {
        case "answer.asked": begin(event, .answer(turn: event["turn"]?.intValue ?? 0), time)
        case "call.started":
            guard let call = Call(json: event["call"]) else { return }
            begin(event, .call(call, world: event["world"]?.intValue ?? 0), time)
        case "answer.finished", "call.finished":
            end(work, at: time, .unused)
            if let index = openSpans[work] { spans[index].isError = event["isError"]?.boolValue ?? false }
        case "work.promoted": promote(work, at: time)
        case "work.cancelled": end(work, at: time, .cancelled)
        case "turn.taken":
            let turn = event["turn"]?.intValue ?? 0
            turnTimes[turn] = time
            if let work = lastAnswer[turn] { use(work) }
        case "call.taken":
            use(work)
            if let index = openSpans[work] { spans[index].isError = event["isError"]?.boolValue ?? false }
        case "answer.failed": fail(event, time)
        case "prediction":
            guessesOfTurn[event["turn"]?.intValue ?? 0, default: []].append(guesses.count)
            guesses.append(
                Guess(
                    turn: event["turn"]?.intValue ?? 0, source: event["source"]?.stringValue ?? "",
                    rank: event["rank"]?.intValue ?? 0,
                    calls: event["calls"]?.arrayValue?.compactMap { Call(json: $0) } ?? [],
                    probability: event["probability"]?.doubleValue ?? 0, confidence: event["confidence"]?.doubleValue,
                    time: time))
        case "branch.forked":
            let world = event["world"]?.intValue ?? 0
            openBranches[world] = branches.count
            branches.append(
                Branch(
                    world: world, parent: event["from"]?.intValue ?? 0, work: work, start: time, end: time, fate: .lost)
            )
        case "branch.committed": close(event["world"]?.intValue ?? 0, at: time, .committed)
        case "branch.discarded": close(event["world"]?.intValue ?? 0, at: time, .discarded)
        case "run.resumed":
            cutOff(at: time)
            resumed.append(time)
        case "speculation.switched":
            if event["source"] == .null { speculates = event["on"]?.boolValue ?? true }
        case "note": notes.append(event["text"]?.stringValue ?? "")
        default: break
        }
    }

    package mutating func finish() {
        record.finish()
        tally.finish()
        cutOff(at: end)
    }

    /// What the path so far would have taken in turn.
    private mutating func estimate(_ event: JSON, _ time: Double) {
        switch event["type"]?.stringValue {
        case "turn.taken":
            estimate.turnEnded()
            estimate.addAnswer(seconds: event["seconds"]?.doubleValue ?? 0)
            savedByTurn.append(estimate.seconds - time)
        case "call.taken":
            estimate.addCall(
                seconds: event["seconds"]?.doubleValue ?? 0,
                isBarrier: event["effect"]?.stringValue != Effect.readOnly.rawValue)
        case "approval.requested": estimate.waitBegan(at: time)
        case "approval.answered": estimate.waitEnded(at: time)
        // Between its two processes the run stood still, and turns that do not count any more are forgotten.
        case "run.resumed": savedByTurn.removeLast(max(0, savedByTurn.count - record.turns.count))
        default: break
        }
    }

    private mutating func begin(_ event: JSON, _ subject: Span.Subject, _ time: Double) {
        let work = event["work"]?.intValue ?? 0
        let isAhead = event["lane"]?.stringValue == Lane.shadow.rawValue
        openSpans[work] = spans.count
        if case .answer(let turn) = subject, !isAhead { lastAnswer[turn] = work }
        spans.append(
            Span(work: work, subject: subject, start: time, end: time, isAhead: isAhead, promoted: nil, fate: .open))
    }

    private mutating func end(_ work: Int, at time: Double, _ fate: Span.Fate) {
        guard let index = openSpans[work], spans[index].fate == .open else { return }
        spans[index].end = time
        spans[index].fate = fate
    }

    /// From here on its answer is the one that is awaited, also where it is there already.
    private mutating func promote(_ work: Int, at time: Double) {
        guard let index = openSpans[work] else { return }
        spans[index].promoted = time
        if case .answer(let turn) = spans[index].subject { lastAnswer[turn] = work }
    }

    private mutating func use(_ work: Int) {
        guard let index = openSpans[work], spans[index].fate != .cancelled else { return }
        spans[index].fate = .used
    }

    private mutating func fail(_ event: JSON, _ time: Double) {
        let turn = event["turn"]?.intValue ?? 0
        if let work = lastAnswer[turn] { end(work, at: time, .cancelled) }
        failures[turn, default: []].append(event["message"]?.stringValue ?? event["kind"]?.stringValue ?? "")
    }

    private mutating func close(_ world: Int, at time: Double, _ fate: Branch.Fate) {
        guard let index = openBranches.removeValue(forKey: world) else { return }
        branches[index].end = time
        branches[index].fate = fate
    }

    /// Nothing of what was going on came to its end.
    private mutating func cutOff(at time: Double) {
        for index in spans.indices where spans[index].fate == .open && spans[index].end == spans[index].start {
            spans[index].end = max(spans[index].start, time)
        }
        for index in openBranches.values { branches[index].end = max(branches[index].start, time) }
        openBranches = [:]
        openSpans = [:]
        lastAnswer = [:]
    }
}
