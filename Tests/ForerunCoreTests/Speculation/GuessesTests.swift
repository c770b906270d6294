import Testing

@testable import ForerunCore

struct GuessesTests {
    private func guesses(_ turns: [(source: String, calls: [Call])]) -> Guesses {
        var guesses = Guesses()
        for (rank, item) in turns.enumerated() {
            let turn = Turn(calls: item.calls)
            _ = guesses.add(
                Prediction(turn, rank: rank), JudgedTurn(turn, PaperBook()), .turn(turn), by: item.source)
        }
        guesses.update(by: Ensemble())
        return guesses
    }

    @Test func guessesOfTheSameTurnAreOne() {
        let merged = guesses([("a", [.read("x")]), ("b", [.read("x")]), ("b", [.read("y")])])
        #expect(merged.all.count == 2)
        #expect(merged.ballot.sources == ["a", "b"])
        #expect(merged.number(of: .turn(Turn(calls: [.read("y")]))) == 1)
        #expect(merged.number(of: .turn(Turn(calls: [.read("z")]))) == nil)
        // What only the provider can have written is no reason to call a guess wrong.
        let echo = Echo(model: "m", parts: [Echo.Part(calls: 0, text: 0, json: "{}")])
        #expect(merged.number(of: .turn(Turn(calls: [.read("y")], echo: echo))) == 1)
    }

    @Test func aReadIsAsProbableAsAllTurnsThatBeginWithReadsAndMakeIt() {
        let merged = guesses([("a", [.read("x")]), ("a", [.read("y"), .read("x")]), ("a", [.write("w"), .read("x")])])
        let probabilities = merged.all.map(\.probability)
        #expect(abs(merged.all[0].callProbabilities[0] - probabilities[0] - probabilities[1]) < 1e-12)
        #expect(abs(merged.all[1].callProbabilities[1] - probabilities[0] - probabilities[1]) < 1e-12)
        // After a write it is another world.
        #expect(merged.all[2].callProbabilities == [probabilities[2], probabilities[2]])
    }

    @Test func aChangeIsTheSameOnlyAfterTheSameCalls() {
        let merged = guesses([
            ("a", [.read("x"), .write("w")]), ("a", [.write("w")]), ("a", [.read("x"), .write("w"), .read("y")]),
        ])
        let probabilities = merged.all.map(\.probability)
        #expect(abs(merged.all[0].callProbabilities[1] - probabilities[0] - probabilities[2]) < 1e-12)
        #expect(merged.all[1].callProbabilities == [probabilities[1]])
    }

    @Test func guessedOutputsAreThoseOfTheFirstThatHasAny() {
        var guesses = Guesses()
        let turn = Turn(calls: [.send("x")])
        for outputs in [[:], [0: Output("sent")], [0: Output("other")]] {
            _ = guesses.add(
                Prediction(turn, outputs: outputs, rank: 0), JudgedTurn(turn, PaperBook()), .turn(turn), by: "a")
        }
        #expect(guesses.all.map(\.outputs) == [[0: Output("sent")]])
    }

    @Test func newsChangesThePresentProbabilities() {
        var here = guesses([("a", [.read("x")])])
        let before = here.all[0].probability
        here.update(by: Ensemble())
        #expect(here.all[0].probability == before)
        let turn = Turn(calls: [.read("x")])
        _ = here.add(Prediction(turn, rank: 0), JudgedTurn(turn, PaperBook()), .turn(turn), by: "b")
        here.update(by: Ensemble())
        #expect(here.all[0].probability > before)
    }
}
