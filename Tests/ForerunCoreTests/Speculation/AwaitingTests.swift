import Testing

@testable import ForerunCore

/// What goes on while a person reads and types.
struct AwaitingTests {
    /// A conversation whose first answer was said.
    private func afterOneTurn(
        mode: SpeculationPolicy.Mode = .full, approving: Set<String> = [], limits: Limits = Limits()
    ) -> Stage {
        let stage = Stage(mode: mode, approving: approving, limits: limits, isConversation: true)
        _ = stage.start()
        _ = stage.answer(1, text: "hello")
        return stage
    }

    @Test func aConversationBeginsWithItsUser() {
        let stage = Stage(speculators: 0, isConversation: true, beginsAwaiting: true)
        #expect(stage.start() == ["await a message"])
        #expect(stage.events == [.messageAwaited(turn: 0)])
        #expect(stage.on(.messageArrived("hello")) == ["ask #1 for turn 0"])
        #expect(stage.tree.transcript.entries == [.message("hello")])
    }

    @Test func readsAreGuessedAndMadeWhileAPersonIsAwaited() {
        let stage = Stage(isConversation: true)
        _ = stage.start()
        #expect(
            stage.answer(1, text: "hello")
                == ["show turn 0: hello", "learn hello", "await a message", "cancel #2", "predict #3 turn 1"])
        #expect(
            stage.guess(3, .read("a"), .read("b")) == [
                "perform #4 read a in w0 ahead", "perform #5 read b in w0 ahead",
            ])
        _ = stage.finish(4, "A")
        // One is done, the other goes on: the message is not in their way.
        let lines = stage.on(.messageArrived("and a?"))
        #expect(lines == ["cancel #3", "ask #6 for turn 1", "predict #7 turn 1"])
        #expect(stage.answer(6, .read("a"), .read("b")).contains("promote #5"))
        _ = stage.finish(5, "B")
        #expect(stage.outputs == [Output("A"), Output("B")])
        #expect(stage.tree.statistics.callHits == 2)
    }

    @Test func theyAreCountedUnderANameOfTheirOwn() {
        let stage = afterOneTurn()
        _ = stage.guess(3, .read("a"))
        let sources = stage.events.compactMap {
            if case .predicted(1, let source, _, _, _, _) = $0 { source } else { nil }
        }
        #expect(sources == ["guesser 0 before the message"])
        _ = stage.finish(4, "A")
        let lessons = stage.tree.ensemble.lessons
        _ = stage.on(.messageArrived("and a?"))
        _ = stage.answer(5, .read("a"))
        #expect(stage.tree.ensemble.lessons > lessons, "they are counted once the turn has come")
    }

    /// What changes anything, leaves the world, or needs a word of the user.
    @Test(arguments: [Call.write("a"), .send("a"), .run("a"), .look("a"), Call("nothing", [:])])
    func nothingElseIsMade(call: Call) {
        let stage = afterOneTurn()
        #expect(stage.guess(3, call, .read("b")) == [])
    }

    @Test func readsThatNeedAWordAreNotMade() {
        let stage = afterOneTurn(approving: ["read"])
        #expect(stage.guess(3, .read("a")) == [])
    }

    @Test(arguments: [SpeculationPolicy.Mode.off, .observe])
    func whoOnlyWatchesMakesNothing(mode: SpeculationPolicy.Mode) {
        let stage = afterOneTurn(mode: mode)
        if mode == .observe { #expect(stage.guess(3, .read("a")) == []) }
        #expect(stage.on(.messageArrived("and a?")).contains { $0.hasPrefix("ask ") })
    }

    @Test func whatOthersChangeMeanwhileIsReadAgain() {
        let stage = afterOneTurn()
        _ = stage.guess(3, .read("a"))
        _ = stage.finish(4, "A", reads: .resources(["a"]))
        _ = stage.on(.worldChangedByOthers(.resources(["a"])))
        _ = stage.on(.messageArrived("and a?"))
        let ask = stage.events.compactMap { if case .asked(let work, 1, .active, _) = $0 { work } else { nil } }
        let lines = stage.answer(ask[0], .read("a"))
        #expect(lines.contains { $0.hasPrefix("perform") || $0.hasPrefix("promote") }, "\(lines)")
        #expect(stage.outputs.isEmpty)
    }

    @Test func theTimeOfPeopleIsNoTimeOfTheRun() {
        let stage = Stage(mode: .off, limits: Limits(seconds: 9), isConversation: true)
        _ = stage.start()
        _ = stage.on(.answerFinished(WorkID(1), Answer(Turn(text: "hello"))), at: 2)
        #expect(stage.on(.woke(.timeLimit), at: 9) == [], "two seconds are used up")
        #expect(stage.on(.messageArrived("and now?"), at: 100) == ["stop at 107.0", "ask #2 for turn 1"])
        #expect(stage.on(.woke(.timeLimit), at: 107) == ["cancel #2", "finish: limit of seconds"])
    }

    @Test func aConversationEndsWithItsUser() {
        let stage = afterOneTurn(mode: .off)
        #expect(stage.on(.messagesEnded) == ["finish: finished"])
        let busy = Stage(mode: .off, isConversation: true)
        _ = busy.start()
        #expect(busy.on(.messagesEnded) == [], "what was asked is answered")
        #expect(busy.answer(1, text: "hello") == ["show turn 0: hello", "finish: finished"])
    }
}
