/// Why a text holds no records.
package struct RecordSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    /// Offset in bytes.
    package let offset: Int
    package var description: String { "\(message) at byte \(offset)" }
}

extension RecordValue {
    /// Parses JSON (RFC 8259). Of members with the same name the last one counts; a number with a point or an exponent is
    /// a fraction, even where its value is whole.
    package init(parsing bytes: some Sequence<UInt8>) throws(RecordSyntaxError) {
        let result =
            bytes.withContiguousStorageIfAvailable { RecordParser.parse($0) }
            ?? Array(bytes).withUnsafeBufferPointer { RecordParser.parse($0) }
        self = try result.get()
    }
}

/// One pass over UTF-8 bytes, by recursive descent.
private struct RecordParser {
    private static let depthLimit = 512

    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    var depth = 0

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<RecordValue, RecordSyntaxError> {
        var parser = RecordParser(bytes: bytes)
        do throws(RecordSyntaxError) {
            let value = try parser.value()
            parser.skipSpace()
            guard parser.position == bytes.count else { throw parser.error("text after the value") }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: String) -> RecordSyntaxError {
        RecordSyntaxError(message: message, offset: position)
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws(RecordSyntaxError) -> RecordValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: RecordValue) throws(RecordSyntaxError) -> RecordValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard next == word.utf8Start[index] else { throw error("expected a value") }
            position += 1
        }
        return value
    }

    private mutating func enter() throws(RecordSyntaxError) {
        depth += 1
        guard depth <= Self.depthLimit else { throw error("more than \(Self.depthLimit) nested values") }
        position += 1
        skipSpace()
    }

    private mutating func array() throws(RecordSyntaxError) -> RecordValue {
        try enter()
        var elements: [RecordValue] = []
        if !isEnd(UInt8(ascii: "]")) {
            repeat { elements.append(try value()) } while try goesOn(until: UInt8(ascii: "]"))
        }
        depth -= 1
        return .array(elements)
    }

    private mutating func object() throws(RecordSyntaxError) -> RecordValue {
        try enter()
        var members: [(String, RecordValue)] = []
        if !isEnd(UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                guard next == UInt8(ascii: "\"") else { throw error("expected the name of a member") }
                let name = try string()
                skipSpace()
                guard next == UInt8(ascii: ":") else { throw error("expected ':'") }
                position += 1
                members.append((name, try value()))
            } while try goesOn(until: UInt8(ascii: "}"))
        }
        depth -= 1
        return .object(RecordMembers(members))
    }

    private mutating func isEnd(_ end: UInt8) -> Bool {
        guard next == end else { return false }
        position += 1
        return true
    }

    private mutating func goesOn(until end: UInt8) throws(RecordSyntaxError) -> Bool {
        skipSpace()
        if isEnd(end) { return false }
        guard next == UInt8(ascii: ",") else { throw error("expected ',' or '\(Character(Unicode.Scalar(end)))'") }
        position += 1
        return true
    }

    private mutating func number() throws(RecordSyntaxError) -> RecordNumber {
        let start = position
        var isFraction = false
        scan: while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isFraction = true
            default: break scan
            }
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if !isFraction, let value = Int(text) { return .whole(value) }
        guard let value = Double(text), value.isFinite, let last = text.utf8.last, last != UInt8(ascii: "."),
            text.utf8.first != UInt8(ascii: "."), text.utf8.first != UInt8(ascii: "+")
        else {
            position = start
            throw error("expected a value")
        }
        return .fraction(value)
    }
}

extension RecordParser {
    private mutating func string() throws(RecordSyntaxError) -> String {
        position += 1
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { position += 1 }
        if next == UInt8(ascii: "\"") {
            position += 1
            return String(decoding: bytes[start..<position - 1], as: UTF8.self)
        }
        return try escapedString(from: start)
    }

    private mutating func escapedString(from start: Int) throws(RecordSyntaxError) -> String {
        var text = Array(bytes[start..<position])
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20:
                position -= 1
                throw error("control character in a string")
            default: text.append(byte)
            }
        }
        throw error("the text ends within a string")
    }

    private mutating func escape(into text: inout [UInt8]) throws(RecordSyntaxError) {
        guard let byte = next else { throw error("the text ends within a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "u"): text += String(Character(try scalar())).utf8
        default: throw error("unknown escape")
        }
    }

    /// A surrogate that stands alone becomes U+FFFD: Swift's strings cannot hold it.
    private mutating func scalar() throws(RecordSyntaxError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, bytes.count - position >= 6, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let before = position
        position += 2
        let low = try hexadecimal()
        guard 0xDC00..<0xE000 ~= low else {
            position = before
            return "\u{FFFD}"
        }
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(RecordSyntaxError) -> UInt32 {
        guard bytes.count - position >= 4,
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw error("an escape needs four hexadecimal digits") }
        position += 4
        return value
    }
}
