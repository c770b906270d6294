/// What the sources say to one question, by candidate: guesses that are the same are one candidate.
package struct Ballot: Sendable, Hashable {
    /// What one source says of a candidate.
    struct Claim: Sendable, Hashable {
        /// Its place in ``Ballot/sources``.
        var source: Int
        var rank: Int
        /// As the source states it.
        var confidence: Double?
    }

    struct Candidate: Sendable, Hashable {
        /// The first tool; empty for a turn without calls.
        var tool: String
        /// At most one a source.
        var claims: [Claim] = []
    }

    /// Those that have spoken, in this order.
    private(set) var sources: [String] = []
    private(set) var candidates: [Candidate] = []

    package init() {}

    /// A source has spoken: what it has not named counts as such.
    ///
    /// - Returns: its place among those that have.
    @discardableResult
    package mutating func hear(_ source: String) -> Int {
        if let known = sources.firstIndex(of: source) { return known }
        sources.append(source)
        return sources.count - 1
    }

    /// - Parameter tool: the first tool of the candidate; empty for a turn without calls.
    /// - Returns: its number.
    package mutating func addCandidate(tool: String) -> Int {
        candidates.append(Candidate(tool: tool))
        return candidates.count - 1
    }

    /// A source names a candidate. What it says last of it counts.
    ///
    /// - Parameters:
    ///   - rank: among the guesses of the source, from 0.
    ///   - confidence: what the source states, if anything.
    package mutating func claim(_ candidate: Int, by source: String, rank: Int, confidence: Double?) {
        let source = hear(source)
        let stated = confidence.flatMap { $0.isFinite ? min(max($0, 0), 1) : nil }
        let claim = Claim(source: source, rank: rank, confidence: stated)
        if let known = candidates[candidate].claims.firstIndex(where: { $0.source == source }) {
            candidates[candidate].claims[known] = claim
        } else {
            candidates[candidate].claims.append(claim)
        }
    }

    /// Of each candidate, the greatest confidence that a source states; 0 where none does.
    var statedProbabilities: [Double] { candidates.map { $0.claims.compactMap(\.confidence).max() ?? 0 } }
}
