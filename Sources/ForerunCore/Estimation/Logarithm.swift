/// Logarithms and powers of e, to about 15 digits: the same on every machine, so that decisions can be played again.
enum Logarithm {
    private static let naturalOfTwo = 0.693_147_180_559_945_3
    private static let rootOfTwo = 1.414_213_562_373_095_1

    /// - Parameter value: more than 0, and finite.
    static func natural(_ value: Double) -> Double {
        var exponent = Double(value.exponent)
        var significand = value.significand
        if significand > rootOfTwo {
            significand /= 2
            exponent += 1
        }
        // ln m = 2 · artanh((m − 1) / (m + 1)), and here the argument is less than 0.172.
        let argument = (significand - 1) / (significand + 1)
        let square = argument * argument
        var sum = 0.0
        for power in stride(from: 19.0, through: 1, by: -2) { sum = sum * square + 1 / power }
        return exponent * naturalOfTwo + 2 * argument * sum
    }

    /// e to the power of `value`; 0 where that is less than some 10⁻³⁰⁰.
    ///
    /// - Parameter value: at most 700.
    static func exponential(_ value: Double) -> Double {
        guard value > -690 else { return 0 }
        let exponent = (value / naturalOfTwo).rounded()
        let rest = value - exponent * naturalOfTwo
        var sum = 1.0
        for divisor in stride(from: 14.0, through: 1, by: -1) { sum = 1 + sum * rest / divisor }
        return Double(sign: .plus, exponent: Int(min(exponent, 1023)), significand: sum)
    }
}
