import ForerunCore
import ForerunLearning
import Testing

@testable import ForerunSimulation

struct ReplayDriverTests {
    typealias Samples = RecordedSamples

    @Test func inTurnEverythingAddsUp() async throws {
        let pass = await Samples.pass(try Samples.setup(Samples.lookups, .off))
        #expect(pass.failure == nil)
        // Three answers, two calls.
        #expect(pass.seconds == 4)
        #expect(pass.answerSeconds == 3)
        #expect(pass.statistics.turns == 3 && pass.statistics.calls == 2 && pass.wastedSeconds == 0)
    }

    @Test func perfectGuessesOfToolsSaveTheCalls() async throws {
        let pass = await Samples.pass(try Samples.oracle(Samples.lookups, .tools))
        #expect(pass.failure == nil)
        // Both calls are over before the actor has asked for them: what is left are its three answers.
        #expect(abs(pass.seconds - 3) < 1e-9)
        #expect(pass.statistics.callHits == 2 && pass.statistics.turnHits == 0 && pass.statistics.askedAhead == 0)
        #expect(pass.earned["oracle"]?.calls == 2)
    }

    @Test func perfectGuessesInFullModeOverlapTheAnswersAsWell() async throws {
        let pass = await Samples.pass(try Samples.oracle(Samples.lookups, .full))
        #expect(pass.failure == nil)
        // The guess comes after 1 ms, its call takes 0.5 s: the second answer is asked for at 0.501, the third at 1.002.
        #expect(abs(pass.seconds - 2.002) < 1e-9)
        #expect(pass.statistics.callHits == 2 && pass.statistics.turnHits == 2 && pass.statistics.askedAhead == 2)
        #expect(pass.wastedTokens == 0 && pass.wastedSeconds < 0.01)
        #expect(pass.earned["oracle"]?.turns == 2)
    }

    @Test func observingChangesNothingAndScores() async throws {
        let pass = await Samples.pass(try Samples.oracle(Samples.lookups, .observe), scores: true)
        #expect(pass.seconds == 4)
        #expect(pass.scores.calls.count == 2 && pass.scores.calls.first == 2 && pass.scores.reads.count == 2)
        #expect(pass.scores.decisions.count == 3 && pass.scores.turnsWithCalls == 2 && pass.scores.guessedTurns == 2)
    }

    @Test func wrongGuessesCostNoTime() async throws {
        // What was learnt is of other people's orders, and every law is drawn from.
        var lessons = ReplayLessons()
        for number in 0..<30 {
            let run = Samples.run(
                "other \(number)", .message("What does Ann's order cost?"),
                Samples.turn([("find", ["name": "Bob"], "id 8")]), Samples.turn([("find", ["name": "Eve"], "id 9")]),
                Samples.turn("No."))
            lessons.learn(run, try Samples.path(run))
        }
        for actor in [ReplayLaw.fixed(1), .exponential(1), .logNormal(median: 1, p90: 5)] {
            let sequential = await Samples.pass(try Samples.setup(Samples.lookups, .off, actor: actor, tool: actor))
            for mode in [SpeculationPolicy.Mode.tools, .full] {
                var setup = try Samples.setup(Samples.lookups, mode, actor: actor, tool: actor)
                setup.speculators = lessons.speculators([.pattern, .transition], for: setup.path)
                let pass = await Samples.pass(setup)
                #expect(pass.failure == nil)
                #expect(pass.statistics.performedAhead > pass.statistics.callHits)
                #expect(pass.seconds <= sequential.seconds + 1e-9)
            }
        }
    }

    @Test func theSameSeedGivesTheSamePassAndAnotherSeedAnother() async throws {
        func pass(seed: UInt64) async throws -> ReplayPass {
            var setup = try Samples.oracle(Samples.lookups, .full)
            setup.speculators += ReplayLessons().speculators(ReplaySource.standard, for: setup.path)
            let latencies = ReplayLatencies(
                seed: seed, actor: .logNormal(median: 1, p90: 3), tool: .exponential(0.5), recorded: RecordedLatencies()
            )
            return await Samples.pass(
                ReplaySetup(
                    path: setup.path, book: setup.book, latencies: latencies, records: nil, policy: setup.policy,
                    speculators: setup.speculators))
        }
        let first = try await pass(seed: 1)
        #expect(try await pass(seed: 1) == first)
        #expect(try await pass(seed: 2).seconds != first.seconds)
    }

    @Test func recordedLatenciesAreMetAndMissingOnesDrawnFromTheLike() async throws {
        var run = Samples.lookups
        run.steps[1] = .turn(
            RecordedTurn(
                calls: [RecordedCall(Call("find", ["name": "Ann"]), output: Output("id 7"), seconds: 0.25)], seconds: 2)
        )
        var recorded = RecordedLatencies()
        recorded.add(run)
        recorded.sort()
        let latencies = ReplayLatencies(seed: 1, actor: .recorded, tool: .recorded, recorded: recorded)
        let setup = ReplaySetup(
            path: try Samples.path(run), book: Samples.book(run), latencies: latencies, records: nil,
            policy: SpeculationPolicy(mode: .off))
        let pass = await Samples.pass(setup)
        #expect(pass.seconds == 3 * 2 + 2 * 0.25)
    }
}
