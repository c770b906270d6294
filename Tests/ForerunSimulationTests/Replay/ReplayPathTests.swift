import ForerunCore
import ForerunLearning
import Testing

@testable import ForerunSimulation

struct ReplayPathTests {
    typealias Samples = RecordedSamples

    /// What the run takes in turn, with a second an answer and half a second a call; checks that it keeps its path.
    private func seconds(_ run: RecordedRun, assumesContained: Bool = false) async throws -> Double {
        let sequential = await Samples.pass(try Samples.setup(run, .off, assumesContained: assumesContained))
        #expect(sequential.failure == nil)
        for mode in [SpeculationPolicy.Mode.observe, .tools, .full] {
            let pass = await Samples.pass(try Samples.oracle(run, mode, assumesContained: assumesContained))
            #expect(pass.failure == nil, "\(mode)")
            #expect(pass.seconds <= sequential.seconds + 1e-9)
        }
        return sequential.seconds
    }

    @Test func aGreetingIsNoAnswerAndTrailingWordsAreNoQuestion() async throws {
        let run = Samples.run(
            "talk", Samples.turn("Hello."), .message("Hi."), Samples.turn("What is it?"), .message("Nothing."),
            .message("Really."), Samples.turn("Good."), .message("###STOP###"))
        let path = try Samples.path(run)
        #expect(path.turns.count == 2 && path.first == 1 && path.opening.count == 2)
        #expect(path.messages == [0: "Nothing.\n\nReally."])
        #expect(try await seconds(run) == 2)
    }

    @Test func aPersonMaySpeakWhileCallsAreMade() async throws {
        let run = Samples.run(
            "steering", .message("Go."), Samples.turn([("find", ["name": "a"], "1")]), .message("Faster."),
            Samples.turn([("find", ["name": "b"], "2")]), Samples.turn("Wait, one more."),
            Samples.turn([("find", ["name": "c"], nil)]))
        #expect(try await seconds(run) == 4 + 1.5)
    }

    @Test func runsThatBeginWithCallsOrEndWithThemAreReplayed() async throws {
        let run = Samples.run("bare", Samples.turn([("find", ["name": "a"], "1"), ("find", ["name": "b"], "2")]))
        #expect(try await seconds(run) == 1.5)
    }

    @Test func equalReadsOfOneTurnHaveOneOutput() async throws {
        let run = Samples.run(
            "twice", .message("Go."),
            Samples.turn([("find", ["name": "a"], "1"), ("find", ["name": "a"], "2"), ("set", ["x": 1], "ok")]),
            Samples.turn([("find", ["name": "a"], "3")]), Samples.turn("Done."))
        #expect(try await seconds(run) == 3 + 0.5 + 0.5 + 0.5)
        #expect(try await seconds(run, assumesContained: true) == 3 + 0.5 + 0.5 + 0.5)
    }

    @Test func aMalformedCallBreaksNothing() async throws {
        let call = RecordedCall(Call("find", malformed: "{"), output: Output("no JSON", isError: true))
        let run = Samples.run(
            "malformed", .message("Go."), .turn(RecordedTurn(calls: [call, call])), Samples.turn("Sorry."))
        #expect(try await seconds(run) == 3)
    }

    @Test func aRunWithoutTurnsIsRefusedWithItsReason() {
        let run = Samples.run("silent", .message("Hello?"))
        #expect(throws: ReplayRefusal("it has no turn of the agent")) { try Samples.path(run) }
    }

    @Test func theProgramFollowsThePathOnlyOnThePath() throws {
        let path = try Samples.path(Samples.lookups)
        let whole = try #require(path.transcripts.last)
        #expect(path.program.next(after: whole) == .finish)
        #expect(path.turn(after: path.transcripts[1]) == 1 && path.turn(after: whole) == nil)
        let wrong = path.opening.appending(.turn(Turn(text: "No.")))
        #expect(path.program.next(after: wrong) == .awaitMessage)
        #expect(path.turn(after: wrong) == nil)
    }
}
