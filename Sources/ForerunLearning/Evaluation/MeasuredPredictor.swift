package import ForerunCore

/// A predictor as measurements see it: it learns whole runs, then follows others step by step and says what comes next.
package protocol MeasuredPredictor {
    mutating func learn(_ run: RecordedRun, _ tools: [Tool])
    /// Before the first step of a run.
    mutating func begin(_ tools: [Tool])
    /// What comes next, after all that it was told of the run.
    mutating func guess() -> MeasuredGuess

    mutating func message(_ text: String)
    /// The text of the turn that is under way; it comes before the first call.
    mutating func said(_ text: String)
    mutating func call(_ call: Call)
    /// The turn is over.
    mutating func ended(_ turn: Turn)
    mutating func output(_ output: Output, of call: Call)
}

/// What a predictor expects, the most probable first.
package struct MeasuredGuess: Sendable, Hashable {
    /// The names of tools; `nil`: no call.
    package var tools: [String?]
    package var calls: [GuessedCall]

    package init(tools: [String?] = [], calls: [GuessedCall] = []) {
        self.tools = tools
        self.calls = calls
    }
}

extension [GuessedCall] {
    /// Guesses of the same call as one, with the sum of their probabilities; the most probable first.
    var merged: [GuessedCall] {
        var merged: [GuessedCall] = []
        for guess in self {
            if let place = merged.firstIndex(where: { $0.call == guess.call }) {
                merged[place].probability += guess.probability
            } else {
                merged.append(guess)
            }
        }
        return merged.enumerated()
            .sorted { ($0.element.probability, $1.offset) > ($1.element.probability, $0.offset) }.map(\.element)
    }
}

package struct GuessedCall: Sendable, Hashable {
    package var call: Call
    /// Of being among the calls of the turn.
    package var probability: Double

    package init(_ call: Call, probability: Double) {
        self.call = call
        self.probability = probability
    }
}
