import ForerunCore

/// Words of users, models and tools, as the conventions write them into attributes: JSON of messages made of parts.
///
/// Only where the user asked for it. Bounded, so that a span stays below what collectors accept: a text is cut at 16 KiB, and a
/// request has the latest messages that fit into 64 KiB.
enum Content {
    static let textLimit = 16 << 10
    static let listLimit = 64 << 10

    /// The beginning of `text`, whole characters.
    static func cut(_ text: String) -> String {
        guard text.utf8.count > textLimit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: textLimit)
        while end > text.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        return String(text[..<end]) + "…"
    }

    static func instructions(_ roles: [ModelRequest.Role]) -> String {
        var seen: [String] = []
        for role in roles where !seen.contains(role.instructions) { seen.append(role.instructions) }
        return JSON.array(seen.map { ["type": "text", "content": .string(cut($0))] }).text
    }

    static func definitions(_ tools: [Tool]) -> String {
        JSON.array(
            tools.map {
                [
                    "type": "function", "name": .string($0.name), "description": .string(cut($0.description)),
                    "parameters": $0.parameters,
                ]
            }
        ).text
    }

    static func output(_ turn: Turn, turn number: Int, callID: (Int, Int) -> String) -> String {
        let parts = JSON.array(parts(of: turn, number, callID))
        let message: JSON = [
            "role": "assistant", "parts": parts, "finish_reason": .string(turn.finish.description),
        ]
        return JSON.array([message]).text
    }

    static func parts(of turn: Turn, _ number: Int, _ callID: (Int, Int) -> String) -> [JSON] {
        var parts: [JSON] = turn.text.isEmpty ? [] : [["type": "text", "content": .string(cut(turn.text))]]
        for (index, call) in turn.calls.enumerated() {
            let arguments = call.arguments.text
            parts.append([
                "type": "tool_call", "id": .string(callID(number, index)), "name": .string(call.name),
                "arguments": call.malformed.map { .string(cut($0)) }
                    ?? (arguments.utf8.count > textLimit ? .string(cut(arguments)) : call.arguments),
            ])
        }
        return parts
    }
}

/// What a request holds: the transcript as it is told by events.
struct History: Sendable {
    private var entries: [Transcript.Entry]
    /// The number of the turn that comes next.
    private(set) var turns: Int

    init(_ entries: [Transcript.Entry]) {
        self.entries = entries
        turns = entries.count { if case .turn = $0 { true } else { false } }
    }

    mutating func add(_ entry: Transcript.Entry) {
        entries.append(entry)
        if case .turn = entry { turns += 1 }
    }

    /// The latest messages that fit, in order, as JSON; and how many before them do not.
    func messages(callID: (Int, Int) -> String) -> (text: String, omitted: Int) {
        var messages: [JSON] = []
        var size = 0
        var turn = turns
        for (place, entry) in entries.enumerated().reversed() {
            if case .turn = entry { turn -= 1 }
            let message = message(entry, turn, callID)
            size += message.text.utf8.count + 1
            guard size <= Content.listLimit else {
                return (JSON.array(messages.reversed()).text, place + 1)
            }
            messages.append(message)
        }
        return (JSON.array(messages.reversed()).text, 0)
    }

    /// - Parameter turn: the number of the turn; of an output, of the one after its own.
    private func message(_ entry: Transcript.Entry, _ turn: Int, _ callID: (Int, Int) -> String) -> JSON {
        switch entry {
        case .message(let text):
            ["role": "user", "parts": [["type": "text", "content": .string(Content.cut(text))]]]
        case .turn(let answer):
            ["role": "assistant", "parts": .array(Content.parts(of: answer, turn, callID))]
        case .output(let call, let output):
            [
                "role": "tool",
                "parts": [
                    [
                        "type": "tool_call_response", "id": .string(callID(turn - 1, call)),
                        "response": .string(Content.cut(output.text)),
                    ]
                ],
            ]
        }
    }
}
