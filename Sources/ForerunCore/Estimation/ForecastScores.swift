/// How far probabilities that were given can be trusted, by what came.
package struct ForecastScores: Sendable, Hashable {
    /// The probabilities that are in one tenth of 0…1, and what came of them.
    package struct Bin: Sendable, Hashable {
        package fileprivate(set) var count = 0
        /// Their sum: how many hits were to be expected.
        package fileprivate(set) var probabilities = 0.0
        package fileprivate(set) var hits = 0

        /// The mean probability; `nil`: there is none.
        package var mean: Double? { count > 0 ? probabilities / Double(count) : nil }

        fileprivate static func += (left: inout Bin, right: Bin) {
            left.count += right.count
            left.probabilities += right.probabilities
            left.hits += right.hits
        }
    }

    /// Ten of equal width, from 0; the last one includes 1.
    package private(set) var bins = [Bin](repeating: Bin(), count: 10)
    private var squares = 0.0

    package init() {}

    /// - Parameter probability: 0…1; what is outside counts as the nearest of these, and what is no number as 0.
    package mutating func add(_ probability: Double, came: Bool) {
        let probability = probability > 0 ? min(1, probability) : 0
        let bin = min(bins.count - 1, Int(probability * Double(bins.count)))
        bins[bin] += Bin(count: 1, probabilities: probability, hits: came ? 1 : 0)
        squares += (probability - (came ? 1 : 0)) * (probability - (came ? 1 : 0))
    }

    package static func += (left: inout ForecastScores, right: ForecastScores) {
        for index in left.bins.indices { left.bins[index] += right.bins[index] }
        left.squares += right.squares
    }

    /// How many probabilities were given.
    package var count: Int { bins.reduce(0) { $0 + $1.count } }

    /// The mean square of the error, 0…1 (Brier, 1950); `nil`: nothing was given.
    package var brier: Double? { count > 0 ? squares / Double(count) : nil }

    /// How far the probabilities are from what came, on average, in the bins: the expected calibration error, 0…1 (Naeini,
    /// Cooper and Hauskrecht, 2015); `nil`: nothing was given.
    package var calibrationError: Double? {
        guard count > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.probabilities - Double($1.hits)) } / Double(count)
    }
}
