/// What a player sees: the text of a position, and its way back.
///
///     fen: rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1
///     moves: e2e4
///     to move: black
///     legal: a7a5 a7a6 …
///
/// A game from another start has a line `start:` with its FEN, one that is over a line `result:` in place of the last two.
package enum PositionText {
    package static func of(_ game: GameState) -> String {
        var lines: [String] = []
        if let start = game.position.start { lines.append("start: \(start.text)") }
        lines.append("fen: \(game.facts.fen.text)")
        lines.append((["moves:"] + game.position.moves).joined(separator: " "))
        if let result = game.result {
            lines.append("result: \(result)")
        } else {
            lines.append(
                "to move: \(game.facts.fen.isWhiteToMove ? "white" : "black")\(game.facts.isCheck ? ", in check" : "")")
            lines.append("legal: \(game.facts.legalMoves.joined(separator: " "))")
        }
        return lines.joined(separator: "\n")
    }

    /// The position that `text` shows; `nil` where it shows none.
    package static func position(in text: String) -> EnginePosition? {
        var start: FEN?
        var moves: [String]?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("start: ") {
                start = FEN(line.dropFirst("start: ".count))
                guard start != nil else { return nil }
            } else if line.hasPrefix("moves:") {
                moves = line.dropFirst("moves:".count).split(separator: " ").map(String.init)
            }
        }
        guard let moves, moves.allSatisfy({ UCIMove.isWellFormed($0) }) else { return nil }
        return EnginePosition(start: start, moves: moves)
    }
}
