import ForerunCore
import Testing

@testable import ForerunLearning

struct PredictorScoreTests {
    /// Always guesses the same, and notes what it is told.
    private struct Constant: MeasuredPredictor {
        var guessed: MeasuredGuess
        var told: [String] = []

        mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {}
        mutating func begin(_ tools: [Tool]) { told = ["begin"] }
        mutating func guess() -> MeasuredGuess {
            told.append("guess")
            return guessed
        }
        mutating func message(_ text: String) { told.append("message") }
        mutating func said(_ text: String) { told.append("said \(text)") }
        mutating func call(_ call: Call) { told.append("call \(call.name)") }
        mutating func ended(_ turn: Turn) { told.append("ended \(turn.calls.count)") }
        mutating func output(_ output: Output, of call: Call) { told.append("output of \(call.name)") }
    }

    private static let run = RecordedRun(
        format: "test", id: "1", statedEffects: ["get": "read", "put": "write"],
        steps: [
            .message("go"),
            .turn(
                RecordedTurn(
                    text: "both",
                    calls: [
                        RecordedCall(Call("get", ["id": "a"]), output: Output("1")), RecordedCall(Call("put")),
                    ])),
            .turn(RecordedTurn(text: "done")),
        ])

    @Test func aRunIsGoneThroughAsItHappened() {
        var predictor = Constant(guessed: MeasuredGuess())
        var score = PredictorScore()
        score.add(Self.run, [], &predictor)
        #expect(
            predictor.told == [
                "begin", "message", "guess", "said both", "call get", "guess", "call put", "ended 2", "output of get",
                "guess", "said done", "ended 0",
            ])
        #expect(score.guesses == 3)
    }

    @Test func hitsAreCountedByHand() throws {
        var predictor = Constant(
            guessed: MeasuredGuess(
                tools: ["put", nil, "get"],
                calls: [
                    GuessedCall(Call("put"), probability: 0.65),
                    GuessedCall(Call("get", ["id": "b"]), probability: 0.25),
                    GuessedCall(Call("get", ["id": "a"]), probability: 0.05),
                ]))
        var score = PredictorScore()
        score.add(Self.run, [], &predictor)
        // Decisions: get is third, none is second.
        #expect(score.decisions.count == 2 && score.decisions.first == 0 && score.decisions.three == 2)
        // Calls: get is third, put is first.
        let all = score.calls[PredictorScore.everything]
        #expect(all?.count == 2 && all?.first == 1 && all?.three == 2)
        let reads = score.calls[PredictorScore.reads]
        #expect(reads?.count == 1 && reads?.first == 0 && reads?.three == 1)
        #expect(score.calls["write"]?.firstShare == 1)
        // Six candidates; at the first start put and get a came, at the second none did. Bins: 0.6–0.7: stated 1.3,
        // came 1; 0.2–0.3: 0.5 and 0; 0–0.1: 0.1 and 1.
        #expect(score.reliability.count == 6)
        let error = try #require(score.reliability.calibrationError)
        #expect(abs(error - (0.3 + 0.5 + 0.9) / 6) < 1e-12)
        let squares = 0.35 * 0.35 + 0.65 * 0.65 + 2 * 0.25 * 0.25 + 0.95 * 0.95 + 0.05 * 0.05
        let brier = try #require(score.reliability.brier)
        #expect(abs(brier - squares / 6) < 1e-12)
    }

    @Test func nothingIsNoHit() {
        let nothing = PredictionHits()
        #expect(nothing.firstShare == 0 && nothing.threeShare == 0)
        var hits = PredictionHits()
        hits.add(rank: nil)
        hits.add(rank: 3)
        #expect(hits.count == 2 && hits.three == 0)
        var more = PredictionHits()
        for rank in 0..<3 { more.add(rank: rank) }
        hits += more
        #expect(hits.count == 5 && hits.first == 1 && hits.three == 3)
    }
}
