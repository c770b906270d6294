/// A language model behind an endpoint, or anything that answers in its place (a chess engine, a script).
///
/// Implementations do the I/O of one request and decide nothing: retries, budgets and order belong to the core.
public protocol Model: Sendable {
    /// `endpoint/model`, as it is named in configuration.
    var id: String { get }

    /// What its answers hold that nobody can guess and its next request must hold too, in words (“signed thinking”);
    /// `nil`: nothing.
    ///
    /// Where there is something, no question can be asked before the answer that it follows is there: only tools run ahead.
    var mustEcho: String? { get }

    /// Asks for one answer and reports it while it streams.
    ///
    /// `emit` is called in order, from one task at a time, and never after this function has returned.
    /// Cancelling the task stops the transfer at once; the function then throws a failure of kind `.cancelled`.
    ///
    /// - Returns: the whole answer, with the usage that the provider reported.
    func answer(_ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void) async throws(ModelFailure)
        -> Answer

    /// Makes ready what the first request needs and every request shares, such as a connection, where that is worth anything.
    ///
    /// Called once as a run begins, beside other work. It asks the model nothing and costs no tokens; nobody waits for it, and
    /// its failures do not matter. Cancelling the task ends it.
    func prewarm() async
}

extension Model {
    public var mustEcho: String? { nil }
    public func prewarm() async {}
}

/// A part of an answer, as it streams.
public enum AnswerDelta: Sendable, Hashable {
    case text(String)
    case reasoning(String)
    /// Natural logarithms of the probabilities of the tokens that the next piece of text, or of calls, is made of: where they
    /// were asked for (``SamplingOptions/logprobs``), and the server tells them.
    case logprobs([Double])
    case callStarted(index: Int, name: String)
    /// The arguments of call `index` are complete. Calls are sealed in order, each once.
    case callSealed(index: Int, Call)

    package var isText: Bool {
        if case .text = self { true } else { false }
    }
}

/// A finished answer.
public struct Answer: Sendable, Hashable {
    public var turn: Turn
    /// `nil` where the provider reported none (a cut stream, some local servers).
    public var usage: Usage?
    /// Seconds that it would have taken with nothing beside it, where the model knows (processor time of an engine on this
    /// machine); `nil`: as long as it took. Only used to estimate what speculation saved.
    public var secondsAlone: Double?

    public init(_ turn: Turn, usage: Usage? = nil, secondsAlone: Double? = nil) {
        self.turn = turn
        self.usage = usage
        self.secondsAlone = secondsAlone
    }
}
