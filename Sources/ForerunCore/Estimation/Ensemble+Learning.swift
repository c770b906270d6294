extension Ensemble {
    /// Learns what came of a question.
    ///
    /// - Parameter came: the number of the candidate that came true; `nil`: none did.
    package mutating func learn(_ ballot: Ballot, came: Int?) {
        guard !ballot.candidates.isEmpty else { return }
        let terms = terms(of: ballot)
        let probabilities = probabilities(ballot)
        lessons += 1
        for (index, candidate) in ballot.candidates.enumerated() {
            let error = probabilities[index] - (index == came ? 1 : 0)
            for term in terms[index] { members[term.source, default: Member()].learn(term, error) }
            for claim in candidate.claims {
                let key = Calibration.Key(
                    source: ballot.sources[claim.source], tool: candidate.tool, rank: claim.rank)
                calibration.record(key, hit: index == came)
            }
        }
    }
}

extension Ensemble.Member {
    private static let rate = 0.15
    /// Of one tool less is seen, and what is true of all is known already.
    private static let toolRate = 0.01

    /// - Parameter error: the probability that was given, less what came.
    fileprivate mutating func learn(_ term: Ensemble.Term, _ error: Double) {
        let isKnown = byTool[term.tool] != nil || byTool.count < Ensemble.toolLimit
        if term.isNamed {
            weights.counts.descend(error * term.counts, rate: Self.rate)
            weights.stated.descend(error * term.stated, rate: Self.rate)
            weights.named.descend(error, rate: Self.rate)
            if term.isAgreed { weights.agreed.descend(error, rate: Self.rate) }
            if isKnown { byTool[term.tool, default: .init()].named.descend(error, rate: Self.toolRate) }
        } else {
            weights.last.descend(error * term.stated, rate: Self.rate)
            weights.absent.descend(error, rate: Self.rate)
            if isKnown { byTool[term.tool, default: .init()].absent.descend(error, rate: Self.toolRate) }
        }
    }
}

extension Ensemble {
    /// A weight that follows a gradient with steps that become smaller.
    struct Weight: Sendable, Hashable {
        static let limit = 4.0

        private(set) var value: Double
        /// The sum of the squares of all gradients, and 1.
        private(set) var squares: Double

        init(_ value: Double = 0, squares: Double = 1) {
            self.value = max(-Self.limit, min(Self.limit, value))
            self.squares = max(1, squares)
        }

        mutating func descend(_ gradient: Double, rate: Double) {
            squares += gradient * gradient
            self = Self(value - rate * gradient / squares.squareRoot(), squares: squares)
        }
    }
}
