import ForerunCore
import ForerunMockServer
import Testing

struct ScriptedGuessesTests {
    private let truth = ScriptedTurns(steps: 20, tool: "note", arguments: ["step": "{step}"], final: "Done.")

    private func guesses(_ guesses: ScriptedGuesses, number: Int) -> (hit: Int?, all: [ScriptedGuesses.Guess]) {
        var hash = StableHash(seed: 5)
        hash.combine("request \(number)")
        var generator = SplitMix64(seed: hash.value)
        let step = number % 20
        let all = guesses.guesses(step: step, asked: 8, truthHash: hash.value, generator: &generator)
        return (all.firstIndex { $0.calls == [Call("note", ["step": .number(JSONNumber(step))])] }, all)
    }

    @Test(arguments: ScriptedGuesses.Wrong.allCases)
    func hitsAsOftenAsAsked(wrong: ScriptedGuesses.Wrong) {
        let speculator = ScriptedGuesses(of: "actor", truth: truth, hitTop: [0.55, 0.1, 0.05], width: 4, wrong: wrong)
        let all = (0..<2000).map { guesses(speculator, number: $0) }
        for (rank, probability) in [0.55, 0.1, 0.05, 0].enumerated() {
            let share = Double(all.count { $0.hit == rank }) / 2000
            // Four standard deviations.
            #expect(abs(share - probability) <= 4 * (probability * (1 - probability) / 2000).squareRoot())
        }
        #expect(all.allSatisfy { $0.all.count == 4 && Set($0.all.map(\.calls)).count == 4 })
        #expect(all[0].all.map(\.confidence) == [0.55, 0.1, 0.05, 0])
    }

    @Test func isTheSameForEqualRequests() {
        let speculator = ScriptedGuesses(of: "actor", truth: truth, hitTop: [0.5], width: 3)
        for number in 0..<50 {
            #expect(guesses(speculator, number: number).all == guesses(speculator, number: number).all)
        }
    }

    @Test func guessesNoMoreThanAsked() {
        let speculator = ScriptedGuesses(of: "actor", truth: truth, hitTop: [1], width: 3)
        var generator = SplitMix64(seed: 1)
        #expect(speculator.guesses(step: 0, asked: 1, truthHash: 0, generator: &generator).count == 1)
        #expect(speculator.guesses(step: 0, asked: 0, truthHash: 0, generator: &generator).isEmpty)
    }

    @Test func writesOneObject() throws {
        let text = ScriptedGuesses.text([.init(confidence: 0.9, calls: [Call("read_file", ["path": "a\"b"])])])
        #expect(
            try JSON(parsing: text) == [
                "guesses": [["confidence": 0.9, "calls": [["name": "read_file", "arguments": ["path": "a\"b"]]]]]
            ])
    }
}
