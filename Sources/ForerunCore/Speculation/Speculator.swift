/// Anything that predicts what comes next: a small model, mined patterns, an engine.
public protocol Speculator: Sendable {
    /// A short, stable name: calibration is kept per source.
    var source: String { get }

    /// The endpoint whose slots its work takes, `endpoint/model` or `endpoint`; `nil`: it costs next to nothing.
    var endpoint: String? { get }

    /// How many requests one prediction makes at most, one after the other: so much is reserved for it.
    var requests: Int { get }

    /// Predicts the answer to `context.request`.
    ///
    /// `emit` may be called as often as there is news; later batches add to earlier ones. A speculator that fails or is
    /// cancelled just ends: nothing depends on it.
    ///
    /// - Returns: what it used of its endpoint; `.zero`: nothing; `nil`: that is not known, and estimated where it has one.
    @discardableResult
    func predict(_ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void) async -> Usage?

    /// Learns what really came.
    func observe(_ turn: Turn, after context: SpeculationContext) async

    /// Makes ready what its first request needs, as ``Model/prewarm()`` does.
    func prewarm() async
}

extension Speculator {
    public func prewarm() async {}
    public var endpoint: String? { nil }
    public var requests: Int { 1 }
    public func observe(_ turn: Turn, after context: SpeculationContext) async {}
}

/// What a speculator gets to see.
public struct SpeculationContext: Sendable {
    public let request: ModelRequest
    /// The number of the turn that is predicted; the first is 0.
    public let turnNumber: Int
    /// How many different guesses are of use.
    public let width: Int

    public init(request: ModelRequest, turnNumber: Int, width: Int) {
        self.request = request
        self.turnNumber = turnNumber
        self.width = width
    }
}

/// A guessed turn.
public struct Prediction: Sendable, Hashable {
    public var turn: Turn
    /// Guessed outputs, by index of the call. Only used where a call cannot run ahead.
    public var outputs: [Int: Output]
    /// What the source says of its own certainty, 0…1. Never taken for a probability.
    public var confidence: Double?
    /// Its place among the guesses of its source for this turn, from 0.
    public var rank: Int

    public init(_ turn: Turn, outputs: [Int: Output] = [:], confidence: Double? = nil, rank: Int) {
        self.turn = turn
        self.outputs = outputs
        self.confidence = confidence
        self.rank = rank
    }
}
