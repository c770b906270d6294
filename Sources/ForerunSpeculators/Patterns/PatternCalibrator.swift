/// Makes probabilities true: p' = σ(a · logit p + b), one a and b for each rank, learnt from what came.
struct PatternCalibrator: Sendable, Hashable {
    static let ranks = 3

    var slopes = [Double](repeating: 1, count: ranks)
    var offsets = [Double](repeating: 0, count: ranks)
    var count = 0

    func calibrated(_ probability: Double, rank: Int) -> Double {
        let rank = min(rank, Self.ranks - 1)
        return PatternMath.sigmoid(slopes[rank] * PatternMath.logit(probability) + offsets[rank])
    }

    mutating func learn(_ probability: Double, rank: Int, came: Bool) {
        guard rank < Self.ranks else { return }
        let error = calibrated(probability, rank: rank) - (came ? 1 : 0)
        count += 1
        let rate = 0.5 / (50 + Double(count) / 3).squareRoot()
        slopes[rank] -= rate * error * PatternMath.logit(probability)
        offsets[rank] -= rate * error
    }
}
