import ForerunChess
import ForerunCore
import Synchronization
import Testing

extension WithStockfish {
    struct EnginePlayersTests {
        private static let request = ModelRequest.showing("fen: shown to people only\nmoves: e2e4 e7e5\nto move: white")

        @Test func theModelMovesAndStreamsItsCall() async throws {
            try await using(EngineModel(nodes: 5_000), close: { await $0.shutdown() }) { model in
                #expect(model.id == "engine/stockfish")
                let deltas = Mutex<[AnswerDelta]>([])
                let answer = try await model.answer(Self.request) { delta in deltas.withLock { $0.append(delta) } }
                let call = try #require(answer.turn.calls.first)
                #expect(answer.turn == Turn(calls: [call]))
                #expect(answer.usage == nil)
                #expect(UCIMove.isWellFormed(try #require(call.arguments["uci"]?.stringValue)))
                #expect(deltas.withLock { $0 } == [.callStarted(index: 0, name: "move"), .callSealed(index: 0, call)])
                let again = try await model.answer(Self.request) { _ in }
                #expect(again.turn == answer.turn)
            }
        }

        @Test func theModelReadsTheOutputOfAMove() async throws {
            try await using(EngineModel(nodes: 2_000), close: { await $0.shutdown() }) { model in
                // White is about to give mate in one with either rook.
                let text = "start: 7k/R7/1R6/8/8/8/8/K7 w - - 0 1\nfen: -\nmoves:"
                let request = ModelRequest(
                    role: ModelRequest.Role(name: "white"),
                    transcript: Transcript([.message("moves: e2e4"), .output(call: 0, Output(text))]))
                let answer = try await model.answer(request) { _ in }
                #expect(answer.turn.calls == [move("b6b8")])
            }
        }

        @Test(arguments: ["hello", "moves: e2e4; quit", "start: nonsense\nmoves: e2e4"])
        func aRequestWithoutAPositionIsRefused(_ text: String) async throws {
            let model = EngineModel(nodes: 10)
            let failure = await #expect(throws: ModelFailure.self) { try await model.answer(.showing(text)) { _ in } }
            #expect(failure?.kind == .invalidRequest)
        }

        @Test func aMissingEngineIsNoRetryableFailure() async throws {
            let model = EngineModel(program: "no-such-engine", nodes: 10)
            let failure = await #expect(throws: ModelFailure.self) { try await model.answer(Self.request) { _ in } }
            #expect(failure?.kind == .notFound)
            #expect(failure?.remedy?.contains("apt install stockfish") == true)
        }

        @Test func cancellingStopsTheSearch() async throws {
            try await using(EngineModel(nodes: 10_000_000_000), close: { await $0.shutdown() }) { model in
                let task = Task {
                    try await model.answer(Self.request) { _ in Issue.record("a stopped search says nothing") }
                }
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
                let failure = await #expect(throws: ModelFailure.self) { try await task.value }
                #expect(failure?.kind == .cancelled)
            }
        }

        @Test func theSpeculatorRanksDifferentMoves() async throws {
            try await using(EngineSpeculator(nodes: 5_000), close: { await $0.shutdown() }) { speculator in
                let batches = Mutex<[[Prediction]]>([])
                let context = SpeculationContext(request: Self.request, turnNumber: 2, width: 3)
                await speculator.predict(context) { batch in batches.withLock { $0.append(batch) } }
                let predictions = try #require(batches.withLock { $0.first })
                #expect(predictions.map(\.rank) == [0, 1, 2])
                #expect(Set(predictions.map(\.turn)).count == 3)
                let confidences = predictions.compactMap(\.confidence)
                #expect(confidences.count == 3)
                #expect(abs(confidences.reduce(0, +) - 1) < 1e-9)
            }
        }

        @Test func theSpeculatorGuessesTheModelsMoveWhereThereIsOnlyOne() async throws {
            let text = "start: k7/8/1K6/8/8/8/8/7R w - - 0 1\nmoves: h1h2"
            let request = ModelRequest.showing(text)
            try await using(EngineSpeculator(nodes: 500), close: { await $0.shutdown() }) { speculator in
                let predicted = Mutex<[Prediction]>([])
                await speculator.predict(SpeculationContext(request: request, turnNumber: 1, width: 3)) { batch in
                    predicted.withLock { $0 += batch }
                }
                #expect(predicted.withLock { $0.map(\.turn.calls) } == [[move("a8b8")]])
                #expect(predicted.withLock { $0.first?.confidence } == 1)
            }
        }

        @Test func theSpeculatorEndsQuietly() async throws {
            let speculator = EngineSpeculator(nodes: 10_000_000_000)
            let context = SpeculationContext(request: Self.request, turnNumber: 0, width: 2)
            let task = Task { await speculator.predict(context) { _ in Issue.record("cancelled") } }
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            #expect(await task.value == .zero)
            let lost = SpeculationContext(request: .showing("no position"), turnNumber: 0, width: 2)
            await speculator.predict(lost) { _ in Issue.record("there is nothing to predict") }
            await speculator.shutdown()
            let missing = EngineSpeculator(program: "no-such-engine")
            await missing.predict(context) { _ in Issue.record("there is no engine") }
        }

        @Test func twoEnginesPlayAWholeGame() async throws {
            let game = ChessEnvironment(ChessEnvironment.Options(maxPlies: 30))
            let model = EngineModel(nodes: 500)
            var text = try #require(try await game.open())
            var plies = 0
            while true {
                let answer = try await model.answer(.showing(text)) { _ in }
                let call = try #require(answer.turn.calls.first)
                let output = try await game.perform(call, in: .initial, context: CallContext()).output
                #expect(!output.isError)
                text = output.text
                plies += 1
                if output.endsEpisode { break }
            }
            #expect(plies <= 30)
            #expect(text.contains("result: "))
            await model.shutdown()
            await game.close()
        }
    }
}
