import Testing

@testable import ForerunCore

/// The user breaks in: with a message that cannot wait, or to stop the agent.
struct HaltingTests {
    @Test func anUrgentMessageGivesUpTheAnswer() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        _ = stage.stream(1, .text("Well, "))
        #expect(
            stage.on(.messageArrived("no, b", isUrgent: true)) == ["withdraw turn 0", "cancel #1", "ask #2 for turn 0"])
        #expect(stage.answer(1, text: "late") == [], "it is no outcome any more")
        #expect(stage.answer(2, text: "b") == ["show turn 0: b", "await a message"])
        #expect(
            stage.tree.transcript.entries == [.message("task"), .message("no, b"), .turn(Turn(text: "b"))])
    }

    @Test func theSlotOfWhatIsGivenUpIsFreeOnceItIsOver() {
        let stage = Stage(mode: .off, isConversation: true, capacity: 1)
        _ = stage.start()
        #expect(stage.on(.messageArrived("no, b", isUrgent: true)) == ["cancel #1"])
        #expect(stage.end(1) == ["ask #2 for turn 0"])
    }

    @Test func anUrgentMessageLetsCallsComeToTheirEnd() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        _ = stage.answer(1, .write("a"))
        #expect(stage.on(.messageArrived("then b", isUrgent: true)) == [])
        #expect(stage.finish(2, "A") == ["commit w2", "ask #3 for turn 1"])
        #expect(stage.tree.transcript.last == .message("then b"))
    }

    @Test func whatTheUserStopsWaitsForAMessage() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        #expect(stage.on(.halted) == ["cancel #1", "await a message"])
        #expect(stage.events.suffix(2) == [.halted(turn: 0), .messageAwaited(turn: 0)])
        #expect(stage.on(.halted) == [], "there is nothing left to stop")
        #expect(stage.on(.messageArrived("b")) == ["ask #2 for turn 0"])
    }

    @Test func callsThatAreStoppedSaySo() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        _ = stage.answer(1, .read("a"), .run("b"), .send("c"))
        _ = stage.finish(2, "A")
        #expect(stage.on(.halted) == ["cancel #3", "await a message"])
        #expect(stage.end(3) == ["discard w3"])
        #expect(stage.outputs == [Output("A"), .stoppedHalfWay, .stopped])
        #expect(stage.tree.world == .initial)
        #expect(stage.on(.messageArrived("go on")) == ["ask #4 for turn 1"])
    }

    @Test func whatWasMadeAheadIsNotCommittedAfterAStop() {
        let stage = Stage(isConversation: true)
        _ = stage.start()
        _ = stage.guess(2, .write("a"), .write("b"))
        _ = stage.finish(3, "A")
        _ = stage.finish(4, "B")
        _ = stage.answer(1, .read("x"), .write("a"), .write("b"))
        let lines = stage.on(.halted)
        #expect(!lines.contains { $0.hasPrefix("commit") }, "\(lines)")
        #expect(stage.outputs == [.stopped, .stopped, .stopped])
        #expect(stage.tree.world == .initial)
    }

    @Test func aStopEndsTheQuestionToTheUser() {
        let stage = Stage(mode: .off, approving: ["write"], isConversation: true)
        _ = stage.start()
        #expect(stage.answer(1, .write("a")) == ["may I write a?"])
        #expect(stage.on(.halted) == ["await a message"])
        #expect(stage.on(.approvalAnswered(ApprovalID(turn: 0, index: 0), true)) == [], "too late")
        #expect(stage.outputs == [.stopped])
    }

    @Test func whatWasReadOutsideBeforeAStoppedCallIsNotUsedAfterIt() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        _ = stage.answer(1, .send("a"))
        let before = stage.tree.floor
        _ = stage.on(.halted)
        let stopped = stage.tree.floor
        _ = stage.end(2)
        #expect(before < stopped && stopped < stage.tree.floor)
    }

    // MARK: - Going on

    private func resumed(_ past: Resumption) -> Stage {
        Stage(mode: .off, isConversation: true, beginsAwaiting: true, resuming: past)
    }

    @Test func aMessageThatWasNotAnsweredIsAnswered() {
        var past = Resumption(opening: [])
        past.messages = ["hello"]
        let stage = resumed(past)
        #expect(stage.start() == ["ask #1 for turn 0"])
        #expect(
            stage.events.first == .messageJoined(turn: 0, text: "hello"), "and said again, should it be cut off again")
        #expect(stage.tree.transcript.entries == [.message("hello")])
    }

    @Test(arguments: [0, 1]) func whatWasStoppedStaysSo(turns: Int) {
        var past = Resumption(opening: ["opening"])
        let call = Resumption.TakenCall(index: 0, output: .stopped)
        let turn = Resumption.TakenTurn(
            messages: ["a"], role: "actor", answer: Turn(calls: [.read("a")]), calls: [call])
        past.turns = Array(repeating: turn, count: turns)
        past.messages = ["b"]
        past.isHalted = true
        let stage = resumed(past)
        #expect(stage.start() == ["await a message"])
        #expect(stage.tree.transcript.last == .message("b"))
        #expect(
            stage.events == [
                .messageJoined(turn: turns, text: "b"), .halted(turn: turns), .messageAwaited(turn: turns),
            ])
        #expect(stage.on(.messageArrived("c")) == ["ask #1 for turn \(turns)"])
        #expect(stage.tree.transcript.last == .message("c"))
    }
}
