package import ForerunCore
package import ForerunLearning

/// A recorded run as a path through its transcript: what is asked, what comes back, what every call returned.
package struct ReplayPath: Sendable {
    /// One performance of a call on the path.
    struct Occurrence: Sendable {
        /// The number of its turn in the transcript.
        let turn: Int
        let index: Int
        /// How many state-changing calls come before it.
        let place: Int
        /// How many of those changed anything, as far as their outputs tell: the same number means the same contents.
        let segment: Int
        let output: Output
        /// As recorded, in seconds; `nil`: not recorded.
        let seconds: Double?
    }

    package let key: String
    /// What stands before the first question: the person's words, and a greeting before them.
    package let opening: Transcript
    /// The turns that are asked for, in order.
    package let turns: [RecordedTurn]
    /// The transcript before each turn, and the whole one at last.
    let transcripts: [Transcript]
    /// What the person says after a turn, by its place in ``turns``.
    let messages: [Int: String]
    let occurrences: [CallIdentity: [Occurrence]]
    /// How many of the state-changing calls that may be made in a fork changed anything, before each of them and after the
    /// last.
    let segments: [Int]
    package let program: RecordedProgram
    /// The most calls that one turn makes at a time.
    let widest: Int
    package let calls: [JudgedCall]

    /// The number of the first turn that is asked for.
    var first: Int { opening.turns }

    /// - Throws: why the run cannot be replayed, in words.
    package init(
        _ run: RecordedRun, role: ModelRequest.Role, commentary: Commentary, book: ReplayBook
    ) throws(ReplayRefusal) {
        var reading = Reading(run.steps)
        guard !reading.turns.isEmpty else { throw ReplayRefusal("it has no turn of the agent") }
        key = run.key
        opening = reading.opening
        turns = reading.turns
        messages = reading.messages
        reading.walk(RecordedProgram(role: role, commentary: commentary, boundaries: [:]), book)
        transcripts = reading.transcripts
        occurrences = reading.occurrences
        segments = reading.segments
        calls = reading.judged
        widest = turns.map(\.calls.count).max() ?? 1
        program = RecordedProgram(role: role, commentary: commentary, boundaries: reading.boundaries)
    }

    /// The recorded turn that answers `transcript`; `nil`: it is not on the path.
    func turn(after transcript: Transcript) -> Int? {
        let index = transcript.turns - first
        guard turns.indices.contains(index), transcripts[index] == transcript else { return nil }
        return index
    }
}

/// Why a run cannot be replayed, in words.
package struct ReplayRefusal: Error, Sendable, Hashable {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
}

extension ReplayPath {
    /// The path while it is read.
    private struct Reading {
        var opening = Transcript()
        var turns: [RecordedTurn] = []
        var messages: [Int: String] = [:]
        var transcripts: [Transcript] = []
        var occurrences: [CallIdentity: [Occurrence]] = [:]
        var changes = 0
        var segments = [0]
        var judged: [JudgedCall] = []
        var boundaries: [Int: RecordedProgram.Boundary] = [:]

        init(_ steps: [RecordedStep]) {
            var rest = steps[...]
            // Words of greeting are no answer of a model that anybody waited for.
            if case .turn(let turn)? = rest.first, turn.calls.isEmpty, rest.count > 1, case .message = rest[1] {
                rest.removeFirst().append(to: &opening)
            }
            while case .message? = rest.first { rest.removeFirst().append(to: &opening) }
            for step in rest {
                switch step {
                case .turn(let turn): turns.append(turn)
                // Messages that were said at once are heard at once.
                case .message(let text): messages[turns.count - 1, default: ""].add(text)
                }
            }
            // Nobody answered the last words.
            messages[turns.count - 1] = nil
        }

        mutating func walk(_ program: RecordedProgram, _ book: ReplayBook) {
            var transcript = opening
            for (index, turn) in turns.enumerated() {
                transcripts.append(transcript)
                let calls = turn.calls.map { book.judge($0.call) }
                judged += calls
                let number = transcript.turns
                transcript = transcript.appending(
                    program.entry(for: Turn(text: turn.text, calls: turn.calls.map(\.call))))
                for (place, call) in turn.calls.enumerated() {
                    let output = take(call, calls[place], turn: number, place)
                    transcript = transcript.appending(.output(call: place, output))
                }
                bound(transcript, after: index, isText: turn.calls.isEmpty)
                if let message = messages[index] { transcript = transcript.appending(.message(message)) }
            }
            transcripts.append(transcript)
        }

        private mutating func take(_ call: RecordedCall, _ judged: JudgedCall, turn: Int, _ place: Int) -> Output {
            let earlier = occurrences[judged.identity]?.last
            var output = call.output ?? Output("")
            // Equal reads of one turn on one world are one execution, hence of one output.
            if let earlier, earlier.turn == turn, earlier.place == changes, judged.isRead {
                output = earlier.output
            }
            let segment = segments[changes]
            occurrences[judged.identity, default: []].append(
                Occurrence(
                    turn: turn, index: place, place: changes, segment: segment, output: output,
                    seconds: call.seconds))
            if judged.isContained {
                changes += 1
                segments.append(output.isError ? segment : segment + 1)
            }
            return output
        }

        private mutating func bound(_ transcript: Transcript, after index: Int, isText: Bool) {
            let next: RecordedProgram.Next =
                messages[index] != nil ? .message : index == turns.count - 1 ? .end : .turn
            // Where the path goes on as ReAct does, nothing needs to be looked up.
            if case .message = next, isText { return }
            if case .turn = next, !isText { return }
            boundaries[transcript.turns] = RecordedProgram.Boundary(transcript: transcript, next: next)
        }
    }
}

extension String {
    fileprivate mutating func add(_ text: String) { self += isEmpty ? text : "\n\n" + text }
}
