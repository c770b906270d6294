/// What the rules say about one position, whatever came before.
package struct PositionFacts: Sendable, Hashable {
    package var fen: FEN
    /// The side to move is in check.
    package var isCheck: Bool
    /// Legal moves in UCI notation, sorted.
    package var legalMoves: [String]

    /// Reads what Stockfish answers to `d` and `go perft 1`.
    package init?(parsing lines: [String]) {
        var fen: FEN?
        var isCheck = false
        var legalMoves: [String] = []
        for line in lines {
            if line.hasPrefix("Fen: ") {
                fen = FEN(line.dropFirst("Fen: ".count))
            } else if line.hasPrefix("Checkers:") {
                isCheck = line.dropFirst("Checkers:".count).contains { !$0.isWhitespace }
            } else if let colon = line.firstIndex(of: ":"), UCIMove.isWellFormed(line[..<colon]) {
                legalMoves.append(String(line[..<colon]))
            }
        }
        guard let fen else { return nil }
        self.fen = fen
        self.isCheck = isCheck
        self.legalMoves = legalMoves.sorted()
    }

    /// Equal for positions that are the same for the rule of threefold repetition (FIDE Laws of Chess, 9.2): pieces,
    /// side to move, rights to castle, and captures en passant that are really possible.
    package var repetitionKey: String {
        let fields = fen.text.split(separator: " ")
        let canPass = legalMoves.contains { move in
            move.dropFirst(2).prefix(2) == fen.enPassant && "pP".contains(fen.piece(on: move.prefix(2)))
        }
        return fields[..<3].joined(separator: " ") + " " + (canPass ? fen.enPassant : "-")
    }
}

/// UCI's notation of moves.
package enum UCIMove {
    /// Whether `text` looks like `e2e4` or `e7e8q`.
    package static func isWellFormed(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        func isSquare(_ at: Int) -> Bool {
            (0x61...0x68).contains(bytes[at]) && (0x31...0x38).contains(bytes[at + 1])
        }
        guard bytes.count == 4 || (bytes.count == 5 && "qrbn".utf8.contains(bytes[4])) else { return false }
        return isSquare(0) && isSquare(2)
    }
}
