import ForerunCore
import ForerunLearning
import Testing

@testable import ForerunSimulation

/// Says what it was told to say at each turn.
private struct ScriptedSpeculator: Speculator {
    let source: String
    /// Names that are looked up, by turn, the surest first.
    let names: [Int: [String]]

    func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        let names = names[context.request.transcript.turns] ?? []
        emit(
            names.enumerated().map { rank, name in
                Prediction(Turn(calls: [Call("find", ["name": .string(name)])]), rank: rank)
            })
        return nil
    }
}

struct ReplayGuessesTests {
    typealias Samples = RecordedSamples

    /// Four look-ups, one after the other.
    private static let run = Samples.run(
        "four", .message("Look them up."), Samples.turn([("find", ["name": "a"], "1")]),
        Samples.turn([("find", ["name": "b"], "2")]), Samples.turn([("find", ["name": "c"], "3")]),
        Samples.turn([("find", ["name": "d"], "4")]), Samples.turn("1 2 3 4"))

    /// Both name the first look-up, one of them the second one, in second place; the third is guessed wrong, the fourth not
    /// at all.
    private static func setup(
        _ mode: SpeculationPolicy.Mode, actor: ReplayLaw = .fixed(1), tool: ReplayLaw = .fixed(0.5)
    ) throws -> ReplaySetup {
        var setup = try Samples.setup(run, mode, actor: actor, tool: tool)
        setup.speculators = [
            ScriptedSpeculator(source: "one", names: [0: ["a"], 1: ["x", "b"]]),
            ScriptedSpeculator(source: "two", names: [0: ["a", "z"], 2: ["y"]]),
        ].map { ReplaySpeculator(speculator: $0) }
        return setup
    }

    @Test func ranksCoverageAndForecastsAreThoseOfAllSourcesTogether() async throws {
        let pass = await Samples.pass(try Self.setup(.observe), scores: true)
        #expect(pass.failure == nil && pass.wastedTokens == 0)
        let scores = pass.scores
        #expect(scores.calls.count == 4 && scores.calls.first == 1 && scores.calls.three == 2)
        #expect(scores.reads == scores.calls)
        #expect(scores.turnsWithCalls == 4 && scores.guessedTurns == 3)
        // The tool is always the same; where nobody guesses, none is expected, and that is right at the end only.
        #expect(scores.decisions.count == 5 && scores.decisions.three == 4)
        let forecasts = pass.statistics.forecasts
        #expect(forecasts.count == 5 && forecasts.bins.reduce(0) { $0 + $1.hits } == 2)
    }

    @Test(arguments: [ReplayLaw.fixed(0), .fixed(0.0001), .exponential(1)])
    func whatGuessesAreWorthDoesNotDependOnLatencies(law: ReplayLaw) async throws {
        let usual = await Samples.pass(try Self.setup(.observe), scores: true)
        let other = await Samples.pass(try Self.setup(.observe, actor: law, tool: law), scores: true)
        #expect(other.scores == usual.scores && other.statistics.forecasts == usual.statistics.forecasts)
    }

    @Test func theSourceThatNamedAGuessFirstEarnsIt() async throws {
        let tools = await Samples.pass(try Self.setup(.tools))
        #expect(tools.statistics.callHits == 2 && tools.earned["one"]?.calls == 2 && tools.earned["two"] == nil)
        // Each call was over before the actor had asked for it.
        #expect(abs(try #require(tools.earned["one"]).seconds - 2 * 0.5) < 1e-9)
        #expect(tools.wastedTokens == 0 && tools.wastedSeconds > 1)
    }

    @Test func answersAskedInVainCostTheirTokens() async throws {
        let full = await Samples.pass(try Self.setup(.full))
        #expect(full.failure == nil && full.statistics.turnHits == 2)
        let vain = full.statistics.askedAhead - full.statistics.turnHits
        #expect(vain >= 2)
        // What each of them was sent is a few words, and the description of a tool.
        #expect(full.wastedTokens > 50 * vain && full.wastedTokens < 200 * vain)
    }

    @Test func readsThatAreNeededAtOnceEarnAlike() async throws {
        let run = Samples.run(
            "pair", .message("Both."),
            Samples.turn([("find", ["name": "a"], "1"), ("find", ["name": "b"], "2")]), Samples.turn("1 2"))
        let pass = await Samples.pass(try Samples.oracle(run, .tools, actor: .fixed(1), tool: .fixed(1.2)))
        #expect(pass.statistics.callHits == 2)
        // Begun at 0.001, needed at 1, over at 1.201.
        #expect(abs(try #require(pass.earned["oracle"]).seconds - 2 * 0.999) < 1e-9)
    }

    @Test func changesThatAreNeededOneByOneEarnWhatWasDoneBefore() async throws {
        let run = Samples.run(
            "changes", .message("Both."), Samples.turn([("set", ["x": 1], "ok"), ("set", ["x": 2], "ok")]),
            Samples.turn("Done."))
        let pass = await Samples.pass(
            try Samples.oracle(run, .tools, actor: .fixed(1), tool: .fixed(0.75), assumesContained: true))
        #expect(pass.failure == nil && pass.statistics.callHits == 2)
        // The first one is over at 0.751, the second one at 1.501: needed since 1.
        #expect(abs(try #require(pass.earned["oracle"]).seconds - (0.75 + 0.75 - 0.501)) < 1e-9)
    }

    @Test func quantilesAreThoseOfTheRuns() {
        var domain = ReplayedDomain(name: "shop", runCount: 20)
        #expect(domain.saved(atQuantile: 0.5) == nil)
        for number in (0..<20).reversed() {
            var run = ReplayedRun(domain: "shop", index: number)
            run.sequential.seconds = 100
            run.speculative.seconds = 100 - Double(number)
            domain.add(run)
        }
        domain.finish()
        #expect(domain.saved(atQuantile: 0) == 0 && domain.saved(atQuantile: 0.5) == 10)
        #expect(domain.saved(atQuantile: 0.95) == 19 && domain.saved(atQuantile: 1) == 19)
        #expect(abs(domain.savedShare - 0.095) < 1e-9)
    }
}
