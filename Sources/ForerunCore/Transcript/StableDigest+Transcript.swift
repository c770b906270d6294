extension StableDigest {
    /// Takes in what a committed transcript says: equal transcripts, on any machine, have equal digests.
    package mutating func update(_ transcript: Transcript) {
        for entry in transcript.entries {
            var line: [UInt8] = []
            entry.json.write(to: &line, sorted: true)
            line.append(10)
            update(line)
        }
    }
}

extension Transcript.Entry {
    /// The entry as JSON, injectively.
    package var json: JSON {
        switch self {
        case .message(let text): ["message": .string(text)]
        case .turn(let turn):
            turn.echo.map { ["text": .string(turn.text), "calls": .array(turn.calls.map(\.json)), "echo": $0.json] }
                ?? ["text": .string(turn.text), "calls": .array(turn.calls.map(\.json))]
        case .output(let call, let output):
            ["call": .int(call), "output": .string(output.text), "isError": .bool(output.isError)]
        }
    }
}
