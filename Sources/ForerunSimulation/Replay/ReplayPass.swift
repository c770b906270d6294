package import ForerunCore

/// What one pass over a recorded run came to.
package struct ReplayPass: Sendable, Hashable {
    /// What a source's guesses brought.
    package struct Earned: Sendable, Hashable {
        package var calls = 0
        package var turns = 0
        /// Of work that was under way or done before it was needed.
        package var seconds = 0.0

        static func += (left: inout Earned, right: Earned) {
            left.calls += right.calls
            left.turns += right.turns
            left.seconds += right.seconds
        }
    }

    /// On the virtual clock, from the first question to the end.
    package var seconds = 0.0
    /// Of these, waiting for the actor, where nothing ran ahead.
    package var answerSeconds = 0.0
    package var statistics = Statistics()
    /// Seconds of work ahead that was of no use.
    package var wastedSeconds = 0.0
    /// Tokens of answers on the path, and of answers asked ahead that were of no use.
    package var tokens = 0
    package var wastedTokens = 0
    package var scores = GuessScores()
    /// By source. A guess that several sources made counts for the one that named it first: its word started the work.
    package var earned: [String: Earned] = [:]
    /// Calls on the path that a database answered, and those that it answered otherwise.
    package var comparisons = 0
    package var differences = 0
    /// Why the pass went wrong; `nil`: the whole path was replayed.
    package var failure: String?
}
