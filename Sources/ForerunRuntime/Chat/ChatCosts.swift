import ForerunCore
import ForerunStore

/// What a conversation took so far, as lines: what the agent said, what speculation took beside it, and both by model.
enum ChatCosts {
    static func lines(_ book: CostBook) -> [String] {
        let isSpeculative: (Charge.Outcome) -> Bool = { [.guesses, .wasted].contains($0) }
        let own = sum(book) { !isSpeculative($0) }
        let ahead = sum(book, isSpeculative)
        return ["agent        \(text(own))", "speculation  \(text(ahead))"]
            + (book.sums.isEmpty ? [] : CostText.lines(book, countsRuns: false))
    }

    private static func sum(_ book: CostBook, _ isWanted: (Charge.Outcome) -> Bool) -> RunCosts.Sum {
        book.sums.filter { isWanted($0.key.outcome) }.reduce(into: RunCosts.Sum()) { $0.add($1.sum) }
    }

    private static func text(_ sum: RunCosts.Sum) -> String {
        var parts = [
            PresentedNumber.count(sum.requests, "request"), "\(sum.usage.input) tokens in", "\(sum.usage.output) out",
        ]
        parts += sum.money.sorted { $0.key < $1.key }.map { "\(PresentedNumber.fixed($0.value, 4)) \($0.key)" }
        if sum.unpriced > 0 { parts.append("prices of \(sum.unpriced) unknown") }
        return parts.joined(separator: ", ")
    }
}
