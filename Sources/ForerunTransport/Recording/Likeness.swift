/// How far a request agrees with a recorded one.
struct Likeness {
    /// Bytes at the start of the bodies that are equal.
    let common: Int
    private let body: [UInt8]
    private let recorded: RecordedExchange

    init(of body: [UInt8], to recorded: RecordedExchange) {
        self.body = body
        self.recorded = recorded
        common = zip(body, recorded.request.bytes).prefix { $0 == $1 }.count
    }

    /// The recorded exchange, the first byte that differs, and what stands there.
    var text: String {
        "Nearest is exchange \(recorded.exchange) with \(recorded.request.bytes.count) bytes: byte \(common), counted "
            + "from 0, is the first that differs: \(Self.excerpt(body, at: common)) is asked, "
            + "\(Self.excerpt(recorded.request.bytes, at: common)) is recorded"
    }

    /// The bytes around a place, on one line.
    private static func excerpt(_ bytes: [UInt8], at place: Int) -> String {
        if place >= bytes.count { return "the end" }
        let text = String(decoding: bytes[max(0, place - 12)..<min(bytes.count, place + 20)], as: UTF8.self)
        return "“" + String(text.map { $0.isNewline || $0.asciiValue.map { $0 < 0x20 } ?? false ? " " : $0 }) + "”"
    }
}
