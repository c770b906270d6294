package import ForerunCore
import OrderedCollections

/// A hash that is the same in every process: FNV-1a over 64-bit words, finished with SplitMix64's mixer.
///
/// All draws of the server are seeded by it, so equal requests meet equal latencies and hits in every run.
package struct StableHash: Sendable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    package init(seed: Int) { combine(word: UInt64(bitPattern: Int64(seed))) }

    package var value: UInt64 { SplitMix64.mix(state) }

    package mutating func combine(word: UInt64) {
        state = (state ^ word) &* 0x0000_0100_0000_01b3
        // Multiplication carries upwards only; without this, the high bits of a word would never reach the low ones.
        state ^= state >> 32
    }

    package mutating func combine(_ text: String) {
        combine(word: UInt64(text.utf8.count))
        var text = text
        text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var offset = 0
            while offset + 8 <= raw.count {
                combine(word: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var tail: UInt64 = 0
            while offset < raw.count {
                tail = tail << 8 | UInt64(raw[offset])
                offset += 1
            }
            combine(word: tail)
        }
    }

    /// Equal values (``JSON``'s `==`) have equal hashes: the order of members does not count.
    package mutating func combine(_ value: JSON) {
        switch value {
        case .null: combine(word: 0)
        case .bool(let bool): combine(word: bool ? 2 : 1)
        case .number(let number):
            combine(word: 3)
            combine(number.literal)
        case .string(let text):
            combine(word: 4)
            combine(text)
        case .array(let elements):
            combine(word: 5)
            combine(word: UInt64(elements.count))
            for element in elements { combine(element) }
        case .object(let members):
            combine(word: 6)
            var sum: UInt64 = 0
            for (key, value) in members {
                var member = StableHash(seed: 0)
                member.combine(key)
                member.combine(value)
                sum &+= member.value
            }
            combine(word: sum)
        }
    }
}

/// A small seedable generator (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// Uniform in 0 ..< 1.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    package static func mix(_ word: UInt64) -> UInt64 {
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
