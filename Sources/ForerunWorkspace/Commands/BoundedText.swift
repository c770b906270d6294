/// The head and the tail of a text of any length.
package struct BoundedText: Sendable {
    private let half: Int
    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var cut = 0

    /// - Parameter limit: bytes to keep.
    package init(limit: Int) { half = max(limit / 2, 1) }

    package mutating func append(_ bytes: some Collection<UInt8>) {
        let room = half - head.count
        if room > 0 { head += bytes.prefix(room) }
        tail += bytes.dropFirst(max(room, 0))
        // Cut in big steps, so that each byte is moved at most once or twice.
        if tail.count > 4 * half {
            cut += tail.count - half
            tail.removeFirst(tail.count - half)
        }
    }

    /// What was kept, with a line that says how much was cut.
    package var text: String {
        let excess = max(tail.count - half, 0)
        if cut + excess == 0 { return String(decoding: head + tail, as: UTF8.self) }
        // Not in the middle of a character.
        let start = head.prefix(head.count - Self.openCharacter(at: head))
        let end = tail.dropFirst(excess).drop { $0 & 0xC0 == 0x80 }
        let missing = cut + excess + (head.count - start.count) + (tail.count - excess - end.count)
        return String(decoding: start, as: UTF8.self) + "\n… \(missing) bytes cut …\n"
            + String(decoding: end, as: UTF8.self)
    }

    /// How many bytes at the end belong to a character that is not complete.
    private static func openCharacter(at bytes: [UInt8]) -> Int {
        for (count, byte) in bytes.suffix(4).reversed().enumerated() {
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            return length > count + 1 ? count + 1 : 0
        }
        return 0
    }
}
