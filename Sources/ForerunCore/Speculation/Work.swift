/// A piece of work that a driver was told to do, while it runs and after.
struct Work: Sendable {
    enum Kind: Sendable {
        case answer(AnswerKey)
        case execution(ExecutionKey)
        case prediction(Transcript, speculator: Int)
    }

    enum State: Sendable {
        /// Wanted, but not started (or to be started again).
        case new
        case running
        /// A retry is waited for.
        case backingOff
        /// Cancelled; the driver has not reported its end yet.
        case ending
        case done
    }

    /// What it was started for, and when. One reference, as work is passed on at every turn of a walk.
    private final class Order: Sendable {
        let id: WorkID
        let kind: Kind
        let resource: Resource?
        let source: String?
        let firstStart: Double
        let start: Double
        let tick: Int

        init(
            id: WorkID, kind: Kind, resource: Resource?, source: String?, firstStart: Double, start: Double, tick: Int
        ) {
            self.id = id
            self.kind = kind
            self.resource = resource
            self.source = source
            self.firstStart = firstStart
            self.start = start
            self.tick = tick
        }
    }

    private let order: Order

    init(
        id: WorkID, kind: Kind, resource: Resource?, source: String? = nil, lane: Lane, attempt: Int = 0,
        firstStart: Double, start: Double, tick: Int
    ) {
        order = Order(
            id: id, kind: kind, resource: resource, source: source, firstStart: firstStart, start: start, tick: tick)
        self.lane = lane
        self.attempt = attempt
    }

    var id: WorkID { order.id }
    var kind: Kind { order.kind }
    var resource: Resource? { order.resource }
    /// Whose guess it comes from.
    var source: String? { order.source }
    /// When the first attempt and this one began, and when it ended.
    var firstStart: Double { order.firstStart }
    var start: Double { order.start }
    var end: Double?
    /// The number of the event at which it began: validity is decided by these, not by times.
    var tick: Int { order.tick }
    var lane: Lane
    var state: State = .running
    /// Counts the attempts before the next one.
    var attempt: Int
    /// It was started ahead of the actor and is now authoritative.
    var wasAhead = false
    /// When it became authoritative.
    var promotion: Double?
    /// The number of the last event after which it was wanted.
    var wanted = 0

    private var boxedAnswer = Boxed(AnswerProgress())
    private var boxedExecution = Boxed(ExecutionProgress())

    var answer: AnswerProgress {
        get { boxedAnswer.value }
        _modify { yield &boxedAnswer.value }
    }
    var execution: ExecutionProgress {
        get { boxedExecution.value }
        _modify { yield &boxedExecution.value }
    }

    var isAnswer: Bool {
        if case .answer = kind { true } else { false }
    }
    var isPrediction: Bool {
        if case .prediction = kind { true } else { false }
    }
    var executionKey: ExecutionKey? {
        if case .execution(let key) = kind { key } else { nil }
    }
}

/// What is known of an answer.
struct AnswerProgress: Sendable {
    var text = ""
    /// Text that the user has not seen.
    var unreleased = ""
    var hasReleased = false
    /// Names of the calls that have begun, in order.
    var names: [String] = []
    var sealed: [JudgedCall] = []
    var turn: JudgedTurn?
    var usage: Usage?
    /// ``usage`` is what the provider says, not an estimate.
    var hasReportedUsage = false
    var secondsAlone: Double?

    /// What has been said, as far as it is whole.
    var soFar: Turn { Turn(text: text, calls: sealed.map(\.call)) }
    /// Nothing has been said.
    var isSilent: Bool { text.isEmpty && names.isEmpty }
}

/// What is known of an execution.
struct ExecutionProgress: Sendable {
    var call: JudgedCall?
    var result: CallResult?
    /// The world that it makes.
    var child: WorldID?
    /// `child` exists and is neither committed nor discarded.
    var ownsFork = false
    var isRestricted = false
    /// The other of a pair that races: the real one beside the restricted one.
    var rival: WorkID?
    var isHedge = false
    var isUsed = false
    /// The group of parallel reads in which it was last used.
    var usedIn = 0
    /// Its output says that it could not be performed.
    var hasFailed = false
}
