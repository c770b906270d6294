/// How probable the parts of a text were to the model that wrote it.
struct TextLikelihood: Sendable {
    /// The ends of its pieces, in bytes, and the sum of the log-probabilities up to there.
    private var marks: [(end: Int, sum: Double)] = []
    /// Of tokens whose text has not come yet.
    private var ahead: Double?

    /// The sum of all log-probabilities; `nil`: none was told.
    private(set) var total: Double?

    /// Takes the log-probabilities of the tokens of the next piece.
    mutating func add(_ logprobs: [Double]) {
        let sum = logprobs.reduce(0, +)
        ahead = (ahead ?? 0) + sum
        total = (total ?? 0) + sum
    }

    /// The text is so long now.
    mutating func reached(_ end: Int) {
        guard let ahead else { return }
        marks.append((end, (marks.last?.sum ?? 0) + ahead))
        self.ahead = nil
    }

    /// Of a part of the text, pieces that it shares with its surroundings included; `nil` where it was not told.
    func logprob(of part: Range<Int>) -> Double? {
        guard let last = marks.first(where: { $0.end >= part.upperBound }) else { return nil }
        return last.sum - (marks.last { $0.end <= part.lowerBound }?.sum ?? 0)
    }
}
