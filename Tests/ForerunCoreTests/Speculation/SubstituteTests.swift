import Testing

@testable import ForerunCore

/// Models that take over a role: after the retries, for failures that another model may not have, for good, and never silently.
struct SubstituteTests {
    private func stage(_ mode: SpeculationPolicy.Mode = .off, asksAhead: Bool = true) -> Stage {
        Stage(
            mode: mode,
            substitutes: [
                Substitute(model: "b/two", resource: .endpoint("b"), asksAhead: asksAhead),
                Substitute(model: "c/three", resource: .endpoint("c")),
            ])
    }

    @Test func takeOverOnceTheRetriesAreUsedUp() {
        let stage = stage()
        _ = stage.start()
        let down = ModelFailure(.server, "down", retryAfter: 1)
        for attempt in 1...3 {
            #expect(stage.fail(attempt, down) == ["retry #\(attempt) at 1.0"])
            _ = stage.on(.woke(.retry(WorkID(attempt))))
        }
        #expect(stage.fail(4, down) == ["model 1 plays actor", "ask #5 for turn 0"])
        #expect(
            stage.events.contains(
                .fellBack(Fallback(turn: 0, role: "actor", from: "a/one", to: "b/two", failure: down))))
        // For good: the next question goes to it at once.
        #expect(stage.answer(5, .read("a")) == ["perform #6 read a in w0"])
        #expect(stage.finish(6, "A") == ["ask #7 for turn 1"])
        #expect(stage.slots.usage(of: .endpoint("b")) == [.active: 1])
        #expect(stage.slots.usage(of: .endpoint("actor")).isEmpty)
        // It has retries of its own, and the third model comes after it.
        #expect(
            stage.fail(7, ModelFailure(.quotaExhausted, "no money")) == ["model 2 plays actor", "ask #8 for turn 1"])
        #expect(stage.fail(8, ModelFailure(.quotaExhausted, "no money")) == ["finish: endpoint quota exhausted"])
        #expect(stage.tree.fallbacks.map(\.to) == ["b/two", "c/three"])
        #expect(stage.tree.isQuiet)
    }

    @Test(arguments: [
        ModelFailure.Kind.authentication, .notFound, .invalidRequest, .cancelled, .cutOff, .withheld,
    ])
    func doNotHideWhatTheUserMustKnow(_ kind: ModelFailure.Kind) {
        let stage = stage()
        _ = stage.start()
        #expect(stage.fail(1, ModelFailure(kind, "")) == ["finish: endpoint \(kind)"])
    }

    @Test func whatWasAskedAheadOfTheOtherModelIsForgotten() {
        let stage = stage(.full)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        #expect(stage.finish(3, "A").first == "ask #4 for turn 1 ahead")
        let lines = stage.fail(1, ModelFailure(.quotaExhausted, "no money"))
        #expect(lines.contains("cancel #4"))
        #expect(lines.contains("model 1 plays actor"))
        // The guess still stands, and is asked of the model that will really be asked.
        #expect(lines.contains { $0.hasSuffix("for turn 0") })
        #expect(lines.contains { $0.hasSuffix("for turn 1 ahead") })
    }

    @Test func nothingIsAskedAheadOfOneThatWantsBackWhatNobodyCanGuess() {
        let stage = stage(.full, asksAhead: false)
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        let lines = stage.fail(1, ModelFailure(.quotaExhausted, "no money"))
        #expect(lines.contains { $0.hasSuffix("for turn 0") })
        #expect(!lines.contains { $0.hasSuffix("ahead") })
    }
}
