/// How far probabilities that were given can be trusted, by what came.
package struct ForecastScores: Sendable, Hashable {
    private struct Bin: Sendable, Hashable {
        var count = 0
        var probabilities = 0.0
        var hits = 0
    }

    private var bins = [Bin](repeating: Bin(), count: 10)
    private var squares = 0.0

    package init() {}

    package mutating func add(_ probability: Double, came: Bool) {
        let bin = max(0, min(bins.count - 1, Int(probability * Double(bins.count))))
        bins[bin].count += 1
        bins[bin].probabilities += probability
        bins[bin].hits += came ? 1 : 0
        squares += (probability - (came ? 1 : 0)) * (probability - (came ? 1 : 0))
    }

    /// How many probabilities were given.
    package var count: Int { bins.reduce(0) { $0 + $1.count } }

    /// The mean square of the error, 0…1 (Brier, 1950); `nil`: nothing was given.
    package var brier: Double? { count > 0 ? squares / Double(count) : nil }

    /// How far the probabilities are from what came, on average, in ten bins of equal width: the expected calibration
    /// error, 0…1; `nil`: nothing was given.
    package var calibrationError: Double? {
        guard count > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.probabilities - Double($1.hits)) } / Double(count)
    }
}
