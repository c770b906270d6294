import ForerunCore

/// Makes lines of what the core was told and did, one after the other.
struct DecisionWriter: Sendable {
    /// Text of an answer that is still coming in: pieces that change nothing else are one line.
    private struct Stream: Sendable {
        var work: WorkID
        var digest = CommandDigest()
        var tape = VerdictTape()
    }

    /// Bytes of text after which a line is ended.
    private static let streamLimit = 1 << 12

    /// The line that is made.
    private var line = DecisionBytes()
    private var stream: Stream?
    private var events = 0

    /// Makes lines of an entry. What is still open is ended with a later one.
    ///
    /// - Parameter emit: takes a whole line with its line feed.
    mutating func write(_ entry: DecisionEntry, emit: ([UInt8]) -> Void) {
        switch entry {
        case .began(let start, let tape): begin(start, tape, emit)
        case .step(let step):
            closeStream(emit)
            line.removeAll()
            line.raw("[")
            line.int(step.moment)
            line.comma()
            line.event(step.event, isAsStreamed: step.isAsStreamed)
            end(step.slots, step.digest, step.tape, emit)
        case .text(let text):
            openStream(of: text.work, at: text.moment, emit)
            line.more(text.text)
            stream?.digest.add(text.commands)
            stream?.tape.add(text.tape)
        case .ended:
            closeStream(emit)
            line.removeAll()
            line.raw(#"{"type":"decisions.ended","events":"#)
            line.int(events)
            line.raw("}\n")
            emit(line.bytes)
        }
    }

    private mutating func begin(_ start: CoreStart, _ tape: VerdictTape, _ emit: ([UInt8]) -> Void) {
        // The parts of a log are whole in themselves.
        self = DecisionWriter()
        guard let json = start.json() else { return }
        line.raw(#"{"type":"decisions.began","version":"#)
        line.int(DecisionLog.version)
        line.raw(#","start":"#)
        line.value(json)
        if !tape.isEmpty {
            line.comma()
            line.members(tape)
        }
        line.raw("}\n")
        emit(line.bytes)
    }

    private mutating func openStream(of work: WorkID, at moment: Int, _ emit: ([UInt8]) -> Void) {
        if stream?.work == work, line.bytes.count < Self.streamLimit { return }
        closeStream(emit)
        line.removeAll()
        line.raw("[")
        line.int(moment)
        line.raw(#","text","#)
        line.int(work.number)
        line.raw(#",""#)
        stream = Stream(work: work)
    }

    private mutating func closeStream(_ emit: ([UInt8]) -> Void) {
        guard let open = stream else { return }
        stream = nil
        line.raw(#"""#)
        end([], open.digest, open.tape, emit)
    }

    /// Ends a line: with what the book and the scheduler said, and what was commanded.
    private mutating func end(
        _ slots: [UInt8], _ digest: CommandDigest, _ tape: VerdictTape, _ emit: ([UInt8]) -> Void
    ) {
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
        if !tape.isEmpty {
            line.raw(separator)
            line.members(tape)
            separator = ","
        }
        if separator.utf8CodeUnitCount == 1 { line.raw("}") }
        line.raw("]\n")
        events += 1
        emit(line.bytes)
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
