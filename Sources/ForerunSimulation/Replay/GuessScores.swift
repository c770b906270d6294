import ForerunCore
package import ForerunLearning

/// How often guesses were right, by their ranks: by the probabilities that they had when a source named them last.
///
/// How far their probabilities can be trusted is counted by the core (``Statistics/forecasts``).
package struct GuessScores: Sendable, Hashable {
    /// The next tool, or none, at every turn.
    package private(set) var decisions = PredictionHits()
    /// Name and all arguments, of every call.
    package private(set) var calls = PredictionHits()
    /// The same, of calls that only read.
    package private(set) var reads = PredictionHits()
    /// Turns with calls, and those of them for which there was a guess.
    package private(set) var turnsWithCalls = 0
    package private(set) var guessedTurns = 0

    package init() {}

    static func += (left: inout GuessScores, right: GuessScores) {
        left.decisions += right.decisions
        left.calls += right.calls
        left.reads += right.reads
        left.turnsWithCalls += right.turnsWithCalls
        left.guessedTurns += right.guessedTurns
    }
}

extension GuessScores {
    /// A guess of a turn.
    struct Candidate {
        var turn: Turn
        var entry: Transcript.Entry
        var calls: [CallIdentity]
        /// Who named it first.
        var source: String
        /// When it was named last: that of all its sources together.
        var probability: Double
    }

    /// Calls that only think: they are no deeds.
    private static func isThought(_ name: String) -> Bool { name == "think" || name == "Think" }

    /// - Parameters:
    ///   - candidates: merged, the most probable first.
    ///   - ranking: the tools that come next, where a source tells; otherwise taken from the candidates.
    ///   - calls: those of the turn that came.
    mutating func add(_ candidates: [Candidate], ranking: [String?]?, calls: [JudgedCall]) {
        let deeds = calls.filter { !Self.isThought($0.call.name) }
        guard !deeds.isEmpty || calls.isEmpty else { return }
        let tools = ranking?.filter { $0.map { !Self.isThought($0) } ?? true } ?? Self.ranking(candidates)
        decisions.add(rank: tools.firstIndex(of: deeds.first?.call.name))
        if !deeds.isEmpty {
            turnsWithCalls += 1
            if !candidates.isEmpty { guessedTurns += 1 }
        }
        for call in deeds {
            let rank = candidates.firstIndex { $0.calls.contains(call.identity) }
            self.calls.add(rank: rank)
            if call.isRead { reads.add(rank: rank) }
        }
    }

    /// The tools by the probabilities of the guesses that begin with them; what is left is for no call.
    private static func ranking(_ candidates: [Candidate]) -> [String?] {
        var shares: [(tool: String?, share: Double)] = []
        for candidate in candidates {
            let tool = candidate.turn.calls.first?.name
            if let place = shares.firstIndex(where: { $0.tool == tool }) {
                shares[place].share += candidate.probability
            } else {
                shares.append((tool, candidate.probability))
            }
        }
        let rest = 1 - shares.reduce(0) { $0 + $1.share }
        if !shares.contains(where: { $0.tool == nil }) { shares.append((nil, rest)) }
        return shares.enumerated().sorted { ($0.element.share, $1.offset) > ($1.element.share, $0.offset) }
            .map(\.element.tool)
    }
}
