import GRDB

/// Which runs are wanted, and in which order.
package struct RunQuery: Sendable, Hashable {
    package enum Order: String, Sendable, Hashable, CaseIterable {
        /// The last first.
        case time
        /// The greatest first.
        case seconds, saved, turns, tokens, cost

        var column: String {
            switch self {
            case .time: "name"
            case .seconds, .saved, .turns, .tokens, .cost: rawValue
            }
        }
    }

    /// Words that all occur, in any order: beginnings of words suffice.
    package var words: String?
    package var agent: String?
    /// The directory, or one above it.
    package var workspace: String?
    /// How they ended (``RunSummary/end``); of `limit steps`, `limit` suffices.
    package var end: String?
    /// No earlier than this, a beginning of a name: `20261121`.
    package var since: String?
    package var order = Order.time
    /// `nil`: all.
    package var limit: Int?
    /// So many of the first are left out.
    package var offset = 0

    package init() {}

    /// Whether runs that ended so are wanted.
    func wants(end: String) -> Bool {
        guard let wish = self.end else { return true }
        return end == wish || end.hasPrefix(wish + " ")
    }

    /// Whether it asks for runs without an end: which of these go on, only their logs tell.
    package var asksForOpenRuns: Bool {
        end != nil && (wants(end: RunSummary.cutOff) || wants(end: RunSummary.running))
    }

    /// The words as FTS5 wants them, beginnings of words, each quoted, so that none is an operator; `nil`: none were given.
    ///
    /// The index knows letters and digits only, and no order: `O'Brien` is found where both `O` and `Brien` are. What a word is,
    /// its own tokenizer says: it takes some marks for letters and not others, and two words in quotes would be a phrase.
    func match(_ database: Database) throws -> String? {
        guard let words else { return nil }
        let tokens = try database.makeTokenizer(.unicode61()).tokenize(query: words)
        return tokens.map { "\"\($0.token)\"*" }.joined(separator: " ")
    }
}
