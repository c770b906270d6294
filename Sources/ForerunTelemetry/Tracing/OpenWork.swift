/// A piece of work that is not exported yet: it runs, or it is not known what becomes of it.
struct OpenWork: Sendable {
    enum Kind: Sendable {
        /// A request to an actor.
        case question
        /// A request to a speculator.
        case guess
        case call
    }

    /// What became of work that began ahead of the actor.
    enum Outcome: String, Sendable {
        case hit, wasted, cancelled, failed
    }

    let kind: Kind
    var span: Span
    /// Seconds since the run began.
    let start: Double
    /// It began in the shadow lane.
    let isAhead: Bool
    var turn: Int?
    var world: Int?
    var promoted: Double?
    var end: Double?
    var outcome: Outcome?
    /// What came of it is known, as far as it ever will be: with ``end``, it is over.
    var isDecided = false

    /// Seconds that had passed when the real path came to it.
    func saved(at time: Double) -> Double { max(0, min(end ?? time, promoted ?? time) - start) }
}
