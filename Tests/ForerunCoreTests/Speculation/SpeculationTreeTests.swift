import Testing

@testable import ForerunCore

/// What is done ahead, and what becomes of it, event by event.
struct SpeculationTreeTests {
    @Test func withoutSpeculationARunIsALoop() {
        let stage = Stage(mode: .off)
        #expect(stage.start() == ["ask #1 for turn 0"])
        #expect(stage.answer(1, .read("a"), .read("b")) == ["perform #2 read a in w0", "perform #3 read b in w0"])
        #expect(stage.finish(3, "B") == [])
        #expect(stage.finish(2, "A") == ["ask #4 for turn 1"])
        #expect(stage.outputs.map(\.text) == ["A", "B"])
        #expect(stage.answer(4, text: "done") == ["show turn 1: done", "finish: finished"])
        #expect(stage.tree.isQuiet)
        #expect(stage.slotsInUse == 0)
    }

    @Test func aGuessIsPerformedAndItsResultUsed() {
        let stage = Stage(mode: .tools)
        #expect(stage.start() == ["ask #1 for turn 0", "predict #2 turn 0"])
        #expect(stage.guess(2, .read("a")) == ["perform #3 read a in w0 ahead"])
        #expect(stage.on(.predictionEnded(WorkID(2), usage: nil)) == [])
        // The outputs of the guessed turn are known: what comes after it can be guessed, too.
        #expect(stage.finish(3, "A") == ["predict #4 turn 1"])
        // The actor confirms. Nothing is performed again.
        #expect(stage.answer(1, .read("a")) == ["learn read a", "ask #5 for turn 1"])
        #expect(stage.outputs.map(\.text) == ["A"])
        #expect(stage.tree.statistics.callHits == 1)
        #expect(stage.tree.statistics.turnHits == 0)
    }

    @Test func aGuessThatStillRunsIsPromoted() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        #expect(stage.guess(2, .read("a")) == ["perform #3 read a in w0 ahead"])
        #expect(stage.answer(1, .read("a")) == ["learn read a", "cancel #2", "promote #3"])
        #expect(stage.slots.usage(of: PaperBook.resource("read")) == [.active: 1])
        #expect(stage.finish(3, "A") == ["ask #4 for turn 1", "predict #5 turn 1"])
        #expect(stage.tree.statistics.callHits == 1)
    }

    @Test func guessesThatAgreeShareTheirWork() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        #expect(stage.guess(2, .read("a")) == ["perform #3 read a in w0 ahead"])
        #expect(stage.guess(2, .read("a"), .read("b"), rank: 1) == ["perform #4 read b in w0 ahead"])
        // The real turn is none of the guesses; their parts are of use all the same.
        #expect(stage.answer(1, .read("b"), .read("c")).contains("promote #4"))
        #expect(stage.tree.statistics.callHits == 0)
        _ = stage.finish(4, "B")
        #expect(stage.tree.statistics.callHits == 1)
    }

    @Test func aQuestionAskedAheadIsAdoptedByItsBytes() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A") == ["ask #4 for turn 1 ahead", "predict #5 turn 1"])
        // What the actor says beside its call is dropped from the transcript: the question is the one that was asked.
        #expect(
            stage.answer(1, .read("a"), text: "I look.")
                == ["show turn 0: I look.", "learn read a", "cancel #2", "promote #4"])
        #expect(stage.answer(4, text: "done") == ["show turn 1: done", "learn done", "cancel #5", "finish: finished"])
        #expect(stage.tree.statistics.turnHits == 1)
        #expect(stage.tree.ledger.answers == 2)
        #expect(stage.tree.ledger.wasted.tokens == 0)
    }

    @Test func anAnswerThatCameAheadIsTakenAtOnce() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        #expect(stage.answer(4, text: "done") == ["cancel #5"], "it ends the run, if it is ever asked")
        #expect(stage.outputs.isEmpty)
        #expect(
            stage.answer(1, .read("a"))
                == ["learn read a", "promote #4", "show turn 1: done", "learn done", "cancel #2", "finish: finished"])
        #expect(stage.tree.statistics.turnHits == 1)
    }

    @Test func anotherOutputIsAnotherQuestion() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .write("a"))
        _ = stage.finish(3, "A")
        // Right call, wrong neighbour: what was asked ahead has other bytes.
        let commands = stage.answer(1, .write("a"), .read("b"))
        #expect(commands.contains("commit w3"), "the layer of the guess is of use")
        #expect(commands.contains("cancel #4"))
        #expect(stage.tree.statistics.callHits == 1)
        #expect(stage.tree.statistics.turnHits == 0)
    }

    @Test func aWrongGuessEndsWhenTheStreamedNameContradictsIt() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        #expect(stage.guess(2, .read("a")) == ["perform #3 read a in w0 ahead"])
        #expect(stage.guess(2, .write("b"), rank: 1) == ["fork w4 from w0", "perform #4 write b in w4 ahead"])
        #expect(stage.stream(1, .callStarted(index: 0, name: "write")) == ["cancel #3"])
        #expect(
            stage.stream(1, .callSealed(index: 0, .write("c"))) == [
                "cancel #4", "fork w5 from w0", "perform #5 write c in w5 ahead",
            ])
        // Its layer goes once nobody works in it.
        #expect(stage.slots.usage(of: PaperBook.resource("write")) == [.ending: 1, .shadow: 1])
        #expect(stage.end(4) == ["discard w4"])
        #expect(stage.slots.usage(of: PaperBook.resource("write")) == [.shadow: 1])
    }

    @Test func aGuessWithFewerCallsIsContradictedByOneMore() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.stream(1, .callStarted(index: 0, name: "read")) == [])
        #expect(stage.stream(1, .callSealed(index: 0, .read("a"))) == [])
        // Sealed, the read is wanted for itself, whatever became of the guess.
        #expect(stage.stream(1, .callStarted(index: 1, name: "read")) == [])
        #expect(stage.finish(3, "A") == [], "the turn goes on: nothing can be guessed after it")
    }

    @Test func keptTextContradictsAGuess() {
        let stage = Stage(mode: .tools, commentary: .keep)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.stream(1, .text("I ")) == ["show turn 0: I ", "cancel #3"])
    }

    @Test func textOfAnAnswerAskedAheadIsHeld() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        #expect(stage.stream(4, .text("It is ")) == [])
        #expect(stage.stream(1, .text("I look.")) == ["show turn 0: I look."])
        #expect(stage.answer(1, .read("a"), text: "I look.").contains("show turn 1: It is "))
        // Confirmed, it flows.
        #expect(stage.stream(4, .text("A.")) == ["show turn 1: A."])
        #expect(!stage.answer(4, text: "It is A.").contains { $0.hasPrefix("show") })
    }

    @Test func textOfAnAnswerThatNobodyNeedsIsNeverShown() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        #expect(stage.stream(4, .text("It is ")) == [])
        #expect(stage.answer(1, .read("b")).contains("cancel #4"))
        #expect(stage.stream(4, .text("A.")) == [])
        #expect(stage.end(4) == [])
    }

    @Test func aSealedReadStartsBeforeTheAnswerFinishes() {
        let stage = Stage(mode: .tools, speculators: 0)
        #expect(stage.start() == ["ask #1 for turn 0"])
        #expect(stage.stream(1, .callSealed(index: 0, .read("a"))) == ["perform #2 read a in w0 ahead"])
        #expect(stage.stream(1, .callSealed(index: 1, .send("b"))) == [], "what leaves the branch waits")
        #expect(stage.finish(2, "A") == [])
        #expect(stage.answer(1, .read("a"), .send("b")) == ["perform #3 send b in w0"])
        #expect(stage.tree.statistics.callHits == 1)
    }

    @Test func aSealedChangeStartsOnceTheReadsBeforeItAreDone() {
        let stage = Stage(mode: .tools, speculators: 0)
        _ = stage.start()
        #expect(stage.stream(1, .callSealed(index: 0, .read("a"))) == ["perform #2 read a in w0 ahead"])
        #expect(stage.stream(1, .callSealed(index: 1, .write("b"))) == [])
        #expect(stage.finish(2, "A") == ["fork w3 from w0", "perform #3 write b in w3 ahead"])
    }

    @Test func whatIsNeverRunAheadIsPassedOnAGuessedOutput() {
        let stage = Stage()
        _ = stage.start()
        // Past it the world is unknown: a question may be asked there, and nothing performed.
        #expect(
            stage.guess(2, .send("x"), outputs: [0: Output("sent")]) == [
                "ask #3 for turn 1 ahead", "predict #4 turn 1",
            ])
        #expect(stage.guess(4, .read("a")) == [])
        #expect(stage.answer(1, .send("x")) == ["learn send x", "cancel #2", "perform #5 send x in w0"])
        #expect(stage.finish(5, "sent") == ["promote #3", "perform #6 read a in w0 ahead"])
    }

    @Test func aChangeByOthersEndsTheReadsOfIt() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .read("a"), .read("b"))
        _ = stage.finish(3, "A", reads: .resources(["a"]))
        _ = stage.finish(4, "B", reads: .resources(["b"]))
        #expect(stage.on(.worldChangedByOthers(.resources(["a"]))).contains("perform #6 read a in w0 ahead"))
        _ = stage.finish(6, "A2", reads: .resources(["a"]))
        _ = stage.answer(1, .read("a"), .read("b"))
        #expect(stage.outputs.map(\.text) == ["A2", "B"])
    }

    @Test func whatRunsAheadEndsWhenSpeculationIsTurnedOffAndComesBack() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A") == ["ask #4 for turn 1 ahead", "predict #5 turn 1"])
        // The answer on the real path goes on; nothing else does.
        #expect(Set(stage.on(.speculationSwitched(isOn: false))) == ["cancel #2", "cancel #4", "cancel #5"])
        #expect(stage.on(.speculationSwitched(isOn: false)) == [])
        #expect(stage.guess(2, .read("b")) == [])
        // What was done is used: nothing is made twice.
        #expect(stage.answer(1, .read("a")).filter { !$0.hasPrefix("learn") } == ["ask #6 for turn 1"])
        #expect(stage.outputs.map(\.text) == ["A"])
        #expect(stage.on(.speculationSwitched(isOn: true)) == ["predict #7 turn 1"])
    }

    @Test func aRunWithoutSpeculationHasNothingToTurnOn() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(stage.on(.speculationSwitched(isOn: false)) == [])
        #expect(stage.on(.speculationSwitched(isOn: true)) == [])
    }

    @Test func aTaintedOutputIsDroppedAndNotTriedAheadAgain() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        #expect(
            stage.guess(2, .run("make")) == ["fork w3 from w0", "perform #3 run make in w3 ahead restricted"])
        #expect(stage.finish(3, "no network", isTainted: true) == ["discard w3"])
        let commands = stage.answer(1, .run("make"))
        #expect(commands.contains("perform #4 run make in w4"))
        #expect(stage.tree.statistics.callHits == 0)
    }

    @Test func whatIsFeltOnTheWayEndsTheCallAndItIsMadeAgain() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .read("a"), .read("b"))
        #expect(stage.on(.callTainted(WorkID(3))) == ["cancel #3"])
        // The other is needed by now: it is ended and made again at once.
        _ = stage.answer(1, .read("a"), .read("b"))
        #expect(stage.on(.callTainted(WorkID(4))).contains { $0.hasPrefix("perform") && $0.hasSuffix("read b in w0") })
    }

    @Test func whatIsFeltByWorkThatWasNeverAheadChangesNothing() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        #expect(stage.answer(1, .run("make")) == ["fork w2 from w0", "perform #2 run make in w2"])
        #expect(stage.on(.callTainted(WorkID(2))) == [])
        #expect(stage.finish(2, "no memory", isTainted: true) == ["commit w2", "ask #3 for turn 1"])
        #expect(stage.outputs.map(\.text) == ["no memory"])
    }

    @Test func aRestrictedCallIsHedged() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .run("make"))
        // The real one starts beside it.
        #expect(
            stage.answer(1, .run("make"))
                == ["learn run make", "cancel #2", "fork w4 from w0", "perform #4 run make in w4"])
        #expect(stage.tree.statistics.hedged == 1)
        // The restriction was not felt: the first result counts, the other one ends.
        #expect(stage.finish(3, "made") == ["cancel #4", "commit w3", "ask #5 for turn 1", "predict #6 turn 1"])
        #expect(stage.end(4) == ["discard w4"])
        #expect(stage.outputs.map(\.text) == ["made"])
    }

    @Test func aRestrictionThatCanBeLiftedIsLifted() {
        let stage = Stage(mode: .tools, canLiftRestrictions: true)
        _ = stage.start()
        _ = stage.guess(2, .run("make"))
        #expect(stage.answer(1, .run("make")) == ["learn run make", "cancel #2", "promote #3"])
        #expect(stage.tree.statistics.hedged == 0)
    }

    @Test func shadowWorkLeavesTheReserveAlone() {
        let stage = Stage(mode: .tools, capacity: 1)
        _ = stage.start()
        #expect(stage.guess(2, .read("a")) == [], "one slot, and it is the run's own")
        #expect(stage.answer(1, .read("a")).contains("perform #3 read a in w0"))
    }

    @Test func readsBeyondTheSlotsWait() {
        let stage = Stage(mode: .tools, capacity: 2)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(
            stage.answer(1, .read("b"), .read("c"), .read("a")).suffix(2) == ["promote #3", "perform #4 read b in w0"])
        #expect(stage.finish(3, "A") == ["perform #5 read c in w0"])
    }

    @Test func cancelledWorkHoldsItsSlotUntilItIsOver() {
        let stage = Stage(mode: .tools, capacity: 2)
        _ = stage.start()
        _ = stage.guess(2, .read("x"))
        #expect(
            stage.answer(1, .read("b"), .read("c"))
                == ["learn read b, read c", "cancel #2", "cancel #3", "perform #4 read b in w0"])
        #expect(stage.end(3) == ["perform #5 read c in w0"])
    }

    @Test func aSlotTakenAwayEndsShadowWorkOnly() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.on(.revoked(WorkID(3))).first == "cancel #3")
        #expect(stage.tree.statistics.revoked == 1)
        #expect(stage.on(.revoked(WorkID(1))) == [])
        #expect(stage.tree.statistics.revoked == 1)
    }

    @Test func anEnvironmentThatFailsAheadIsNoFailure() {
        let stage = Stage(mode: .tools)
        _ = stage.start()
        _ = stage.guess(2, .write("a"))
        #expect(stage.on(.branchFailed(WorkID(3), EnvironmentFailure(.noSpace, "full"))) == [])
        let commands = stage.answer(1, .write("a"))
        #expect(commands.contains("perform #4 write a in w4"), "it is not tried ahead again, but in its place")
        #expect(
            stage.on(.branchFailed(WorkID(4), EnvironmentFailure(.noSpace, "full"))) == ["finish: environment no space"]
        )
        #expect(!stage.tree.isQuiet)
        #expect(stage.end(2) == [])
        #expect(stage.tree.isQuiet)
    }
}
