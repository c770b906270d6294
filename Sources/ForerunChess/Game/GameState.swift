/// A game so far: the moves, the position they lead to, and whether it is over.
package struct GameState: Sendable, Hashable {
    package let position: EnginePosition
    package let facts: PositionFacts
    package let result: GameResult?
    /// The repetition keys of all positions since the last move that cannot be taken back, this one included.
    private let seen: [String]

    /// The state before any move.
    package init(start: FEN?, facts: PositionFacts, maxPlies: Int? = nil) {
        self.init(position: EnginePosition(start: start), facts: facts, seen: [facts.repetitionKey], maxPlies: maxPlies)
    }

    private init(position: EnginePosition, facts: PositionFacts, seen: [String], maxPlies: Int?) {
        self.position = position
        self.facts = facts
        self.seen = seen
        result = GameResult.of(
            facts, repetitions: seen.count { $0 == seen.last }, plies: position.moves.count, maxPlies)
    }

    /// The position after `move`.
    package func position(after move: String) -> EnginePosition {
        EnginePosition(start: position.start, moves: position.moves + [move])
    }

    /// The state after the move that leads to `position`, about which the rules say `facts`.
    package func advanced(to position: EnginePosition, facts: PositionFacts, maxPlies: Int? = nil) -> GameState {
        let earlier = facts.fen.quietPlies == 0 ? [] : seen
        return GameState(position: position, facts: facts, seen: earlier + [facts.repetitionKey], maxPlies: maxPlies)
    }
}

/// How a game ended.
package struct GameResult: Sendable, Hashable, CustomStringConvertible {
    /// `1-0`, `0-1`, `1/2-1/2`, or `*` for a game that was broken off.
    package let score: String
    package let reason: String

    package var description: String { "\(score) (\(reason))" }

    static func of(_ facts: PositionFacts, repetitions: Int, plies: Int, _ maxPlies: Int?) -> GameResult? {
        if facts.legalMoves.isEmpty {
            guard facts.isCheck else { return GameResult(score: "1/2-1/2", reason: "stalemate") }
            return GameResult(score: facts.fen.isWhiteToMove ? "0-1" : "1-0", reason: "checkmate")
        }
        if facts.fen.hasInsufficientMaterial { return GameResult(score: "1/2-1/2", reason: "insufficient material") }
        if repetitions >= 3 { return GameResult(score: "1/2-1/2", reason: "threefold repetition") }
        if facts.fen.quietPlies >= 100 { return GameResult(score: "1/2-1/2", reason: "fifty-move rule") }
        if let maxPlies, plies >= maxPlies {
            return GameResult(score: "*", reason: "unfinished: the limit of \(maxPlies) half-moves is reached")
        }
        return nil
    }
}
