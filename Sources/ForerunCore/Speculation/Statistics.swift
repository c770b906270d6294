/// What a run's speculation came to, in counts.
package struct Statistics: Sendable, Hashable {
    package var turns = 0
    package var calls = 0
    /// Guessed turns that arrived.
    package var predicted = 0
    package var askedAhead = 0
    package var performedAhead = 0
    /// Answers taken that had been asked ahead.
    package var turnHits = 0
    /// Outputs taken from executions that had been made ahead.
    package var callHits = 0
    package var cancelled = 0
    package var hedged = 0
    package var revoked = 0
    /// Of the turns that were guessed, each with the probability that it had when the real one came.
    package var forecasts = ForecastScores()

    /// What was turned off and on again, and at the end of which turn: the last few.
    package private(set) var switched: [Switching] = []

    package struct Switching: Sendable, Hashable {
        package var turn: Int
        package var change: Switchboard.Change
    }

    package init() {}

    mutating func note(_ change: Switchboard.Change, turn: Int) {
        if switched.count == 16 { switched.removeFirst() }
        switched.append(Switching(turn: turn, change: change))
    }
}

/// What the run would have taken in turn: the counterfactual on the critical path.
///
/// Each answer that was taken counts with its own seconds, retries included; of each group of read-only calls of a turn the
/// longest counts (they run in parallel sequentially, too), barriers count one by one; waiting for people counts as it was.
/// Work that slowed other work down is counted as it ran, but for answers that know better (``Answer/secondsAlone``).
package struct SequentialEstimate: Sendable, Hashable {
    package private(set) var seconds = 0.0
    private var group = 0.0
    private var waitStart: Double?
    private var answerCount = 0
    private var answerSeconds = 0.0

    package init() {}

    package mutating func addAnswer(seconds: Double) {
        self.seconds += seconds
        answerCount += 1
        answerSeconds += seconds
    }

    /// Seconds of an answer; 0 before the first.
    var meanAnswer: Double { answerCount > 0 ? answerSeconds / Double(answerCount) : 0 }

    package mutating func addCall(seconds: Double, isBarrier: Bool) {
        if isBarrier {
            self.seconds += group + seconds
            group = 0
        } else {
            group = max(group, seconds)
        }
    }

    package mutating func turnEnded() {
        seconds += group
        group = 0
    }

    package mutating func waitBegan(at time: Double) { waitStart = waitStart ?? time }

    package mutating func waitEnded(at time: Double) {
        guard let start = waitStart else { return }
        seconds += time - start
        waitStart = nil
    }
}
