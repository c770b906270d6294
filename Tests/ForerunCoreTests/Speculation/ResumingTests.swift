import Testing

@testable import ForerunCore

/// Runs that go on where they were cut off.
struct ResumingTests {
    private typealias Turn = Resumption.TakenTurn

    private func turn(_ calls: [Call], _ outputs: [String?], text: String = "") -> Turn {
        Turn(
            role: "actor", answer: ForerunCore.Turn(text: text, calls: calls), usage: Usage(input: 10, output: 1),
            seconds: 2,
            calls: outputs.enumerated().compactMap { index, output in
                output.map { Resumption.TakenCall(index: index, output: Output($0), seconds: 1, isHit: index == 0) }
            })
    }

    private func path(_ turns: [Turn], messages: [String] = [], abandoned: Set<Int> = []) -> Resumption {
        Resumption(
            opening: ["task"], turns: turns, messages: messages, abandoned: abandoned, firstNumber: 20, elapsed: 7)
    }

    @Test func onlyWhatIsMissingIsDone() {
        let done = turn([.write("a")], ["A"])
        let cut = turn([.read("b"), .read("c"), .write("d")], ["B", nil, nil])
        let stage = Stage(mode: .off, resuming: path([done, cut]))
        #expect(stage.start() == ["perform #20 read c in w0"])
        #expect(stage.finish(20, "C") == ["fork w21 from w0", "perform #21 write d in w21"])
        #expect(stage.finish(21, "D") == ["commit w21", "ask #22 for turn 2"])
        #expect(stage.outputs.map(\.text) == ["A", "B", "C", "D"])
        #expect(stage.tree.ledger.usage == Usage(input: 20, output: 2))
        #expect(stage.tree.ledger.answers == 2)
        #expect(stage.tree.statistics.turns == 2 && stage.tree.statistics.calls == 4)
    }

    @Test func aCompleteTurnIsNotAskedAgain() {
        let stage = Stage(mode: .off, resuming: path([turn([.read("a")], ["A"])]))
        #expect(stage.start() == ["ask #20 for turn 1"])
        let over = Stage(mode: .off, resuming: path([turn([], [], text: "done")]))
        #expect(over.start() == ["finish: finished"])
    }

    @Test func aModelThatWasReplacedStaysSo() {
        let down = ModelFailure(.quotaExhausted, "no money")
        let substitutes = [
            Substitute(model: "b/two", resource: .endpoint("b"), price: Price(input: 5, output: 5)),
            Substitute(model: "c/three", resource: .endpoint("c")),
        ]
        var first = turn([.read("a")], ["A"])
        first.cost = Cost(tokens: 11, money: 0.5, weight: 1)
        var path = path([first, turn([.read("b")], ["B"])])
        path.fallbacks = [Fallback(turn: 1, role: "actor", from: "a/one", to: "b/two", failure: down)]
        path.wasted = Cost(tokens: 7, money: 0.25, weight: 2)
        let stage = Stage(
            mode: .off, substitutes: substitutes, prices: ["actor": Price(input: 1_000_000, output: 1)], resuming: path)
        #expect(stage.start() == ["model 1 plays actor", "ask #20 for turn 2"])
        #expect(stage.slots.usage(of: .endpoint("b")) == [.active: 1])
        #expect(stage.slots.usage(of: .endpoint("actor")).isEmpty)
        #expect(stage.tree.fallbacks == path.fallbacks)
        // What is known of the cost counts, not what it would be now.
        #expect(abs((stage.tree.ledger.cost.money ?? 0) - 10.500_001) < 1e-9)
        #expect(stage.tree.ledger.wasted == path.wasted)
        // The next failure is met by the model after it.
        #expect(stage.fail(20, down) == ["model 2 plays actor", "ask #21 for turn 2"])
        // Where the user has named other models meanwhile, the first of them is asked.
        let other = Stage(mode: .off, substitutes: Array(substitutes.dropFirst()), resuming: path)
        #expect(other.start() == ["ask #20 for turn 2"])
    }

    @Test func limitsCountWhatWasBefore() {
        let turns = [turn([.read("a")], ["A"]), turn([.read("b")], ["B"])]
        #expect(
            Stage(mode: .off, limits: Limits(steps: 2), resuming: path(turns)).start() == ["finish: limit of steps"])
        #expect(
            Stage(mode: .off, limits: Limits(tokens: 22), resuming: path(turns)).start() == ["finish: limit of tokens"])
        #expect(
            Stage(mode: .off, limits: Limits(tokens: 23), resuming: path(turns)).start() == ["ask #20 for turn 2"])
    }

    @Test func whatLeftItsBranchIsNotDoneAgain() {
        let stage = Stage(
            mode: .off, approving: ["send"],
            resuming: path([turn([.send("a"), .send("b")], [nil, nil])], abandoned: [0]))
        // Nobody is asked for leave to do what may be done already.
        #expect(stage.start() == ["may I send b?"])
        #expect(stage.on(.approvalAnswered(ApprovalID(turn: 0, index: 1), true)) == ["perform #20 send b in w0"])
        #expect(stage.finish(20, "B") == ["ask #21 for turn 1"])
        #expect(stage.outputs == [.unknown, Output("B")])
        // The next turn is not taken for the one that was cut off.
        #expect(stage.answer(21, .send("c")) == ["may I send c?"])
    }

    @Test func newWordsTakeUpARunThatWasOver() {
        let over = turn([], [], text: "done")
        let stage = Stage(mode: .off, resuming: path([over], messages: ["and more"]))
        #expect(stage.start() == ["ask #20 for turn 1"])
        #expect(stage.tree.transcript.last == .message("and more"))
        #expect(stage.answer(20, text: "that, too") == ["show turn 1: that, too", "finish: finished"])
        let begun = Stage(mode: .off, resuming: path([turn([.read("a")], ["A"])], messages: ["hurry"]))
        #expect(begun.start() == ["ask #20 for turn 1"])
        #expect(begun.tree.transcript.last == .message("hurry"))
        #expect(begun.events.contains(.messageJoined(turn: 1, text: "hurry")))
    }

    @Test func theCounterfactualGoesOn() {
        let whole = Stage(mode: .off, resuming: path([turn([.read("a"), .read("b"), .write("c")], ["A", "B", "C"])]))
        _ = whole.start()
        // The answer, the longer one of the two reads, the write.
        #expect(whole.tree.sequentialSeconds == 4)
    }

    @Test func speculationBeginsAtOnce() {
        let stage = Stage(resuming: path([turn([.read("a")], ["A"])]))
        #expect(stage.start() == ["ask #20 for turn 1", "predict #21 turn 1"])
        #expect(stage.guess(21, .read("b")).first == "perform #22 read b in w0 ahead")
    }

    @Test func aRunThatCannotBeRecordedEnds() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .write("a"))
        let full = EnvironmentFailure(.noSpace, "full")
        #expect(stage.on(.recordFailed(full)) == ["cancel #2", "finish: environment no space"])
        #expect(stage.end(2) == ["discard w2"])
        #expect(stage.tree.isQuiet)
        #expect(stage.on(.recordFailed(full)) == [], "once is enough")
    }
}
