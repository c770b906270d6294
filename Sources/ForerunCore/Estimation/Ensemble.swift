/// One calibrated probability for each candidate of a question, out of what all sources say and what they proved.
///
/// What a source says counts in three ways: by how often its guesses of this tool and rank came true (``Calibration``), by
/// the confidence that it states, scaled by what such statements proved to be worth (Platt, 1999), and by what it did *not*
/// name. Logarithms of odds are added up with learnt weights, some for all tools and some for the candidate's tool, and
/// shared out between the candidates and "none of them": a logarithmic opinion pool (Genest and Zidek, 1986), so that the
/// probabilities of a question add up to no more than 1. A source of which nothing is known counts by its counts, and by
/// whether others agree; a stated confidence counts nothing until it has proved itself.
///
/// The loss, −log P(what came), is convex in the weights, and they follow its gradient with steps of their own that become
/// smaller (Duchi, Hazan and Singer, 2011, algorithm AdaGrad) within a box of width 2·``Weight/limit`` = D. The sum of losses
/// exceeds that of the best fixed weights, those that listen to one source only included, by at most
/// (D²/2η + η) · Σᵢ √(Σₜ gᵢₜ²): it grows as the root of the number of questions.
package struct Ensemble: Sendable, Hashable {
    /// What one source proved.
    struct Member: Sendable, Hashable {
        var weights = Weights()
        /// Added to the general ones, by the candidate's first tool.
        var byTool: [String: ToolWeights] = [:]
    }

    /// Of a member, for candidates of all tools.
    struct Weights: Sendable, Hashable {
        /// Of the odds by counts.
        var counts = Weight(1)
        /// Of the stated odds.
        var stated = Weight()
        var named = Weight()
        /// Where other sources named it, too.
        var agreed = Weight(0.3)
        var absent = Weight()
        /// Of the stated odds of the last candidate that it named, where it did not name this one.
        var last = Weight()
    }

    /// Of a member, for candidates of one tool.
    struct ToolWeights: Sendable, Hashable {
        var named = Weight()
        var absent = Weight()
    }

    /// Tools of which weights are kept, a source.
    static let toolLimit = 512

    package internal(set) var calibration: Calibration
    var members: [String: Member] = [:]
    /// How many questions it has learnt from since it was made.
    package internal(set) var lessons = 0

    package init(calibration: Calibration = Calibration()) { self.calibration = calibration }

    /// The probability of each candidate; together at most 1, as far as floating point goes.
    package func probabilities(_ ballot: Ballot) -> [Double] {
        guard !ballot.candidates.isEmpty else { return [] }
        return LogOdds.probabilities(terms(of: ballot).map(score))
    }

    /// What speaks for a candidate, and against it: one term for each source that has spoken.
    struct Term {
        var source: String
        var tool: String
        var isNamed: Bool
        /// Other sources named it, too.
        var isAgreed = false
        /// Odds by counts.
        var counts = 0.0
        /// Stated odds: of the candidate, or of the last one that the source named.
        var stated = 0.0
    }

    func terms(of ballot: Ballot) -> [[Term]] {
        let several = ballot.sources.count > 1
        var terms = ballot.candidates.map { candidate in
            several ? ballot.sources.map { Term(source: $0, tool: candidate.tool, isNamed: false) } : []
        }
        for (number, source) in ballot.sources.enumerated() {
            var named: [Int] = []
            var counted: [Double] = []
            var stated: [Double] = []
            for (index, candidate) in ballot.candidates.enumerated() {
                guard let claim = candidate.claims.first(where: { $0.source == number }) else { continue }
                named.append(index)
                counted.append(calibration.probability(.init(source: source, tool: candidate.tool, rank: claim.rank)))
                if let confidence = claim.confidence { stated.append(confidence) }
            }
            guard !named.isEmpty else { continue }
            counted = LogOdds.against(none: counted)
            // Where some confidences are missing, the others are no distribution.
            stated = stated.count == named.count ? LogOdds.against(none: stated) : []
            if several, let last = stated.min() { for index in terms.indices { terms[index][number].stated = last } }
            for (place, index) in named.enumerated() {
                let candidate = ballot.candidates[index]
                // Sources that agree know the same in part: two of them count for less than twice one.
                let share = 1 / Double(candidate.claims.count).squareRoot()
                let term = Term(
                    source: source, tool: candidate.tool, isNamed: true, isAgreed: candidate.claims.count > 1,
                    counts: counted[place] * share, stated: stated.isEmpty ? 0 : stated[place] * share)
                if several { terms[index][number] = term } else { terms[index] = [term] }
            }
        }
        return terms
    }

    private func score(_ terms: [Term]) -> Double {
        var score = 0.0
        for term in terms {
            let member = members[term.source] ?? Member()
            let weights = member.weights
            let special = member.byTool[term.tool] ?? ToolWeights()
            score +=
                term.isNamed
                ? weights.counts.value * term.counts + weights.stated.value * term.stated + weights.named.value
                    + special.named.value + (term.isAgreed ? weights.agreed.value : 0)
                : weights.last.value * term.stated + weights.absent.value + special.absent.value
        }
        return score
    }
}
