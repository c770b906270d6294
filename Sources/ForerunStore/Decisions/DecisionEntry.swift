import ForerunCore

/// What becomes a line of ``DecisionLog``, or a part of one.
enum DecisionEntry: Sendable {
    /// A part of the log begins. - Parameter tape: what was said of calls while its state was made.
    case began(CoreStart, VerdictTape)
    case step(DecisionStep)
    /// More text of an answer that is still coming in.
    case text(DecisionText)
    /// The run is over, or will not be driven on.
    case ended
}

/// A step of the core: what it was told, and what it did.
struct DecisionStep: Sendable {
    var event: Event
    /// Nanoseconds since the run began.
    var moment: Int
    /// The text of the answer is the one that came in.
    var isAsStreamed: Bool
    /// What the scheduler answered.
    var slots: [UInt8]
    /// Of what was commanded. The commands themselves are not kept: what they share with the state would be copied when it
    /// changes.
    var digest: CommandDigest
    var tape: VerdictTape
}

/// Text of an answer that the core only passes on.
struct DecisionText: Sendable {
    var work: WorkID
    var text: String
    /// Nanoseconds since the run began.
    var moment: Int
    /// That it is passed on.
    var commands: [Command]
    var tape: VerdictTape
}
