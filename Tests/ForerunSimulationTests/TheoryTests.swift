import ForerunSimulation
import Testing

struct TheoryTests {
    /// Within a point of the formula, each model in its own.
    @Test(arguments: TheoryModel.Commit.allCases, [0.3, 0.547, 0.9])
    func whatIsDrawnIsWhatTheFormulaSays(_ commit: TheoryModel.Commit, _ accuracy: Double) {
        let model = TheoryModel(commit, accuracy: accuracy, guess: 0.1, turns: 30)
        let drawn = model.simulated(runs: 3_000, seed: 7)
        #expect(abs(drawn - model.expected) < 0.01, "\(drawn) instead of \(model.expected)")
    }

    /// As many turns as nobody has: p/(1+p) · α/(α+β).
    @Test func longRunsComeToTheLimit() {
        let model = TheoryModel(.unconfirmed, accuracy: 0.547, guess: 0.1, turns: 100_000)
        #expect(abs(model.expected - 0.547 / 1.547 / 1.1) < 1e-4)
    }
}
