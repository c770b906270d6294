/// How often what came was the first guess, or one of the first three.
package struct PredictionHits: Sendable, Hashable {
    package private(set) var count = 0
    package private(set) var first = 0
    package private(set) var three = 0

    package init() {}

    /// - Parameter rank: the place of what came among the guesses, from 0; `nil`: it was not guessed.
    package mutating func add(rank: Int?) {
        count += 1
        guard let rank else { return }
        if rank == 0 { first += 1 }
        if rank < 3 { three += 1 }
    }

    package static func += (left: inout PredictionHits, right: PredictionHits) {
        left.count += right.count
        left.first += right.first
        left.three += right.three
    }

    /// Shares of 1; 0 where nothing was counted.
    package var firstShare: Double { count == 0 ? 0 : Double(first) / Double(count) }
    package var threeShare: Double { count == 0 ? 0 : Double(three) / Double(count) }
}
