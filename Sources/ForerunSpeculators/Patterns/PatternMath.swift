#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Functions that the standard library lacks.
enum PatternMath {
    static func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-max(-30, min(30, value)))) }

    /// The logarithm of the odds; probabilities below 0.0001 count as that.
    static func logit(_ probability: Double) -> Double {
        log(max(probability, 1e-4) / max(1 - probability, 1e-4))
    }

    static func logarithm(_ value: Float) -> Float { logf(value) }

    private static let logarithms: [Float] = (0..<64).map { logf(Float(max(1, $0))) }

    /// The natural logarithm of a count; of 0 as of 1.
    static func logarithm(of count: Int) -> Float { count < 64 ? logarithms[count] : logf(Float(count)) }

    /// Probabilities in proportion to the exponentials of `scores`.
    static func softmax(_ scores: inout [Float]) {
        guard var greatest = scores.first else { return }
        for score in scores { greatest = max(greatest, score) }
        var sum: Float = 0
        for index in scores.indices {
            let value = expf(scores[index] - greatest)
            scores[index] = value
            sum += value
        }
        for index in scores.indices { scores[index] /= sum }
    }
}
