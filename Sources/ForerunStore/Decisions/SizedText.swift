import ForerunCore

/// Texts in a file of decisions: short ones as they are, of long ones the size, a hash and the beginning.
///
/// The core compares texts and counts their bytes; it does not read them. So a long one is told by U+0000, its bytes, a hash
/// and its beginning, and comes back as a text that is as long, begins alike, and is equal to those with the same hash. A short
/// text that begins with U+0000 has `=` after another one.
enum SizedText {
    /// Bytes above which a text is told by its size.
    static let limit = 1_024
    /// Bytes of the beginning that are kept. More than count for a ``CommandDigest``.
    static let headLimit = 64

    /// Whether a text is written as it is.
    static func isPlain(_ text: String) -> Bool { text.utf8.count <= limit && text.utf8.first != 0 }

    static func encoded(_ text: String) -> String {
        if isPlain(text) { return text }
        guard text.utf8.count > limit else { return "\0=" + text }
        return "\0\(text.utf8.count) \(hex(hash(of: text))) \(head(of: text))"
    }

    static func decoded(_ text: String) throws(DecisionFault) -> String {
        guard text.utf8.first == 0 else { return text }
        let rest = text.unicodeScalars.dropFirst()
        if rest.first == "=" { return String(String.UnicodeScalarView(rest.dropFirst())) }
        let parts = rest.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let size = Int(String(String.UnicodeScalarView(parts[0]))), parts[1].count == 16,
            (limit + 1...EventNumbers.limit).contains(size)
        else { throw DecisionFault("a text that is told by its size is not") }
        // A text that is not there takes memory for all that.
        guard size <= 1 << 28 else { throw DecisionFault("a text of \(size) bytes") }
        var bytes = Array(String(String.UnicodeScalarView(parts[2])).utf8.prefix(headLimit))
        let filler = Array(" \(String(String.UnicodeScalarView(parts[1])))".utf8)
        bytes.reserveCapacity(size)
        while bytes.count < size { bytes += filler.prefix(size - bytes.count) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As many whole characters as fit.
    private static func head(of text: String) -> String {
        var end = text.utf8.index(text.startIndex, offsetBy: headLimit)
        while text.utf8[end] & 0xc0 == 0x80 { end = text.utf8.index(before: end) }
        return String(text.unicodeScalars[..<end])
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The same in every process and on every machine. It keeps apart what differs, not what somebody wants to look alike.
    private static func hash(of text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            var state = UInt64(bytes.count) ^ 0x9e37_79b9_7f4a_7c15
            var place = 0
            while place + 8 <= bytes.count {
                state = mixed(
                    state, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                place += 8
            }
            var rest: UInt64 = 0
            for byte in bytes[place...] { rest = rest << 8 | UInt64(byte) }
            return mixed(mixed(state, rest), 0)
        }
    }

    private static func mixed(_ state: UInt64, _ word: UInt64) -> UInt64 {
        let product = (state ^ word).multipliedFullWidth(by: 0xa076_1d64_78bd_642f)
        return product.high ^ product.low &+ 0xe703_7ed1_a0b4_28db
    }
}

/// Why something in a file of decisions cannot be read.
package struct DecisionFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
