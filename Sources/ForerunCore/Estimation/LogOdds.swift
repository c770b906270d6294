/// Odds on a logarithmic scale. Nothing is certain: all are kept between 1 : 400 and 400 : 1.
enum LogOdds {
    static let limit = 6.0
    /// More than this is never believed of all claims of a source together.
    private static let most = 0.97
    private static let least = 1e-4

    /// The odds of each of some exclusive claims against none of them.
    static func against(none claims: [Double]) -> [Double] {
        let sum = claims.reduce(0, +)
        let scale = sum > most ? most / sum : 1
        let none = Logarithm.natural(1 - sum * scale)
        return claims.map { max(-limit, min(limit, Logarithm.natural(max($0 * scale, least)) - none)) }
    }

    /// The probabilities of exclusive cases of these scores, where none of them has the score 0: together at most 1.
    static func probabilities(_ scores: [Double]) -> [Double] {
        let greatest = scores.reduce(0, max)
        let powers = scores.map { Logarithm.exponential($0 - greatest) }
        let sum = powers.reduce(Logarithm.exponential(-greatest), +)
        return powers.map { $0 / sum }
    }
}
