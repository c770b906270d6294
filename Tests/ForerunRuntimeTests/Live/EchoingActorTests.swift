import ForerunCore
import ForerunRuntime
import ForerunTesting
import Synchronization
import Testing

/// Actors whose provider wants parts of their answers back that nobody can guess.
struct EchoingActorTests {
    private static let turns = LiveRunTests.script.enumerated().map { number, turn in
        Turn(
            text: turn.text, calls: turn.calls,
            echo: Echo(
                model: "echoing/actor", parts: [Echo.Part(calls: 0, text: 0, json: "{\"signature\":\"\(number)\"}")]))
    }

    /// Takes no question whose transcript lacks what it said before.
    private final class EchoingModel: Model {
        let id = "echoing/actor"
        let mustEcho: String? = "signed thinking"
        private let script = ScriptedModel(turns, id: "echoing/actor", delay: .milliseconds(20))
        let refusals = Mutex(0)

        func answer(
            _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
        ) async throws(ModelFailure) -> Answer {
            for case .turn(let turn) in request.transcript.entries where turn.echo == nil {
                refusals.withLock { $0 += 1 }
                throw ModelFailure(.invalidRequest, "thinking is missing")
            }
            return try await script.answer(request, emit: emit)
        }
    }

    @Test func onlyToolsRunAheadOfThem() async throws {
        let model = EchoingModel()
        let ahead = try await LiveRunTests().run(speculators: [LiveRunTests.oracle], model: model)
        #expect(ahead.report.end == .finished)
        #expect(
            ahead.report.restriction
                == "echoing/actor wants its signed thinking back, so that nothing can be asked before its answer is there"
        )
        #expect(ahead.report.json["restriction"]?.stringValue == ahead.report.restriction)
        #expect(ahead.report.statistics.askedAhead == 0)
        #expect(ahead.report.statistics.performedAhead > 0)
        #expect(model.refusals.withLock { $0 } == 0)
        let inTurn = try await LiveRunTests().run(mode: .off, model: EchoingModel())
        #expect(inTurn.report.restriction == nil)
        #expect(inTurn.report.digest == ahead.report.digest)
        #expect(ReportText(ViewStyle()).lines(ahead.report, mode: .tools, log: nil).contains { $0.hasPrefix("ahead") })
    }

    @Test func whatTheyWantBackIsPartOfTheTurnInLogAndDigest() throws {
        let turn = Self.turns[0]
        #expect(turn != turn.withoutEcho)
        #expect(Transcript([.turn(turn)]) != Transcript([.turn(turn.withoutEcho)]))
        let event = RunEvent.turnTaken(turn: 0, role: "actor", answer: turn, usage: nil, isHit: false, seconds: 1)
        #expect(event.json["echo"]?["parts"]?.arrayValue?.first?["json"]?.stringValue == #"{"signature":"0"}"#)
        var (with, without) = (StableDigest(), StableDigest())
        with.update(Transcript([.turn(turn)]))
        without.update(Transcript([.turn(turn.withoutEcho)]))
        #expect(with.hex != without.hex)
    }

    /// A role that is shown the last entry only gets no turns, and so nothing back.
    @Test func playersWhoSeeNoTurnsAreNotRestricted() {
        let role = ModelRequest.Role(name: "white")
        #expect(LookAheadRestriction.reason(AlternatingProgram(roles: [role]), [EchoingModel()]) == nil)
        #expect(LookAheadRestriction.reason(ReActProgram(role: role), [EchoingModel()]) != nil)
        #expect(LookAheadRestriction.reason(ReActProgram(role: role), [ScriptedModel([])]) == nil)
    }
}
