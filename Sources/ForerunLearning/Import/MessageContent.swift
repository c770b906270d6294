import ForerunCore

/// Contents as chat formats write them: a text, or a list of blocks of which some have one.
enum MessageContent {
    /// All texts of a content, a line feed between two.
    static func text(_ content: JSON?) -> String {
        switch content {
        case .string(let text): return text
        case .array(let blocks):
            return blocks.compactMap { text(ofBlock: $0) }.filter { !$0.isEmpty }.joined(separator: "\n")
        case .object: return content.flatMap { text(ofBlock: $0) } ?? ""
        default: return ""
        }
    }

    /// What a tool returned, as text; JSON of another shape stays JSON.
    static func output(_ content: JSON?) -> String {
        switch content {
        case nil, .null: return ""
        case .array(let blocks):
            guard !blocks.isEmpty, blocks.allSatisfy({ text(ofBlock: $0) != nil || $0["type"] != nil }) else { break }
            return text(content)
        case .object: if let text = content.flatMap({ text(ofBlock: $0) }) { return text }
        case .string(let text): return text
        default: break
        }
        return content?.text ?? ""
    }

    private static func text(ofBlock block: JSON) -> String? {
        switch block {
        case .string(let text): text
        case .object:
            switch block["type"]?.stringValue {
            case nil, "text", "input_text", "output_text", "refusal": block["text"]?.stringValue
            default: nil
            }
        default: nil
        }
    }

    /// A call whose arguments may be an object, or the text of one.
    static func call(_ name: String, _ arguments: JSON?) -> Call {
        switch arguments {
        case nil, .null: return Call(name)
        case .object: return Call(name, arguments ?? [:])
        case .string(let text):
            // Models that take no arguments often write nothing.
            if text.utf8.allSatisfy({ $0 <= 0x20 }) { return Call(name) }
            guard let value = LenientJSON.parse(text) else { return Call(name, malformed: text) }
            if case .object = value { return Call(name, value) }
            return value.isNull ? Call(name) : Call(name, malformed: text)
        case let other?: return Call(name, malformed: other.text)
        }
    }
}

/// Whether an output is an error, where a log does not say so itself.
enum OutputStatus {
    /// By the words that the harnesses put in front: `Error…`, `<returncode>1`, `Exit code: 1`. `nil`: they say nothing.
    static func isError(_ text: String) -> Bool? {
        let head = text.utf8.prefix(400)
        if let code = number(after: "<returncode>", in: head) { return code != 0 }
        for mark in ["Exit code: ", "Exit code ", "Process exited with code "] {
            if let code = number(after: mark, in: head) { return code != 0 }
        }
        return text.hasPrefix("Error") ? true : nil
    }

    /// The number behind the first `mark`.
    static func number(after mark: String, in text: some Collection<UInt8>) -> Double? {
        guard let place = first(mark, in: text) else { return nil }
        let digits = text[place...].prefix {
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    private static func first<Bytes: Collection<UInt8>>(_ mark: String, in text: Bytes) -> Bytes.Index? {
        var index = text.startIndex
        while index != text.endIndex {
            let rest = text[index...]
            if rest.starts(with: mark.utf8) { return text.index(index, offsetBy: mark.utf8.count) }
            text.formIndex(after: &index)
        }
        return nil
    }
}
