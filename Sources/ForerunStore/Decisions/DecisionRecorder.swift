package import ForerunCore

/// Writes down what the core of one run is told and a digest of what it commands, step by step.
///
/// The run's driver has one and makes each step through it. What it costs is the writing of some bytes to memory.
package struct DecisionRecorder: Sendable {
    /// Text of an answer that is still coming in: pieces that change nothing else are one line.
    private struct Stream: Sendable {
        var work: WorkID
        var digest = CommandDigest()
    }

    /// Bytes of text after which a line is ended.
    private static let streamLimit = 1 << 12

    private let log: DecisionLog
    private let book: TapedBook
    /// The core looks at text only to pass it on.
    private let joinsText: Bool
    private var line = DecisionBytes()
    private var slots: [UInt8] = []
    private var stream: Stream?
    private var events = 0
    private var isOver = false

    /// Begins a part of the log.
    ///
    /// - Returns: the recorder, and the state from which it records; `nil` where that cannot be written.
    package static func begin(_ log: DecisionLog, _ start: CoreStart) -> (
        recorder: DecisionRecorder, tree: SpeculationTree
    )? {
        var start = start
        // The run begins with what the file says, no digit more.
        let experience = start.experience.json
        start.experience = Experience(decisions: experience)
        guard !log.isOver, let json = start.json() else { return nil }
        let book = TapedBook(start.setup.book)
        start.setup.book = book
        let tree = start.tree()
        var line = DecisionBytes()
        line.raw(#"{"type":"decisions.began","version":"#)
        line.int(DecisionLog.version)
        line.raw(#","start":"#)
        line.value(json)
        book.take(into: &line) { line, verdicts in
            line.comma()
            line.members(verdicts)
        }
        line.raw("}\n")
        guard log.append(line.bytes) else { return nil }
        let setup = start.setup
        let recorder = DecisionRecorder(
            log, book, joinsText: !(setup.policy.runsAhead && setup.program.keepsCommentary))
        return (recorder, tree)
    }

    private init(_ log: DecisionLog, _ book: TapedBook, joinsText: Bool) {
        self.log = log
        self.book = book
        self.joinsText = joinsText
    }

    /// Seconds since the run began, of a moment in nanoseconds, as the core is told them.
    package static func seconds(_ nanoseconds: Int) -> Double { Double(nanoseconds) / 1e9 }

    /// One step of the core.
    ///
    /// - Parameters:
    ///   - nanoseconds: since the run began.
    ///   - turn: lets the run have the scheduler of the process for a moment.
    package mutating func step(
        _ event: Event, at nanoseconds: Int, _ tree: inout SpeculationTree,
        turn: ((inout Scheduler) -> [Command]) -> [Command]
    ) -> [Command] {
        let time = Self.seconds(nanoseconds)
        guard !isOver else { return turn { tree.on(event, at: time, slots: &$0) } }
        switch event {
        // The core passes over them.
        case .answerStreamed(_, .reasoning), .answerStreamed(_, .logprobs):
            return turn { tree.on(event, at: time, slots: &$0) }
        case .answerStreamed(let work, .text(let text)) where joinsText:
            openStream(of: work, at: nanoseconds)
            line.more(text)
            let commands = turn { tree.on(event, at: time, slots: &$0) }
            stream?.digest.add(commands)
            return commands
        default: break
        }
        closeStream()
        line.removeAll()
        line.raw("[")
        line.int(nanoseconds)
        line.comma()
        line.event(event, isAsStreamed: isAsStreamed(event, tree))
        slots.removeAll(keepingCapacity: true)
        let commands = turn { scheduler in
            scheduler.tape.record()
            let commands = tree.on(event, at: time, slots: &scheduler)
            scheduler.tape.stop()
            slots.append(contentsOf: scheduler.tape.answers)
            return commands
        }
        var digest = CommandDigest()
        digest.add(commands)
        end(digest)
        return commands
    }

    /// The run is over, or will not be driven on.
    package mutating func end() {
        closeStream()
        guard !isOver else { return }
        line.removeAll()
        line.raw(#"{"type":"decisions.ended","events":"#)
        line.int(events)
        line.raw("}\n")
        isOver = !log.append(line.bytes)
    }

    private func isAsStreamed(_ event: Event, _ tree: SpeculationTree) -> Bool {
        guard case .answerFinished(let work, let answer) = event, !answer.turn.text.isEmpty else { return false }
        return tree.hasStreamed(answer.turn.text, of: work)
    }

    private mutating func openStream(of work: WorkID, at nanoseconds: Int) {
        if stream?.work == work, line.bytes.count < Self.streamLimit { return }
        closeStream()
        line.removeAll()
        line.raw("[")
        line.int(nanoseconds)
        line.raw(#","text","#)
        line.int(work.number)
        line.raw(#",""#)
        slots.removeAll(keepingCapacity: true)
        stream = Stream(work: work)
    }

    private mutating func closeStream() {
        guard let open = stream else { return }
        stream = nil
        line.raw(#"""#)
        end(open.digest)
    }

    /// Ends a line: with what the book and the scheduler said, and what was commanded.
    private mutating func end(_ digest: CommandDigest) {
        var separator: StaticString = ",{"
        if !slots.isEmpty {
            line.raw(separator)
            line.raw(#""slots":""#)
            line.raw(slots)
            line.raw(#"""#)
            separator = ","
        }
        if !digest.isEmpty {
            line.raw(separator)
            line.raw(#""commands":""#)
            line.int(digest.count)
            line.raw(":")
            line.hex(digest.value)
            line.raw(#"""#)
            separator = ","
        }
        book.take(into: &line) { line, verdicts in
            line.raw(separator)
            line.members(verdicts)
            separator = ","
        }
        if separator.utf8CodeUnitCount == 1 { line.raw("}") }
        line.raw("]\n")
        events += 1
        isOver = !log.append(line.bytes)
    }
}

extension DecisionBytes {
    mutating func value(_ json: JSON) { raw(Array(json.text.utf8)) }

    fileprivate mutating func members(_ tape: VerdictTape) {
        raw(#""calls":""#)
        raw(tape.codes)
        raw(#"""#)
        guard !tape.outputs.isEmpty else { return }
        raw(#","rejected":"#)
        list(tape.outputs) { $0.output($1) }
    }
}
