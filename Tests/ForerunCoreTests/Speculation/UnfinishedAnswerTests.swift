import Testing

@testable import ForerunCore

/// Answers that ended before they were whole: an end of the run with cause and remedy, and none of their calls counts.
struct UnfinishedAnswerTests {
    private func finish(_ stage: Stage, _ work: Int, _ turn: Turn) -> [String] {
        stage.on(.answerFinished(WorkID(work), Answer(turn, usage: Usage(input: 10, output: 1))))
    }

    @Test(arguments: [
        (FinishReason.length, ModelFailure.Kind.cutOff), (.contentFilter, .withheld), (.contextFull, .contextOverflow),
        (FinishReason("pause_turn"), .cutOff),
    ])
    func endTheRun(_ reason: FinishReason, _ kind: ModelFailure.Kind) throws {
        let stage = Stage(mode: .off)
        _ = stage.start()
        let lines = finish(stage, 1, Turn(text: "Half", calls: [.write("a")], finish: reason))
        #expect(lines == ["show turn 0: Half", "withdraw turn 0", "finish: endpoint \(kind)"])
        #expect(stage.tree.isQuiet)
        #expect(stage.tree.transcript.turns == 0)
        // It was paid for all the same.
        #expect(stage.tree.ledger.usage == Usage(input: 10, output: 1))
        let failure = try #require(reason.failure)
        #expect(failure.remedy != nil && !failure.kind.isRetryable)
        #expect(
            stage.events.last == .answerFailed(turn: 0, failure: failure, attempt: 1, of: 1, wait: nil))
    }

    @Test func whatWasSealedOfThemIsUndone() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.stream(1, .callStarted(index: 0, name: "write"))
        #expect(
            stage.stream(1, .callSealed(index: 0, .write("a"))) == [
                "fork w3 from w0", "perform #3 write a in w3 ahead",
            ])
        _ = stage.finish(3, "A")
        let lines = finish(stage, 1, Turn(calls: [.write("a"), Call("write", malformed: "{\"of")], finish: .length))
        #expect(!lines.contains { $0.hasPrefix("commit") })
        #expect(lines.contains("finish: endpoint answer cut off"))
        #expect(lines.contains("discard w3"))
    }

    @Test func askedAheadTheyStandAsWell() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A").first == "ask #4 for turn 1 ahead")
        // It is the outcome of that question: nothing is built on it, and it is not asked again.
        #expect(!finish(stage, 4, Turn(calls: [.read("b")], finish: .length)).contains { $0.contains("read b") })
        let lines = stage.answer(1, .read("a"))
        #expect(!lines.contains { $0.hasPrefix("ask") })
        #expect(lines.last == "finish: endpoint answer cut off")
    }
}
