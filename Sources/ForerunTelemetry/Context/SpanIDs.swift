import ForerunCore

/// Ids of a trace and of its spans, all from one seed: no two of its spans have the same.
///
/// The same seed gives the same ids, so that it must be another for each run.
package struct SpanIDs: Sendable {
    package let trace: TraceID
    private let offset: UInt64
    private var count: UInt64 = 0

    /// - Parameter seed: whatever no other run in the world has: its id, the machine, the process, the time.
    package init(seed: String) {
        let bytes = Self.digest(seed)
        let words = stride(from: 0, to: 24, by: 8).map { start in
            bytes[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        trace = TraceID(nonZero: words[0], words[1])
        offset = words[2]
    }

    /// The next id of a span.
    package mutating func next() -> SpanID {
        while true {
            count &+= 1
            if let id = SpanID(Self.mixed(offset &+ count &* 0x9E37_79B9_7F4A_7C15)) { return id }
        }
    }

    /// 32 hexadecimal digits that stand for `text`, in the form of a UUID of version 8 (RFC 9562, 5.8).
    package static func uuid(of text: String) -> String {
        var bytes = Array(digest(text)[..<16])
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }
        return groups.joined(separator: "-")
    }

    private static func digest(_ text: String) -> [UInt8] {
        var digest = StableDigest()
        digest.update(Array(text.utf8))
        return digest.bytes
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): different numbers stay different.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
