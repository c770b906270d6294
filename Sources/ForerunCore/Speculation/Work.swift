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

    init(
        id: WorkID, kind: Kind, resource: Resource?, lane: Lane, firstStart: Double, start: Double, tick: Int
    ) {
        self.id = id
        self.kind = kind
        self.resource = resource
        self.lane = lane
        self.firstStart = firstStart
        self.start = start
        self.tick = tick
    }

    let id: WorkID
    let kind: Kind
    let resource: Resource?
    var lane: Lane
    var state: State = .running
    var attempt = 0
    /// When the first attempt and this one began, and when it ended.
    let firstStart: Double
    let start: Double
    var end: Double?
    /// The number of the event at which it began: validity is decided by these, not by times.
    let tick: Int
    /// It was started ahead of the actor and is now authoritative.
    var wasAhead = false
    /// When it became authoritative.
    var promotion: Double?
    /// The number of the last event after which it was wanted.
    var wanted = 0
    /// Whose guess it comes from.
    var source: String?

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
