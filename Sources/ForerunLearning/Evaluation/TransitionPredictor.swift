package import ForerunCore
import ForerunSpeculators

/// The transition model under measurement.
package struct TransitionPredictor: MeasuredPredictor {
    /// Calls guessed at a time, and the turns that these are the first calls of.
    private static let width = 3
    private static let turns = 12

    package let learnsWithinRuns: Bool
    private var model = TransitionModel()
    private var current = TransitionModel()
    private var tools: [Tool] = []
    private var transcript = Transcript()
    private var calls: [Call] = []

    package init(learnsWithinRuns: Bool = false) { self.learnsWithinRuns = learnsWithinRuns }

    package mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
        var transcript = Transcript()
        for step in run.steps {
            if case .turn(let turn) = step {
                let history = history(transcript, tools)
                model.learn(Turn(text: turn.text, calls: turn.calls.map(\.call)), after: history)
            }
            step.append(to: &transcript)
        }
    }

    private func history(_ transcript: Transcript, _ tools: [Tool]) -> TransitionHistory {
        let role = ModelRequest.Role(name: "actor", tools: tools)
        return TransitionHistory(ModelRequest(role: role, transcript: transcript))
    }

    package mutating func begin(_ tools: [Tool]) {
        self.tools = tools
        current = model
        transcript = Transcript()
        calls = []
    }

    /// It guesses whole turns: their first calls count, those of turns that begin alike as one. Within a turn it knows
    /// nothing more.
    package mutating func guess() -> MeasuredGuess {
        guard calls.isEmpty else { return MeasuredGuess() }
        let predictions = current.predictions(after: history(transcript, tools), width: Self.turns)
        let none = max(0, 1 - predictions.reduce(0) { $0 + $1.probability })
        var ranked: [(name: String?, share: Double)] = [(nil, none)]
        for (calls, probability) in predictions {
            if let place = ranked.firstIndex(where: { $0.name == calls[0].name }) {
                ranked[place].share += probability
            } else {
                ranked.append((calls[0].name, probability))
            }
        }
        return MeasuredGuess(
            tools: ranked.sorted { $0.share > $1.share }.map(\.name),
            calls: Array(
                predictions.map { GuessedCall($0.calls[0], probability: $0.probability) }.merged.prefix(Self.width)))
    }

    package mutating func message(_ text: String) { transcript = transcript.appending(.message(text)) }
    package mutating func said(_ text: String) {}
    package mutating func call(_ call: Call) { calls.append(call) }

    package mutating func ended(_ turn: Turn) {
        if learnsWithinRuns { current.learn(turn, after: history(transcript, tools)) }
        transcript = transcript.appending(.turn(turn))
        calls = []
        latest = turn.calls
    }

    private var latest: [Call] = []

    package mutating func output(_ output: Output, of call: Call) {
        guard let index = latest.firstIndex(of: call) else { return }
        transcript = transcript.appending(.output(call: index, output))
    }
}
