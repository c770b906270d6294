/// A piece of work that could be started ahead, with what is known of its use and its price.
package struct Offer: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case answer, execution, prediction
    }

    package var kind: Kind
    /// That the work will be on the realised path: calibrated, along the whole path.
    package var probability: Double
    /// How many turns ahead of the root, from 1.
    package var depth: Int
    /// Seconds that it takes off the critical path if it comes true. What is ready later than the real path gets there
    /// takes off nothing.
    package var seconds: Double
    /// Seconds for which it holds a slot.
    package var slotSeconds: Double
    /// What it costs, as a multiple of what a turn of the run costs; 0: no tokens.
    package var cost: Double
    /// Seconds of a turn of the run, to hold costs against.
    package var turnSeconds: Double
    /// How far the run's limit of extra cost would be used up with this under way as well; above 1 it is not admitted.
    package var pressure: Double
    /// Free slots that it could take, itself included; `nil`: it needs none.
    package var room: Int?

    package init(
        _ kind: Kind, probability: Double, depth: Int, seconds: Double = 0, slotSeconds: Double = 0, cost: Double = 0,
        turnSeconds: Double = 0, pressure: Double = 0, room: Int? = nil
    ) {
        self.kind = kind
        self.probability = probability
        self.depth = depth
        self.seconds = seconds
        self.slotSeconds = slotSeconds
        self.cost = cost
        self.turnSeconds = turnSeconds
        self.pressure = pressure
        self.room = room
    }
}

/// Decides which possible work is worth starting. Slots, rate limits and the limit of extra cost are checked apart.
package protocol Admission: Sendable {
    /// Whether it is worth looking at what comes after a position.
    ///
    /// - Parameters:
    ///   - probability: that the real path comes there.
    ///   - depth: in turns ahead of the root.
    func expands(probability: Double, depth: Int) -> Bool

    /// What starting the work is worth: where slots are scarce, more goes first. `nil`: it is not to be started, as what
    /// would not be kept: it would be started and ended for ever.
    func worth(_ offer: Offer) -> Double?

    /// Whether work that runs goes on. What was spent on it does not count, and how long it has run does not either:
    /// answers must not be favoured for being short.
    func keeps(probability: Double, depth: Int) -> Bool
}
