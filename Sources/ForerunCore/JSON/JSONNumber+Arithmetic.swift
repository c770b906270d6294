extension JSONNumber: Comparable {
    /// Exact, by value.
    public static func < (left: JSONNumber, right: JSONNumber) -> Bool {
        if let a = left.intValue, let b = right.intValue { return a < b }
        let a = left.parts
        let b = right.parts
        guard a.sign == b.sign else { return a.sign < b.sign }
        return a.sign < 0 ? b.isSmaller(than: a) : a.isSmaller(than: b)
    }

    /// Whether this is a whole number, however it was written.
    public var isInteger: Bool {
        let parts = parts
        return parts.digits.count <= parts.point
    }

    /// Whether dividing by `divisor`, which must not be zero, leaves no remainder. Exact.
    package func isMultiple(of divisor: JSONNumber) -> Bool {
        if let a = intValue, let b = divisor.intValue, b > 0 { return a % b == 0 }
        let a = parts
        let b = divisor.parts
        if a.digits.isEmpty { return true }
        // Both as whole numbers of the divisor's last decimal place. The digits of `a` end with no zero: where it has
        // smaller places than the divisor, no multiple of ten can divide it.
        let zeros = (a.point - a.digits.count) - (b.point - b.digits.count)
        guard zeros >= 0, !b.digits.isEmpty else { return false }
        var remainder: [UInt8] = []
        for index in 0..<a.digits.count + zeros {
            remainder.append(index < a.digits.count ? a.digits[index] : 0)
            if remainder[0] == 0 { remainder.removeFirst() }
            while Parts.isWhole(remainder, notLessThan: b.digits) { Parts.subtract(b.digits, from: &remainder) }
        }
        return remainder.isEmpty
    }
}

extension JSONNumber {
    /// A number as sign · 0.d₁d₂… · ten to the power of `point`; zero has no digits.
    private struct Parts {
        var sign = 0
        var digits: [UInt8] = []
        var point = 0

        /// Compares magnitudes.
        func isSmaller(than other: Parts) -> Bool {
            point == other.point ? digits.lexicographicallyPrecedes(other.digits) : point < other.point
        }

        /// Compares whole numbers written without leading zeros.
        static func isWhole(_ left: [UInt8], notLessThan right: [UInt8]) -> Bool {
            left.count == right.count ? !left.lexicographicallyPrecedes(right) : left.count > right.count
        }

        /// Subtracts a whole number that is not greater; no leading zeros remain.
        static func subtract(_ right: [UInt8], from left: inout [UInt8]) {
            var borrow: UInt8 = 0
            for place in 1...left.count {
                let taken = (place <= right.count ? right[right.count - place] : 0) + borrow
                let index = left.count - place
                borrow = left[index] < taken ? 1 : 0
                left[index] = left[index] + borrow * 10 - taken
            }
            left.removeFirst(left.prefix(while: { $0 == 0 }).count)
        }
    }

    private var parts: Parts {
        var parts = Parts()
        if literal == "0" { return parts }
        parts.sign = 1
        var wholeDigits: Int?
        var exponent: Int?
        var exponentSign = 1
        for byte in literal.utf8 {
            switch byte {
            case UInt8(ascii: "-"): if exponent == nil { parts.sign = -1 } else { exponentSign = -1 }
            case UInt8(ascii: "."): wholeDigits = parts.digits.count
            case UInt8(ascii: "e"): exponent = 0
            default:
                let digit = byte - UInt8(ascii: "0")
                if let value = exponent { exponent = value * 10 + Int(digit) } else { parts.digits.append(digit) }
            }
        }
        parts.point = (wholeDigits ?? parts.digits.count) + exponentSign * (exponent ?? 0)
        let leading = parts.digits.prefix(while: { $0 == 0 }).count
        parts.digits.removeFirst(leading)
        parts.point -= leading
        while parts.digits.last == 0 { parts.digits.removeLast() }
        return parts
    }
}
