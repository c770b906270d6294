import ForerunCore

/// The server's own count of tokens: one is four bytes, and the prompt is the whole body.
enum TokenCount {
    static let bytes = 4

    static func of(_ text: String) -> Int { (text.utf8.count + bytes - 1) / bytes }

    static func of(_ answer: ScriptedTurn) -> Int {
        answer.turn.calls.reduce(of(answer.reasoning) + of(answer.turn.text)) {
            $0 + of($1.name) + of($1.arguments.text)
        }
    }
}

extension String {
    /// Pieces of at most `limit` bytes, or a little more where a character would be cut. Empty: none.
    func pieces(of limit: Int) -> [String] {
        let bytes = Array(utf8)
        if bytes.count <= limit { return bytes.isEmpty ? [] : [self] }
        var result: [String] = []
        var start = 0
        while start < bytes.count {
            var end = min(start + limit, bytes.count)
            while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
            result.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return result
    }
}
