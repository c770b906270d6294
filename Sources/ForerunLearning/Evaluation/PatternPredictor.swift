package import ForerunCore
package import ForerunSpeculators

/// The pattern model under measurement.
package struct PatternPredictor: MeasuredPredictor {
    package private(set) var model: PatternModel
    /// Whether it goes on learning in the runs that it is measured with. What it learns ends with the run.
    package let learnsWithinRuns: Bool
    /// Runs that it will learn, if known: the second half of them teaches it how far it can be trusted.
    private let expectedRuns: Int?

    private var current: PatternModel
    private var tools = PatternTools([])
    /// Up to the turn before, and up to now.
    private var settled = RunIndex()
    private var index = RunIndex()
    private var room = PatternRoom()

    package init(
        _ model: PatternModel = PatternModel(), learnsWithinRuns: Bool = false, expectedRuns: Int? = nil
    ) {
        self.model = model
        self.learnsWithinRuns = learnsWithinRuns
        self.expectedRuns = expectedRuns
        current = model
    }

    package mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
        current = PatternModel()
        let calibrates = expectedRuns.map { 2 * model.runs > $0 && model.runs % 3 == 0 }
        model.learn(run.steps.map(\.patternSteps), PatternTools(tools), from: 0, calibrates: calibrates)
    }

    package mutating func begin(_ tools: [Tool]) {
        self.tools = PatternTools(tools)
        current = model
        settled = RunIndex()
        index = settled
    }

    package mutating func guess() -> MeasuredGuess {
        let prediction = current.predict(index, tools, width: 3, wholeTurns: false, &room)
        return MeasuredGuess(
            tools: prediction.ranked,
            calls: prediction.guesses.map { GuessedCall($0.calls[0], probability: $0.probability) })
    }

    package mutating func message(_ text: String) { settle { $0.message(text) } }
    package mutating func said(_ text: String) { index.say(text) }
    package mutating func call(_ call: Call) { index.call(call) }

    package mutating func ended(_ turn: Turn) {
        if learnsWithinRuns { current.learn(turn, in: &settled, tools, calibrates: true) } else { settled = index }
        index = settled
    }

    package mutating func output(_ output: Output, of call: Call) {
        settle { $0.result(call, PatternOutput(output)) }
    }

    private mutating func settle(_ change: (inout RunIndex) -> Void) {
        index = RunIndex()
        change(&settled)
        index = settled
    }
}
