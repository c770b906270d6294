import ForerunCore

/// The latest guesses of a run, and what became of them.
struct GuessBook: Sendable {
    struct Guess: Sendable {
        let turn: Int
        let source: String
        let calls: [Call]
        var probability: Double
        /// `nil`: its turn has not come.
        var cameTrue: Bool?
    }

    /// Guesses that are kept.
    private static let limit = 400

    private(set) var guesses: [Guess] = []
    /// What was switched off, and why, by source; `nil` stands for all speculation.
    private(set) var switchedOff: [String?: Switchboard.Change] = [:]

    mutating func add(turn: Int, source: String, calls: [Call], probability: Double) {
        // A source that comes to think otherwise says the same again.
        let same = guesses.lastIndex { $0.turn == turn && $0.source == source && $0.calls == calls }
        if let same, guesses[same].cameTrue == nil {
            guesses[same].probability = probability
            return
        }
        guesses.append(Guess(turn: turn, source: source, calls: calls, probability: probability))
        if guesses.count > Self.limit { guesses.removeFirst(guesses.count - Self.limit) }
    }

    mutating func took(turn: Int, calls: [Call]) {
        for index in guesses.indices where guesses[index].cameTrue == nil && guesses[index].turn <= turn {
            guesses[index].cameTrue = guesses[index].turn == turn && guesses[index].calls == calls
        }
    }

    mutating func switched(_ change: Switchboard.Change) {
        switchedOff[change.source] = change.isOn ? nil : change
    }

    /// Why a call is made ahead: the most probable guess with it; `nil`: nobody guessed it, the answer says so itself.
    func reason(for call: Call) -> Guess? {
        guesses.lazy.filter { $0.cameTrue == nil && $0.calls.contains(call) }.max { $0.probability < $1.probability }
    }

    /// By turn: first the one that is due and those after it, then those before it, back in time. Those of a turn by probability.
    ///
    /// - Parameter due: the number of the turn that comes next.
    func byTurn(due: Int) -> [(turn: Int, guesses: [Guess])] {
        Dictionary(grouping: guesses, by: \.turn)
            .sorted { left, right in
                let (one, other) = (left.key, right.key)
                return (one >= due) == (other >= due) ? (one >= due ? one < other : one > other) : one >= due
            }
            .map { ($0.key, $0.value.sorted { ($1.probability, $0.source) < ($0.probability, $1.source) }) }
    }
}
