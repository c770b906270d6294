import ForerunCore
import OrderedCollections

/// Which values may be kept beyond their run.
enum PatternPrivacy {
    /// A value that was seen in so many runs is not one of a few people's.
    static let manyRuns: Int32 = 3

    /// Whether a constant may be written down.
    ///
    /// Never what looks like a secret or an address. What may point to a person, such as a number of three digits or a
    /// capitalised word, only once it was seen in three runs; harmless values at once.
    static func mayKeep(_ value: JSON, runs: Int) -> Bool {
        guard runs >= manyRuns || isHarmless(value) else { return false }
        return !SecretScreen.suspects(value)
    }

    private static func isHarmless(_ value: JSON) -> Bool {
        switch value {
        case .null, .bool: return true
        case .number(let number): return number.literal.utf8.count { TokenShape.isDigit($0) } < 3
        case .string(let text):
            var digits = 0
            var previous: UInt8 = 32
            for byte in text.utf8 {
                if TokenShape.isDigit(byte) { digits += 1 }
                // A name is a capital and small letters after it.
                if digits >= 3 || byte == UInt8(ascii: "@") || byte >= 128
                    || TokenShape.isSmall(byte) && TokenShape.isCapital(previous)
                {
                    return false
                }
                previous = byte
            }
            return true
        case .array(let elements): return elements.allSatisfy(isHarmless)
        case .object(let members): return members.values.allSatisfy(isHarmless)
        }
    }
}
