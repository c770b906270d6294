/// A number as Python has it: whole, or a double. Whole numbers stay whole under addition and multiplication.
package enum RecordNumber: Sendable, Hashable {
    case whole(Int)
    case fraction(Double)

    package var double: Double {
        switch self {
        case .whole(let value): Double(value)
        case .fraction(let value): value
        }
    }

    package static func + (left: Self, right: Self) -> Self {
        combine(left, right, { $0.addingReportingOverflow($1) }, +)
    }
    package static func - (left: Self, right: Self) -> Self {
        combine(left, right, { $0.subtractingReportingOverflow($1) }, -)
    }
    package static func * (left: Self, right: Self) -> Self {
        combine(left, right, { $0.multipliedReportingOverflow(by: $1) }, *)
    }
    package static prefix func - (number: Self) -> Self { .whole(0) - number }
    package static func += (left: inout Self, right: Self) { left = left + right }

    /// By value: `1` and `1.0` are not different amounts.
    package static func < (left: Self, right: Self) -> Bool { left.double < right.double }

    package func isSameAmount(as other: Self) -> Bool { double == other.double }

    /// The magnitude.
    package var magnitude: Self {
        switch self {
        case .whole(let value): value < 0 ? -self : self
        case .fraction(let value): .fraction(value.magnitude)
        }
    }

    private static func combine(
        _ left: Self, _ right: Self, _ whole: (Int, Int) -> (partialValue: Int, overflow: Bool),
        _ fraction: (Double, Double) -> Double
    ) -> Self {
        if case .whole(let a) = left, case .whole(let b) = right {
            let result = whole(a, b)
            // Python's whole numbers have no limit; sums of money do not come near it.
            if !result.overflow { return .whole(result.partialValue) }
        }
        return .fraction(fraction(left.double, right.double))
    }
}

extension RecordNumber {
    /// Rounded to two places, halves of the exact value to the even neighbour, as Python's `round(x, 2)`.
    package var roundedToCents: Self {
        guard case .fraction(let value) = self else { return self }
        return .fraction(Self.roundToCents(value))
    }

    private static func roundToCents(_ value: Double) -> Double {
        // Above, neighbouring doubles are further apart than cents.
        guard value.magnitude < 0x1p45 else { return value }
        let product = value * 100
        // What the product lost by rounding, exactly.
        let lost = (-product).addingProduct(value, 100)
        var cents = product.rounded(.toNearestOrEven)
        let rest = product - cents
        if rest == 0.5, lost > 0 { cents += 1 }
        if rest == -0.5, lost < 0 { cents -= 1 }
        return cents / 100
    }

    /// As Python writes it: `46`, `46.0`, `0.3499999999999943`, `1e+16`, `1e-05`.
    package var text: String {
        guard case .fraction(let value) = self else {
            if case .whole(let value) = self { return String(value) } else { return "" }
        }
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let text = value.description
        // Swift writes shortest digits as well, but goes over to powers of ten only at 2⁵⁴ instead of 10¹⁶.
        guard value.magnitude >= 1e16, !text.contains("e") else { return text }
        let sign = text.hasPrefix("-") ? "-" : ""
        let digits = text.drop { $0 == "-" }.prefix { $0 != "." }
        let tail = String(digits.dropFirst().reversed().drop { $0 == "0" }.reversed())
        return "\(sign)\(digits.prefix(1))\(tail.isEmpty ? "" : "." + tail)e+\(digits.count - 1)"
    }
}
