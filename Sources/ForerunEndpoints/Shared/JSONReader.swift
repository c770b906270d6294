import Glibc

/// Reads the few members that matter out of a JSON text, without building values for the rest.
///
/// A streamed answer is hundreds of small objects of which two members count each. The reader checks only as much as it
/// needs to find its way.
struct JSONReader {
    struct Malformed: Error {}

    let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The first byte of the value ahead: `{`, `[`, `"`, `n`, a digit…
    mutating func peek() throws(Malformed) -> UInt8 {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
        guard position < bytes.count else { throw Malformed() }
        return bytes[position]
    }

    /// Visits the members of the object ahead. `visit` must read or skip the value of each.
    mutating func readObject(
        _ visit: (_ key: JSONKey, _ reader: inout JSONReader) throws(Malformed) -> Void
    ) throws(Malformed) {
        try expect(UInt8(ascii: "{"))
        if try take(UInt8(ascii: "}")) { return }
        repeat {
            let key = JSONKey(bytes: try readRawString())
            try expect(UInt8(ascii: ":"))
            try visit(key, &self)
        } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Visits the elements of the array ahead. `visit` must read or skip each.
    mutating func readArray(_ visit: (_ reader: inout JSONReader) throws(Malformed) -> Void) throws(Malformed) {
        try expect(UInt8(ascii: "["))
        if try take(UInt8(ascii: "]")) { return }
        repeat { try visit(&self) } while try take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// The string ahead; `nil`, skipped, where it is something else.
    mutating func readString() throws(Malformed) -> String? {
        guard try peek() == UInt8(ascii: "\"") else {
            _ = try skipValue()
            return nil
        }
        let raw = try readRawString()
        guard let start = raw.baseAddress, memchr(start, 0x5C, raw.count) != nil else {
            return String(decoding: raw, as: UTF8.self)
        }
        var plain: [UInt8] = []
        try Self.unescape(raw, into: &plain)
        return String(decoding: plain, as: UTF8.self)
    }

    /// Appends the string ahead to `text`.
    mutating func readString(into text: inout [UInt8]) throws(Malformed) {
        try Self.unescape(try readRawString(), into: &text)
    }

    /// The whole number ahead; `nil`, skipped, where it is something else.
    mutating func readInt() throws(Malformed) -> Int? {
        let raw = try skipValue()
        var value = 0
        for byte in raw {
            guard (0x30...0x39).contains(byte), value < 1 << 40 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return raw.isEmpty ? nil : value
    }

    /// The number ahead; `nil`, skipped, where it is something else.
    mutating func readDouble() throws(Malformed) -> Double? {
        let raw = try skipValue()
        return Double(String(decoding: raw, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }

    /// Skips the value ahead.
    ///
    /// - Returns: its text.
    mutating func skipValue() throws(Malformed) -> UnsafeBufferPointer<UInt8> {
        let first = try peek()
        let start = position
        switch first {
        case UInt8(ascii: "\""): _ = try readRawString()
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 0
            repeat {
                switch try peek() {
                case UInt8(ascii: "\""):
                    _ = try readRawString()
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                position += 1
            } while depth > 0
        default:
            while position < bytes.count, !Self.endsScalar(bytes[position]) { position += 1 }
            guard position > start else { throw Malformed() }
        }
        return UnsafeBufferPointer(rebasing: bytes[start..<position])
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    /// The string ahead as it is written, without its quotes.
    private mutating func readRawString() throws(Malformed) -> UnsafeBufferPointer<UInt8> {
        try expect(UInt8(ascii: "\""))
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return UnsafeBufferPointer(rebasing: bytes[start..<(position - 1)])
            case UInt8(ascii: "\\"): position += 2
            default: position += 1
            }
        }
        throw Malformed()
    }

    private mutating func expect(_ byte: UInt8) throws(Malformed) {
        guard try take(byte) else { throw Malformed() }
    }

    private mutating func take(_ byte: UInt8) throws(Malformed) -> Bool {
        guard try peek() == byte else { return false }
        position += 1
        return true
    }
}

/// The name of a member as it is written.
struct JSONKey {
    let bytes: UnsafeBufferPointer<UInt8>

    static func ~= (name: StaticString, key: JSONKey) -> Bool {
        guard key.bytes.count == name.utf8CodeUnitCount else { return false }
        guard let start = key.bytes.baseAddress else { return true }
        return memcmp(start, name.utf8Start, key.bytes.count) == 0
    }
}
