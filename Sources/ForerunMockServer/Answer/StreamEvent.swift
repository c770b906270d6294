import ForerunCore

/// One event of a streamed answer, ready to be sent.
struct StreamEvent: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Part of the answer.
        case content
        /// Says why the answer ends.
        case finish
        /// Reports usage and nothing else.
        case usage
        /// Says that nothing more comes.
        case end
    }

    /// Its lines, the empty one included.
    var bytes: [UInt8]
    /// How many tokens of the answer it carries.
    var tokens: Int
    var kind: Kind

    init(lines: String, tokens: Int = 0, kind: Kind = .content) {
        bytes = Array(lines.utf8)
        self.tokens = tokens
        self.kind = kind
    }

    /// An event whose data is `json`; `name` goes into an `event:` line.
    init(name: String? = nil, _ json: String, tokens: Int = 0, kind: Kind = .content) {
        self.init(lines: (name.map { "event: \($0)\n" } ?? "") + "data: \(json)\n\n", tokens: tokens, kind: kind)
    }

    /// An event whose type is also a field of its data, as in Responses and Messages.
    init(typed data: JSON, tokens: Int = 0, kind: Kind = .content) {
        self.init(name: data["type"]?.stringValue, data.text, tokens: tokens, kind: kind)
    }
}
