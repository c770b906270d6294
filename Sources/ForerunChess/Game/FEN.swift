/// A chess position in Forsyth-Edwards Notation (PGN standard, section 16.1).
package struct FEN: Sendable, Hashable {
    /// The six fields, separated by single blanks.
    package let text: String
    /// The 64 squares from a8 to h1; `.` where empty.
    package let squares: [Character]
    package let isWhiteToMove: Bool
    package let castling: String
    /// The square that a pawn has just passed over, or `-`.
    package let enPassant: String
    /// Half-moves since the last capture or pawn move.
    package let quietPlies: Int

    package static let start = FEN("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1")

    /// - Returns: `nil` where `text` is no FEN. Engines crash on what is none, so this is strict about form; whether
    ///   the position can arise in a game is not checked.
    package init?(_ text: some StringProtocol) {
        let fields = String(text).split(separator: " ").map(String.init)
        guard fields.count == 6, let quietPlies = Int(fields[4]), let move = Int(fields[5]), quietPlies >= 0, move >= 1
        else { return nil }
        let ranks = fields[0].split(separator: "/", omittingEmptySubsequences: false)
        var squares: [Character] = []
        for rank in ranks {
            let before = squares.count
            for character in rank {
                if let gap = character.wholeNumberValue, (1...8).contains(gap), character.isASCII {
                    squares += Array(repeating: ".", count: gap)
                } else if "pnbrqkPNBRQK".contains(character) {
                    squares.append(character)
                } else {
                    return nil
                }
            }
            guard squares.count - before == 8 else { return nil }
        }
        guard ranks.count == 8, ["w", "b"].contains(fields[1]),
            squares.count(where: { $0 == "K" }) == 1, squares.count(where: { $0 == "k" }) == 1,
            !squares[..<8].contains(where: { "pP".contains($0) }),
            !squares[56...].contains(where: { "pP".contains($0) })
        else { return nil }
        self.text = fields.joined(separator: " ")
        self.squares = squares
        isWhiteToMove = fields[1] == "w"
        castling = fields[2]
        enPassant = fields[3]
        self.quietPlies = quietPlies
        // A right to castle without king and rook in place makes engines crash.
        let corners: [Character: (king: Int, rook: Int)] = ["K": (60, 63), "Q": (60, 56), "k": (4, 7), "q": (4, 0)]
        for right in castling where castling != "-" {
            guard let (king, rook) = corners[right], squares[king] == (right.isUppercase ? "K" : "k"),
                squares[rook] == (right.isUppercase ? "R" : "r")
            else { return nil }
        }
        guard enPassant == "-" || Self.index(of: enPassant.prefix(2)) != nil && enPassant.count == 2 else { return nil }
    }

    /// The piece on a square such as `e4`; `.` where there is none.
    package func piece(on square: some StringProtocol) -> Character {
        Self.index(of: square).map { squares[$0] } ?? "."
    }

    private static func index(of square: some StringProtocol) -> Int? {
        let bytes = Array(square.utf8)
        guard bytes.count == 2, (0x61...0x68).contains(bytes[0]), (0x31...0x38).contains(bytes[1]) else { return nil }
        return (0x38 - Int(bytes[1])) * 8 + Int(bytes[0]) - 0x61
    }

    /// The same position with the other side to move.
    package var withOtherSideToMove: FEN? {
        let fields = text.split(separator: " ")
        return FEN("\(fields[0]) \(isWhiteToMove ? "b" : "w") \(fields[2]) - \(fields[4]) \(fields[5])")
    }

    /// Whether neither side can ever give mate: bare kings, one minor piece, or bishops that all go on one colour.
    package var hasInsufficientMaterial: Bool {
        let others = squares.enumerated().filter { !".kK".contains($0.element) }
        if others.isEmpty { return true }
        if others.count == 1 { return "bBnN".contains(others[0].element) }
        let colours = Set(others.map { ($0.offset / 8 + $0.offset % 8) % 2 })
        return others.allSatisfy { "bB".contains($0.element) } && colours.count == 1
    }
}
