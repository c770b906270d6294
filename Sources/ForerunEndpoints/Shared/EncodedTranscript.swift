import ForerunCore

/// The messages that a transcript becomes, as bytes. A persistent list, as the transcript itself: what was encoded once
/// is shared by everything that grew from it.
final class EncodedTranscript: Sendable {
    let parent: EncodedTranscript?
    /// The messages of the entries after `parent`, each with a comma before it.
    let bytes: [UInt8]
    /// Of this and all before it.
    let byteCount: Int
    /// How many turns there are so far.
    let turnCount: Int

    init(parent: EncodedTranscript?, entries: some Sequence<Transcript.Entry>) {
        self.parent = parent
        var turns = parent?.turnCount ?? 0
        var bytes: [UInt8] = []
        for entry in entries {
            bytes.append(UInt8(ascii: ","))
            Self.append(entry, turns: &turns, to: &bytes)
        }
        self.bytes = bytes
        byteCount = (parent?.byteCount ?? 0) + bytes.count
        turnCount = turns
    }

    /// Appends all messages, oldest first.
    func append(to body: inout [UInt8]) {
        var chain: [EncodedTranscript] = []
        var current: EncodedTranscript? = self
        while let here = current {
            chain.append(here)
            current = here.parent
        }
        for part in chain.reversed() { body += part.bytes }
    }

    private static func append(_ entry: Transcript.Entry, turns: inout Int, to bytes: inout [UInt8]) {
        switch entry {
        case .message(let text): appendUser(text, to: &bytes)
        case .turn(let turn):
            append(turn, number: turns, to: &bytes)
            turns += 1
        case .output(let call, let output):
            // The outputs that follow a turn answer it.
            bytes += #"{"role":"tool","tool_call_id":""#.utf8
            CallID.append(turn: max(0, turns - 1), call: call, to: &bytes)
            bytes += #"","content":"#.utf8
            JSON.write(output.text, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
    }

    static func appendUser(_ text: String, to bytes: inout [UInt8]) {
        bytes += #"{"role":"user","content":"#.utf8
        JSON.write(text, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ turn: Turn, number: Int, to bytes: inout [UInt8]) {
        bytes += #"{"role":"assistant","content":"#.utf8
        if turn.text.isEmpty, !turn.calls.isEmpty {
            bytes += "null".utf8
        } else {
            JSON.write(turn.text, to: &bytes)
        }
        for (index, call) in turn.calls.enumerated() {
            bytes += (index == 0 ? #","tool_calls":[{"id":""# : #",{"id":""#).utf8
            CallID.append(turn: number, call: index, to: &bytes)
            bytes += #"","type":"function","function":{"name":"#.utf8
            JSON.write(call.name, to: &bytes)
            bytes += #","arguments":"#.utf8
            JSON.write(call.malformed ?? call.arguments.canonicalText, to: &bytes)
            bytes += "}}".utf8
        }
        if !turn.calls.isEmpty { bytes.append(UInt8(ascii: "]")) }
        bytes.append(UInt8(ascii: "}"))
    }
}
