/// A JSON number, exact at any size: kept as its canonical decimal text, so that equal values are equal.
///
/// The canonical text has no needless digit. Whole numbers of up to 21 digits and fractions down to 0.000001 are plain
/// (`1`, `0.25`), all others scientific (`1.5e300`, `1e-7`). There is no negative zero.
public struct JSONNumber: Sendable, Hashable {
    /// The canonical text, valid JSON.
    public let literal: String

    /// The greatest power of ten, positive or negative, of a number's first digit.
    package static let exponentLimit = 9_999

    package init(canonical literal: String) { self.literal = literal }

    public init(_ value: Int) { literal = String(value) }

    /// The shortest text that reads back as `value`. Not-a-number and the infinities, which JSON lacks, become 0.
    public init(_ value: Double) {
        if let whole = Int(exactly: value) {
            literal = String(whole)
        } else if value.isFinite {
            literal = JSONNumber(validated: Array("\(value)".utf8))?.literal ?? "0"
        } else {
            literal = "0"
        }
    }

    /// The number, where it is a whole one that fits.
    public var intValue: Int? { Int(literal) }

    /// The nearest double; infinite beyond the range of doubles.
    public var doubleValue: Double { Double(literal) ?? 0 }
}

extension JSONNumber {
    /// The number that `text` writes, which must follow the grammar of RFC 8259, section 6.
    ///
    /// - Returns: `nil` where the first digit's power of ten is beyond ``exponentLimit``.
    init?(validated text: some Collection<UInt8>) {
        var negative = false
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count)
        var wholeDigits: Int?
        var exponent = 0
        var exponentSign: Int?
        for byte in text {
            switch byte {
            case UInt8(ascii: "-"):
                if exponentSign == nil { negative = true } else { exponentSign = -1 }
            case UInt8(ascii: "."): wholeDigits = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"): exponentSign = 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if exponentSign == nil {
                    digits.append(byte)
                } else if exponent < 1 << 40 {
                    // Beyond that no number of digits brings the value back into the range.
                    exponent = exponent * 10 + Int(byte - UInt8(ascii: "0"))
                }
            default: break
            }
        }
        // The value is 0.d₁d₂… times ten to the power of `point`.
        var point = (wholeDigits ?? digits.count) + (exponentSign ?? 1) * exponent
        let zero = UInt8(ascii: "0")
        let leading = digits.prefix(while: { $0 == zero }).count
        digits.removeFirst(leading)
        point -= leading
        while digits.last == zero { digits.removeLast() }
        guard !digits.isEmpty else {
            literal = "0"
            return
        }
        guard abs(point - 1) <= JSONNumber.exponentLimit else { return nil }
        literal = JSONNumber.canonical(negative: negative, digits: digits, point: point)
    }

    /// The canonical text of 0.d₁d₂… times ten to the power of `point`; the digits begin and end with no zero.
    private static func canonical(negative: Bool, digits: [UInt8], point: Int) -> String {
        let dot = UInt8(ascii: ".")
        let zero = UInt8(ascii: "0")
        var text: [UInt8] = negative ? [UInt8(ascii: "-")] : []
        switch point {
        case digits.count...max(21, digits.count) where point <= 21:
            text += digits
            text.append(contentsOf: repeatElement(zero, count: point - digits.count))
        case 1...21:
            text += digits[..<point]
            text.append(dot)
            text += digits[point...]
        case -5...0:
            text += [zero, dot]
            text.append(contentsOf: repeatElement(zero, count: -point))
            text += digits
        default:
            text.append(digits[0])
            if digits.count > 1 {
                text.append(dot)
                text += digits[1...]
            }
            text.append(UInt8(ascii: "e"))
            text += String(point - 1).utf8
        }
        return String(decoding: text, as: UTF8.self)
    }
}
