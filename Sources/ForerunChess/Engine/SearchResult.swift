/// A position as UCI states it: where the game started, and the moves since.
package struct EnginePosition: Sendable, Hashable {
    /// `nil`: the usual start.
    package var start: FEN?
    /// Moves in UCI's long algebraic notation: `e2e4`, `e7e8q`.
    package var moves: [String]

    package init(start: FEN? = nil, moves: [String] = []) {
        self.start = start
        self.moves = moves
    }

    /// The UCI command that sets it up.
    package var command: String {
        let base = start.map { "position fen \($0.text)" } ?? "position startpos"
        return moves.isEmpty ? base : base + " moves " + moves.joined(separator: " ")
    }
}

/// What a search found.
package struct SearchResult: Sendable, Hashable {
    /// The engine's choice; `nil` where there is no legal move.
    package var best: String?
    /// The best lines, best first, as many as were asked for and legal.
    package var lines: [SearchLine]
    /// Positions searched.
    package var nodes: Int
}

/// One of the best lines of a search.
package struct SearchLine: Sendable, Hashable {
    package enum Score: Sendable, Hashable {
        /// For the side to move.
        case centipawns(Int)
        /// Moves to mate; negative where the side to move is mated, 0 where it is.
        case mate(Int)
    }

    package var move: String
    package var score: Score
    /// The line, ``move`` first.
    package var continuation: [String]

    package init(move: String, score: Score, continuation: [String]) {
        self.move = move
        self.score = score
        self.continuation = continuation
    }
}

extension SearchResult {
    /// Reads the `info` and `bestmove` lines of one search (UCI protocol, April 2006).
    package init(parsing lines: [String]) {
        var best: String?
        var byRank: [Int: SearchLine] = [:]
        var nodes = 0
        for line in lines {
            let words = line.split(separator: " ")
            func value(after name: Substring) -> Substring? {
                words.firstIndex(of: name).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
            }
            switch words.first {
            case "bestmove":
                best = value(after: "bestmove").map(String.init)
            case "info" where words.dropFirst().first != "string":
                nodes = value(after: "nodes").flatMap { Int($0) } ?? nodes
                guard let start = words.firstIndex(of: "pv"), start + 1 < words.count else { continue }
                let score: SearchLine.Score
                if let mate = value(after: "mate").flatMap({ Int($0) }) {
                    score = .mate(mate)
                } else {
                    score = .centipawns(value(after: "cp").flatMap { Int($0) } ?? 0)
                }
                // Later lines of a rank are deeper; the last one counts.
                byRank[value(after: "multipv").flatMap { Int($0) } ?? 1] = SearchLine(
                    move: String(words[start + 1]), score: score, continuation: words[(start + 1)...].map(String.init))
            default: continue
            }
        }
        self.best = best == "(none)" || best == "0000" ? nil : best
        self.lines = byRank.sorted { $0.key < $1.key }.map(\.value)
        self.nodes = nodes
    }
}
