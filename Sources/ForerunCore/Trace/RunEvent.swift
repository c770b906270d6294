/// What is observable of a run, as it happens. Speculative work is always told apart from authoritative work.
package enum RunEvent: Sendable, Hashable {
    case asked(work: Int, turn: Int, lane: Lane, attempt: Int)
    /// An answer is complete; whether it is taken, its turn will tell.
    case answered(work: Int, lane: Lane, seconds: Double)
    /// - Parameter wait: seconds until the next attempt; `nil`: given up.
    case answerFailed(turn: Int, failure: ModelFailure, attempt: Int, of: Int, wait: Double?)
    /// The retries of a model are used up, and the next of its role takes over.
    case fellBack(Fallback)
    /// What a request to a model took, once it is known what came of it.
    case charged(Charge)
    /// An answer is on the path. - Parameter isHit: it was asked ahead.
    case turnTaken(turn: Int, role: String, answer: Turn, usage: Usage?, isHit: Bool, seconds: Double)
    case predicted(
        turn: Int, source: String, rank: Int, calls: [Call], probability: Double, confidence: Double?)
    case forked(world: Int, from: Int, work: Int)
    case performed(work: Int, call: Call, world: Int, lane: Lane, effect: Effect?)
    case callFinished(work: Int, lane: Lane, seconds: Double, isError: Bool)
    /// An output is on the path. - Parameter isHit: its execution was made ahead.
    case callTaken(
        turn: Int, index: Int, call: Call, output: Output, isHit: Bool, seconds: Double, effect: Effect?, work: Int?)
    case promoted(work: Int)
    case cancelled(work: Int, seconds: Double)
    case committed(world: Int, turn: Int, call: Int)
    case discarded(world: Int)
    case approvalRequested(turn: Int, call: Int, Call)
    case approvalAnswered(turn: Int, call: Int, granted: Bool)
    /// The run waits for a message of the user, who has heard the last word so far.
    case messageAwaited(turn: Int)
    case messageJoined(turn: Int, text: String)
    /// The user has stopped what the agent did; the run waits for a message.
    case halted(turn: Int)
    /// At the end of a turn, what lost was turned off, or is tried again.
    case speculationSwitched(turn: Int, Switchboard.Change)
}
