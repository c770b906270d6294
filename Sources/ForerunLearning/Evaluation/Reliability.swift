/// How true stated probabilities are: in ten bins of equal width.
package struct Reliability: Sendable, Hashable {
    package static let bins = 10

    package private(set) var count = 0
    private var stated = [Double](repeating: 0, count: bins)
    private var came = [Double](repeating: 0, count: bins)
    private var squares = 0.0

    package init() {}

    package mutating func add(_ probability: Double, came isThere: Bool) {
        let bin = min(Int(max(0, probability) * Double(Self.bins)), Self.bins - 1)
        let outcome = isThere ? 1.0 : 0
        count += 1
        stated[bin] += probability
        came[bin] += outcome
        squares += (probability - outcome) * (probability - outcome)
    }

    /// The expected calibration error: the mean distance between what is stated in a bin and what came, weighed by how
    /// many fell into it (Naeini, Cooper and Hauskrecht, 2015).
    package var error: Double {
        count == 0 ? 0 : zip(stated, came).reduce(0) { $0 + abs($1.0 - $1.1) } / Double(count)
    }

    /// The mean squared error (Brier, 1950).
    package var brier: Double { count == 0 ? 0 : squares / Double(count) }
}
