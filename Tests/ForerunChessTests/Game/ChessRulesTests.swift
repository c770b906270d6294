import ForerunChess
import Glibc
import Testing

extension WithStockfish {
    struct ChessRulesTests {
        private func play(_ fen: String? = nil, _ moves: String, maxPlies: Int? = nil) async throws -> GameState {
            try await using(ChessRules(maxPlies: maxPlies), close: { await $0.shutdown() }) { rules in
                var game = try await rules.start(fen.map { try #require(FEN($0)) })
                for move in moves.split(separator: " ").map(String.init) {
                    #expect(game.result == nil, "over before \(move)")
                    #expect(game.facts.legalMoves.contains(move), "\(move) in \(game.facts.fen.text)")
                    game = try await rules.play(move, in: game)
                }
                return game
            }
        }

        /// Positions and counts of chessprogramming.org/Perft_Results.
        @Test(arguments: [
            ("rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1", 20),
            ("r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1", 48),
            ("8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1", 14),
            ("r3k2r/Pppp1ppp/1b3nbN/nP6/BBP1P3/q4N2/Pp1P2PP/R2Q1RK1 w kq - 0 1", 6),
            ("rnbq1k1r/pp1Pbppp/2p5/8/2B5/8/PPP1NnPP/RNBQK2R w KQ - 1 8", 44),
            ("r4rk1/1pp1qppp/p1np1n2/2b1p1B1/2B1P1b1/P1NP1N2/1PP1QPPP/R4RK1 w - - 0 10", 46),
        ])
        func legalMovesAreThoseOfPerft(_ fen: String, count: Int) async throws {
            #expect(try await play(fen, "").facts.legalMoves.count == count)
        }

        @Test func foolsMate() async throws {
            let game = try await play(nil, "f2f3 e7e5 g2g4 d8h4")
            #expect(game.result?.description == "0-1 (checkmate)")
            #expect(game.facts.isCheck)
        }

        @Test func mateByPromotion() async throws {
            let game = try await play("7k/4P1pp/8/8/8/8/8/4K3 w - - 0 1", "e7e8q")
            #expect(game.result?.description == "1-0 (checkmate)")
        }

        @Test func stalemate() async throws {
            let game = try await play("7k/8/4Q1K1/8/8/8/8/8 w - - 0 1", "e6f7")
            #expect(game.result?.description == "1/2-1/2 (stalemate)")
        }

        @Test func threefoldRepetition() async throws {
            let once = "g1f3 g8f6 f3g1 f6g8"
            #expect(try await play(nil, once).result == nil)
            let game = try await play(nil, "\(once) \(once)")
            #expect(game.result?.description == "1/2-1/2 (threefold repetition)")
        }

        @Test func lostRightToCastleIsAnotherPosition() async throws {
            // After the king has moved and returned, the board repeats, but not the position: the start does not count.
            let tour = "e1e2 e8e7 e2e1 e7e8"
            let game = try await play("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1", "\(tour) \(tour)")
            #expect(game.result == nil)
        }

        @Test func aCaptureEnPassantThatIsPossibleMakesAnotherPosition() async throws {
            // After e2e4 black may capture on e3 once; the same board later is another position.
            let fen = "4k1n1/8/8/8/3p4/8/4P3/4K1N1 w - - 0 1"
            let tour = "g8f6 g1f3 f6g8 f3g1"
            #expect(try await play(fen, "e2e4 \(tour) \(tour)").result == nil)
            // The pawn on d4 is pinned, so no capture was ever possible: the first position counts.
            let pinned = "3k2n1/8/8/8/3p4/8/4P3/3RK1N1 w - - 0 1"
            let game = try await play(pinned, "e2e4 \(tour) \(tour)")
            #expect(game.result?.reason == "threefold repetition")
        }

        @Test func fiftyMoves() async throws {
            let game = try await play("4k3/8/8/8/8/8/8/R3K3 w - - 98 80", "a1a2 e8e7")
            #expect(game.result?.description == "1/2-1/2 (fifty-move rule)")
        }

        @Test func mateOnTheHundredthPlyIsMate() async throws {
            let game = try await play("7k/R7/6K1/8/8/8/8/8 w - - 99 80", "a7a8")
            #expect(game.result?.reason == "checkmate")
        }

        @Test func insufficientMaterial() async throws {
            let game = try await play("4k3/8/8/8/8/8/3p4/4K1N1 w - - 0 1", "e1d2")
            #expect(game.result?.description == "1/2-1/2 (insufficient material)")
        }

        @Test func theLimitOfPlies() async throws {
            let game = try await play(nil, "e2e4 e7e5", maxPlies: 2)
            #expect(game.result?.score == "*")
            #expect(game.result?.reason.hasPrefix("unfinished") == true)
        }

        @Test func aDeadRulesEngineIsReplacedUnnoticed() async throws {
            try await using(ChessRules(), close: { await $0.shutdown() }) { rules in
                let game = try await rules.start(nil)
                let processIDs = await rules.engines.processIDs
                #expect(processIDs.count == 1)
                for processID in processIDs { kill(processID, SIGKILL) }
                #expect(try await rules.play("e2e4", in: game).facts.legalMoves.count == 20)
            }
        }
    }
}
