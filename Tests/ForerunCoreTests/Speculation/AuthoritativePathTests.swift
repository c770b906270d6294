import Testing

@testable import ForerunCore

/// The real path: barriers, commits, retries, approvals, messages, limits, ends.
struct AuthoritativePathTests {
    @Test func aBarrierWaits() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(
            stage.answer(1, .read("a"), .read("b"), .write("c"), .read("d"))
                == ["perform #2 read a in w0", "perform #3 read b in w0"])
        #expect(stage.finish(2, "A") == [])
        #expect(stage.finish(3, "B") == ["fork w4 from w0", "perform #4 write c in w4"])
        // What comes after it runs on what it made.
        #expect(stage.finish(4, "C") == ["commit w4", "perform #5 read d in w4"])
        #expect(stage.finish(5, "D") == ["ask #6 for turn 1"])
        #expect(stage.outputs.map(\.text) == ["A", "B", "C", "D"])
    }

    @Test func aCommitComesBeforeTheNextQuestion() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(stage.answer(1, .write("a")) == ["fork w2 from w0", "perform #2 write a in w2"])
        #expect(stage.finish(2, "A") == ["commit w2", "ask #3 for turn 1"])
        // The run is not over before the change is where the user sees it.
        #expect(stage.answer(3, text: "done") == ["show turn 1: done"])
        #expect(!stage.tree.isFinished)
        #expect(stage.on(.committed(WorldID(2))) == ["finish: finished"])
        #expect(stage.tree.world == WorldID(2))
    }

    @Test func whatLeavesTheBranchWaitsForCommits() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .write("a"), .send("b"), .send("c"))
        #expect(stage.finish(2, "A") == ["commit w2"])
        #expect(stage.on(.committed(WorldID(2))) == ["perform #3 send b in w2"])
        #expect(stage.finish(3, "B") == ["perform #4 send c in w2"], "once, and in order")
    }

    @Test func aCommitThatFailsEndsTheRun() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .write("a"))
        _ = stage.finish(2, "A")
        #expect(
            stage.on(.commitFailed(WorldID(2), EnvironmentFailure(.conflict, "changed")))
                == ["cancel #3", "finish: environment conflict"])
        #expect(!stage.tree.isQuiet)
        #expect(stage.end(3) == [])
        #expect(stage.tree.isQuiet)
    }

    @Test func aFailedAnswerIsAskedAgainAfterItsWait() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.stream(1, .text("It"))
        let busy = ModelFailure(.overloaded, "busy", status: 529, retryAfter: 2)
        #expect(stage.fail(1, busy, at: 1) == ["withdraw turn 0", "retry #1 at 3.0"])
        #expect(stage.slotsInUse == 0, "nobody waits in a slot")
        #expect(stage.on(.granted, at: 2) == [])
        #expect(stage.on(.woke(.retry(WorkID(1))), at: 3) == ["ask #2 for turn 0 again"])
        #expect(stage.fail(2, busy, at: 4) == ["retry #2 at 6.0"])
        #expect(stage.on(.woke(.retry(WorkID(2))), at: 6) == ["ask #3 for turn 0 again"])
        #expect(stage.answer(3, text: "It is.") == ["show turn 0: It is.", "finish: finished"])
        let attempts = stage.events.compactMap {
            if case .answerFailed(_, _, let attempt, _, _) = $0 { attempt } else { nil }
        }
        #expect(attempts == [1, 2])
    }

    @Test func aFailureAheadCountsForNothing() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A").first == "ask #4 for turn 1 ahead")
        #expect(stage.fail(4, ModelFailure(.server, "down")) == [], "it is not tried ahead again")
        #expect(stage.answer(1, .read("a")).contains("ask #6 for turn 1"))
        #expect(stage.fail(6, ModelFailure(.server, "down", retryAfter: 1)) == ["retry #6 at 1.0"])
        let attempts = stage.events.compactMap {
            if case .answerFailed(_, _, let attempt, _, _) = $0 { attempt } else { nil }
        }
        #expect(attempts == [1])
    }

    @Test func patienceHasAnEnd() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        for attempt in 1...3 {
            #expect(stage.fail(attempt, ModelFailure(.server, "down", retryAfter: 1)) == ["retry #\(attempt) at 1.0"])
            _ = stage.on(.woke(.retry(WorkID(attempt))))
        }
        #expect(stage.fail(4, ModelFailure(.server, "down", retryAfter: 1)) == ["finish: endpoint server error"])
        let refused = Stage(mode: .off)
        _ = refused.start()
        #expect(
            refused.fail(1, ModelFailure(.authentication, "no such key")) == ["finish: endpoint authentication failed"])
        #expect(refused.tree.isQuiet)
    }

    @Test func aCallThatDidNotStartIsTriedAgainFromAFreshFork() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .write("a"))
        let failure = CallFailure(.notStarted, "no process")
        #expect(
            stage.on(.callFailed(WorkID(2), failure)) == [
                "fork w3 from w0", "perform #3 write a in w3 again", "discard w2",
            ])
        #expect(stage.finish(3, "A") == ["commit w3", "ask #4 for turn 1"])
    }

    /// In turn they are made at the same time (seed 18701 of the scenarios: the second was made again after the first).
    @Test func identicalReadsOfATurnFailTogether() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(stage.answer(1, .read("a"), .read("a")) == ["perform #2 read a in w0"])
        #expect(stage.on(.callFailed(WorkID(2), CallFailure(.timedOut, "too slow"))) == ["ask #3 for turn 1"])
        #expect(stage.outputs.map(\.isError) == [true, true])
        // In a later turn the call may succeed.
        #expect(stage.answer(3, .read("a")) == ["perform #4 read a in w0"])
    }

    @Test func anExternalCallOfUnknownOutcomeIsReported() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .send("a"))
        #expect(stage.on(.callFailed(WorkID(2), CallFailure(.unknownOutcome, "cut off"))) == ["ask #3 for turn 1"])
        #expect(stage.outputs.map(\.isError) == [true])
        _ = stage.answer(3, .send("b"))
        #expect(stage.on(.callFailed(WorkID(4), CallFailure(.connection, "cut off"))) == ["ask #5 for turn 2"])
        _ = stage.answer(5, .send("c"))
        // It certainly did not begin.
        #expect(stage.on(.callFailed(WorkID(6), CallFailure(.notStarted, "busy"))) == ["perform #7 send c in w0 again"])
    }

    @Test func rejectedCallsAreOutputs() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(stage.answer(1, Call("fly"), .read("a")) == ["perform #2 read a in w0"])
        #expect(stage.finish(2, "A") == ["ask #3 for turn 1"])
        #expect(stage.outputs == [Output("no such tool", isError: true), Output("A")])
    }

    // MARK: - People

    @Test func anApprovalThatIsDeniedBecomesAnOutput() {
        let stage = Stage(approving: ["write"])
        _ = stage.start()
        #expect(stage.guess(2, .write("a")) == [], "what a person decides never runs ahead")
        #expect(stage.answer(1, .write("a"), .write("b")) == ["learn write a, write b", "may I write a?", "cancel #2"])
        #expect(stage.on(.approvalAnswered(ApprovalID(turn: 0, index: 0), false)) == ["may I write b?"])
        #expect(
            stage.on(.approvalAnswered(ApprovalID(turn: 0, index: 1), true))
                == ["fork w3 from w0", "perform #3 write b in w3"])
        _ = stage.finish(3, "B")
        #expect(stage.outputs == [.denied, Output("B")])
    }

    @Test func aMessageJoinsAtTheNextQuestion() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A").first == "ask #4 for turn 1 ahead")
        // What was asked ahead does not know of it.
        #expect(stage.on(.messageArrived("hurry")) == ["cancel #4", "cancel #5"])
        #expect(stage.answer(1, .read("a")) == ["learn read a", "cancel #2", "ask #6 for turn 1", "predict #7 turn 1"])
        #expect(
            stage.tree.transcript.entries == [
                .message("task"), .turn(Turn(calls: [.read("a")])), .output(call: 0, Output("A")), .message("hurry"),
            ])
    }

    @Test func whatWasSeenOutsideBeforeAMessageIsNotUsedAfterIt() {
        let stage = Stage(mode: .tools, speculators: 0)
        _ = stage.start()
        #expect(stage.answer(1, .look("a"), .read("b")) == ["perform #2 look a in w0", "perform #3 read b in w0"])
        _ = stage.finish(2, "A")
        #expect(stage.finish(3, "B", reads: .resources(["b"])) == ["ask #4 for turn 1"])
        #expect(stage.on(.messageArrived("look again")) == [])
        _ = stage.answer(4, .write("c"))
        _ = stage.finish(5, "C", writes: .resources(["c"]))
        // What was taken once is made anew: somebody may have changed what it read.
        #expect(stage.answer(6, .look("a"), .read("b")) == ["perform #7 look a in w5", "perform #8 read b in w5"])
        _ = stage.finish(7, "A2")
        _ = stage.finish(8, "B2")
        #expect(stage.outputs.map(\.text) == ["A", "B", "C", "A2", "B2"])
    }

    @Test func aConversationWaitsForItsUser() {
        let stage = Stage(mode: .off, isConversation: true)
        _ = stage.start()
        #expect(stage.answer(1, text: "hello") == ["show turn 0: hello", "await a message"])
        #expect(stage.on(.messageArrived("and now?")) == ["ask #2 for turn 1"])
        #expect(stage.tree.transcript.last == .message("and now?"))
    }

    // MARK: - Ends

    @Test func stepsAreLimited() {
        let stage = Stage(limits: Limits(steps: 1))
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A") == [], "beyond the limit nothing is asked ahead")
        #expect(stage.answer(1, .read("a")) == ["learn read a", "cancel #2", "finish: limit of steps"])
    }

    @Test func tokensAreLimited() {
        let stage = Stage(mode: .off, limits: Limits(tokens: 22))
        _ = stage.start()
        _ = stage.answer(1, .read("a"))
        #expect(stage.finish(2, "A") == ["ask #3 for turn 1"], "11 tokens so far")
        _ = stage.answer(3, .read("b"))
        #expect(stage.finish(4, "B") == ["finish: limit of tokens"])
    }

    @Test func timeIsLimited() {
        let stage = Stage(mode: .off, limits: Limits(seconds: 9))
        #expect(stage.start() == ["stop at 9.0", "ask #1 for turn 0"])
        #expect(stage.on(.woke(.timeLimit), at: 9) == ["cancel #1", "finish: limit of seconds"])
        #expect(stage.fail(1, ModelFailure(.cancelled, "over")) == [], "cancelled work may report any end")
        #expect(stage.tree.isQuiet)
    }

    @Test func anInterruptCancelsEverythingAndDiscardsEveryFork() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .write("a"))
        _ = stage.finish(3, "A")
        _ = stage.guess(2, .write("b"), rank: 1)
        #expect(
            stage.on(.interrupted)
                == [
                    "cancel #1", "cancel #2", "cancel #4", "cancel #5", "cancel #6", "finish: interrupted",
                    "discard w3",
                ])
        #expect(!stage.tree.isQuiet)
        #expect(stage.end(6) == ["discard w6"])
        // Cancelled work reports whatever end it came to.
        #expect(stage.on(.predictionEnded(WorkID(2), usage: nil)) == [])
        #expect(stage.on(.predictionEnded(WorkID(5), usage: nil)) == [])
        #expect(stage.answer(1, .write("a")) == [])
        #expect(stage.answer(4, text: "done") == [])
        #expect(stage.tree.isQuiet)
        #expect(stage.slotsInUse == 0)
        #expect(stage.tree.world == .initial)
        #expect(stage.on(.interrupted) == [])
    }

    @Test func anInterruptWaitsForWhatIsCommitted() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.answer(1, .write("a"))
        _ = stage.finish(2, "A")
        #expect(stage.on(.interrupted) == ["cancel #3"])
        #expect(stage.on(.committed(WorldID(2))) == ["finish: interrupted"])
        #expect(stage.end(3) == [])
        #expect(stage.tree.isQuiet)
    }

    // MARK: - Modes

    @Test func observingRunsNothing() {
        let stage = Stage(mode: .observe)
        #expect(stage.start() == ["ask #1 for turn 0", "predict #2 turn 0"])
        #expect(stage.guess(2, .read("a")) == [])
        #expect(stage.stream(1, .callSealed(index: 0, .read("a"))) == [])
        let key = Calibration.Key(source: "guesser 0", tool: "read", rank: 0)
        let before = stage.tree.ensemble.calibration.probability(key)
        #expect(stage.answer(1, .read("a")) == ["learn read a", "cancel #2", "perform #3 read a in w0"])
        #expect(stage.tree.ensemble.calibration.probability(key) > before, "the guess is scored")
        #expect(stage.tree.statistics.forecasts.count == 1)
        #expect(stage.tree.statistics.performedAhead == 0)
        #expect(stage.tree.statistics.predicted == 1)
    }

    @Test func offPredictsNothing() {
        let stage = Stage(mode: .off)
        #expect(stage.start() == ["ask #1 for turn 0"])
        #expect(stage.stream(1, .callSealed(index: 0, .read("a"))) == [])
        #expect(stage.answer(1, .read("a")) == ["perform #2 read a in w0"])
        #expect(stage.tree.statistics.predicted == 0)
    }
}
