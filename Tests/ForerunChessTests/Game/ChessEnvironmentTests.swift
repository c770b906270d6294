import ForerunChess
import ForerunCore
import Testing

extension WithStockfish {
    struct ChessEnvironmentTests {
        private func withGame(
            _ options: ChessEnvironment.Options = ChessEnvironment.Options(),
            _ body: (ChessEnvironment, String) async throws -> Void
        ) async throws {
            try await using(ChessEnvironment(options), close: { await $0.close() }) { game in
                let briefing = try await game.open()
                try await body(game, try #require(briefing))
            }
        }

        private func perform(_ call: Call, _ world: WorldID, _ game: ChessEnvironment) async throws -> Output {
            try await game.perform(call, in: world, context: CallContext()).output
        }

        @Test func theBriefingShowsTheStart() async throws {
            try await withGame { _, briefing in
                #expect(
                    briefing == """
                        fen: rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1
                        moves:
                        to move: white
                        legal: a2a3 a2a4 b1a3 b1c3 b2b3 b2b4 c2c3 c2c4 d2d3 d2d4 e2e3 e2e4 f2f3 f2f4 g1f3 g1h3 g2g3 g2g4 h2h3 h2h4
                        """)
            }
        }

        @Test func aMoveShowsTheNextPosition() async throws {
            try await withGame { game, _ in
                let output = try await perform(move("e2e4"), .initial, game)
                #expect(!output.isError && !output.endsEpisode)
                #expect(output.text.contains("\nmoves: e2e4\n"))
                #expect(output.text.contains("to move: black\n"))
            }
        }

        @Test func anIllegalMoveChangesNothingAndListsTheLegalOnes() async throws {
            try await withGame { game, briefing in
                for call in [
                    move("e2e5"), move("e4"), move("e2e4\nquit"), Call("move"), Call("move", ["uci": 5]),
                    Call("resign"),
                ] {
                    let output = try await perform(call, .initial, game)
                    #expect(output.isError)
                    #expect(output.text.hasSuffix(briefing))
                }
            }
        }

        @Test func forksAreIndependent() async throws {
            try await withGame { game, _ in
                let (a, b) = (WorldID(1), WorldID(2))
                try await game.fork(.initial, as: a)
                try await game.fork(.initial, as: b)
                let start = try await game.digest(of: .initial)
                _ = try await perform(move("e2e4"), a, game)
                #expect(try await game.digest(of: .initial) == start)
                #expect(try await game.digest(of: b) == start)
                let output = try await perform(move("d2d4"), b, game)
                #expect(output.text.contains("\nmoves: d2d4\n"))
                #expect(try await game.digest(of: a) != (try await game.digest(of: b)))
                _ = try await perform(move("e2e4"), .initial, game)
                #expect(try await game.digest(of: a) == (try await game.digest(of: .initial)))
                try await game.commit(b)
                #expect(game.committedMoves == ["d2d4"])
                await game.discard(a)
                await #expect(throws: EnvironmentFailure.self) { try await game.digest(of: a) }
                await #expect(throws: EnvironmentFailure.self) { try await game.fork(a, as: WorldID(3)) }
                await #expect(throws: CallFailure.self) { try await perform(move("e7e5"), a, game) }
            }
        }

        @Test func anotherStartIsShownAndDigested() async throws {
            let fen = "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"
            try await withGame(ChessEnvironment.Options(startFEN: fen)) { game, briefing in
                #expect(briefing.hasPrefix("start: \(fen)\n"))
                #expect(PositionText.position(in: briefing) == EnginePosition(start: FEN(fen)))
                let digest = try await game.digest(of: .initial)
                try await withGame { other, _ in
                    let usual = try await other.digest(of: .initial)
                    #expect(usual != digest)
                }
            }
        }

        @Test func theEndOfTheGameEndsTheEpisode() async throws {
            try await withGame { game, _ in
                for uci in ["f2f3", "e7e5", "g2g4"] {
                    #expect(try await !perform(move(uci), .initial, game).endsEpisode)
                }
                let mate = try await perform(move("d8h4"), .initial, game)
                #expect(mate.endsEpisode)
                #expect(mate.text.hasSuffix("result: 0-1 (checkmate)"))
                let late = try await perform(move("a2a3"), .initial, game)
                #expect(late.isError && late.endsEpisode)
            }
        }

        @Test func theLimitOfPliesEndsTheEpisode() async throws {
            try await withGame(ChessEnvironment.Options(maxPlies: 1)) { game, _ in
                let output = try await perform(move("e2e4"), .initial, game)
                #expect(output.endsEpisode)
                #expect(output.text.contains("unfinished"))
            }
        }

        @Test func movesAreContainedAndReadOnlyTheWorld() {
            #expect(ChessEnvironment().traits(of: move("e2e4")) == CallTraits(effect: .contained, reads: .world))
            #expect(ChessEnvironment().traits(of: Call("other")).effect == .external)
        }

        @Test(arguments: ["nonsense", "4k3/8/8/8/8/8/8/4RK2 w - - 0 1"])
        func aStartThatIsNoPositionIsRefused(_ fen: String) async throws {
            let game = ChessEnvironment(ChessEnvironment.Options(startFEN: fen))
            let failure = await #expect(throws: EnvironmentFailure.self) { try await game.open() }
            #expect(failure?.message.contains(fen) == true)
            await game.close()
        }
    }
}

struct MissingChessRulesTests {
    @Test func aMissingEngineIsUnavailableWithARemedy() async throws {
        let game = ChessEnvironment(ChessEnvironment.Options(rulesEngine: "no-such-engine"))
        let failure = await #expect(throws: EnvironmentFailure.self) { try await game.open() }
        #expect(failure?.code == .unavailable)
        #expect(failure?.remedy?.contains("apt install stockfish") == true)
        await game.close()
    }
}
