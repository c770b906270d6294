import OrderedCollections

/// The decisions of one run: worlds, executions and questions; what is confirmed, promoted, reused, cancelled.
///
/// A synchronous, deterministic state machine: ``on(_:at:slots:)`` takes an event and returns commands. After each event it
/// recomputes what it wants — the authoritative path first, then the look-ahead — and reconciles that with what runs. What
/// is learnt of one position ahead, as long as nothing waits for a slot, is looked at only there.
///
/// - `+Events`: what each event changes.
/// - `+Authoritative`: the real path: asking, performing, taking outputs, boundaries.
/// - `+LookAhead`: sealed calls, guesses, answers asked ahead: one walk.
/// - `+LookAgain`: the same for one position.
/// - `+Offers`: what of that is worth starting.
/// - `+Reconcile`: starting, promoting, hedging what is wanted; ending what is not.
/// - `+Lifecycle`: how work ends.
/// - `+Substitutes`: which model plays a role.
/// - `+Awaiting`: what is done while a person is awaited. - `+Halting`: the person breaks in.
package struct SpeculationTree: Sendable {
    /// What a run is made of. Fixed while it runs.
    package struct Setup: Sendable {
        package var run: RunID
        package var program: any Program
        package var book: any CallBook
        package var policy: SpeculationPolicy
        package var limits: Limits
        package var retry: RetryPolicy
        /// The endpoint of each role's model, by name of the role.
        package var endpoints: [String: Resource]
        package var prices: [String: Price]
        /// The models behind roles and sources, as `endpoint/model`.
        package var models: [String: String] = [:]
        /// The rate limits that requests of roles and sources count for; what is missing counts for its endpoint.
        package var rates: [String: Resource] = [:]
        /// Who plays a role after its first model, in order, by name of the role.
        package var substitutes: [String: [Substitute]] = [:]
        /// The speculators, in order: their source, and the endpoint whose slots they take.
        package var speculators: [(source: String, resource: Resource?)]
        /// How many requests a prediction of a source makes at most; what is missing makes one.
        package var requests: [String: Int] = [:]
        /// What sources state of their certainty is the probability: nothing is learnt. For simulations.
        package var believesConfidence = false
        /// A conversation: the first message is still to come, and each has the limit of steps for itself.
        package var isConversation = false
        /// When the run began, in seconds on the clock of the scheduler.
        package var epoch = 0.0

        package init(
            run: RunID, program: any Program, book: any CallBook, policy: SpeculationPolicy = SpeculationPolicy(),
            limits: Limits = Limits(), retry: RetryPolicy = RetryPolicy(), endpoints: [String: Resource],
            prices: [String: Price] = [:], speculators: [(source: String, resource: Resource?)] = []
        ) {
            self.run = run
            self.program = program
            self.book = book
            self.policy = policy
            self.limits = limits
            self.retry = retry
            self.endpoints = endpoints
            self.prices = prices
            self.speculators = speculators
        }
    }

    enum Phase: Sendable, Hashable {
        case asking
        case performing
        case awaitingMessage
        /// Decided, but commits are not where the user sees them yet.
        case settling(RunEnd)
        case finished(RunEnd)
    }

    /// An output on the real path.
    struct Taken: Sendable {
        var output: Output
        var world: WorldID
    }

    /// Why something is wanted.
    enum Want: Sendable {
        case active
        /// With what it is worth.
        case shadow(Double)
    }

    enum WorkKey: Sendable, Hashable {
        case answer(AnswerKey)
        case execution(ExecutionKey)
        case prediction(Transcript, speculator: Int)
    }

    /// What an event may have changed of what is wanted.
    enum Reach: Sendable {
        case nothing
        /// What follows this position. It lies ahead: the real path goes on as before.
        case ahead(Transcript)
        case everything
    }

    /// What it takes to start wanted work.
    enum Recipe: Sendable {
        case ask(ModelRequest)
        case perform(JudgedCall, in: WorldID)
        case predict(SpeculationContext)
    }

    let setup: Setup
    let rules: Rules
    let admission: any Admission

    var now = 0.0
    /// The number of the event at hand.
    var tick = 0
    var commands: [Command] = []
    var nextNumber = 1

    var works: [WorkID: Work] = [:]
    /// Work that holds or may come to hold a slot, in order of ids.
    var live: OrderedSet<WorkID> = []
    /// Executions whose world is neither committed nor given up.
    var forkOwners: OrderedSet<WorkID> = []
    var answers: OrderedDictionary<AnswerKey, WorkID> = [:]
    var executions: OrderedDictionary<ExecutionKey, WorkID> = [:]
    var predictions: [WorkKey: WorkID] = [:]
    var guesses: [Transcript: Guesses] = [:]
    /// Transcripts that the look-ahead has come to.
    var knownTranscripts = TranscriptPool()
    /// Failed or tainted ahead: not tried ahead again.
    var barred: Set<WorkKey> = []

    var phase = Phase.asking
    var root: Position
    /// The world that was committed last.
    var committedWorld: WorldID
    var turn: JudgedTurn?
    var taken: [Taken?] = []
    var approvals: [ApprovalID: Bool?] = [:]
    var messages: [(text: String, tick: Int)] = []
    var pendingCommits: [WorldID] = []
    /// Calls of the turn at hand that had left their branch when the run was cut off: what became of them is unknown.
    var abandoned: Set<Int> = []
    /// The run goes on with new words of the user, also if the agent had said its last word before them.
    var isTakenUp = false
    /// The user has stopped the turn at hand: what of its calls is not done is not done any more, and a message is awaited.
    var isHalted = false
    /// Of a run that goes on: what the user had said before stopping the agent, and it has not answered.
    var unanswered: [String] = []
    /// In a conversation, the turns before the message at hand: each message has the limit of steps for itself.
    var turnsBefore = 0
    /// The user has been told that a message is awaited.
    var isAsking = false
    /// The user will say nothing more.
    var hasNoMoreMessages = false
    /// How long people were waited for: that is no time of the run's.
    var waits = PeopleClock()
    /// Worlds to discard as soon as nobody works in them.
    var doomed: Set<WorldID> = []

    /// Outside reads that began before this event are not used any more.
    var floor = 0
    /// The latest beginning of an outside read on the path.
    var newestRead = 0
    /// Counts the groups of calls that run in parallel on the path.
    var readGroup = 0
    /// Until when shadow work keeps away from an endpoint that has had enough, in seconds.
    var quietUntil: [Resource: Double] = [:]
    var changes: [(tick: Int, footprint: Footprint)] = []
    /// How many models of a role were replaced.
    var substituted: [String: Int] = [:]
    /// Models that were replaced by the next of their role, in order.
    package internal(set) var fallbacks: [Fallback] = []

    /// What is to run and does not, or not yet for the real path. What runs ahead and is wanted carries a mark.
    var wants: OrderedDictionary<WorkKey, (want: Want, recipe: Recipe, source: String?)> = [:]

    /// The positions that the look-ahead has come to, as it saw them.
    var outlooks: [Transcript: Outlook] = [:]
    /// The position that waits for an execution; `.some(nil)`: several do.
    var waiting: [ExecutionKey: Transcript?] = [:]
    /// When everything was looked at last, in seconds.
    var planned = 0.0
    /// Something that is wanted could not be started: whatever becomes free may be for it.
    var isShort = false
    /// Looking again at one position has shown that something which runs is not wanted any more.
    var isOutdated = false

    /// How probable guesses are, by what their sources proved.
    package internal(set) var ensemble: Ensemble
    package internal(set) var ledger = Ledger()
    package internal(set) var statistics = Statistics()
    /// How long work takes, and what it costs.
    package internal(set) var estimates: Estimates
    /// What of the speculation is turned off.
    package internal(set) var switchboard: Switchboard
    /// The user wants nothing to run ahead.
    var isSwitchedOff = false
    var estimate = SequentialEstimate()

    /// - Parameters:
    ///   - transcript: the task, and what the environment says as the run starts.
    ///   - experience: what was learnt before.
    package init(
        _ setup: Setup, transcript: Transcript, world: WorldID = .initial, experience: Experience = Experience(),
        admission: (any Admission)? = nil, rules: Rules = Rules()
    ) {
        self.setup = setup
        self.rules = rules
        self.admission = admission ?? setup.policy.admission
        ensemble = experience.ensemble
        estimates = experience.estimates
        switchboard = experience.switchboard
        root = Position(transcript: transcript, world: world)
        committedWorld = world
        if setup.isConversation { phase = .awaitingMessage }
    }

    /// One step.
    ///
    /// - Parameters:
    ///   - time: seconds since the run began; never less than before.
    ///   - slots: the scheduler of the process.
    package mutating func on(_ event: Event, at time: Double, slots: inout Scheduler) -> [Command] {
        now = max(now, time)
        tick += 1
        commands.removeAll(keepingCapacity: true)
        let reach = handle(event, &slots)
        if !isFinished { step(reach, &slots) }
        discardDoomed()
        slots.stepped(setup.run)
        return commands
    }

    /// Whether so much of an answer has come in as text, and no more.
    package func hasStreamed(_ text: String, of work: WorkID) -> Bool {
        works[work]?.answer.text.isIdentical(to: text) ?? false
    }

    /// The text of an answer that has come in; `nil`: there is no such work.
    package func streamedText(of work: WorkID) -> String? { works[work]?.answer.text }

    /// What is known now.
    package var experience: Experience {
        Experience(ensemble: ensemble, estimates: estimates, switchboard: switchboard)
    }

    /// Whether the limit of steps allows no question at this turn.
    func isBeyondLimit(_ turn: Int) -> Bool { setup.limits.steps.map { turn - turnsBefore >= $0 } ?? false }

    /// The run is decided.
    package var isFinished: Bool {
        if case .finished = phase { true } else { false }
    }

    /// The run is decided, or will be as soon as its commits are done.
    var isEnding: Bool {
        switch phase {
        case .settling, .finished: true
        case .asking, .performing, .awaitingMessage: false
        }
    }

    /// The run is decided and nothing of it runs any more.
    package var isQuiet: Bool { isFinished && live.isEmpty && pendingCommits.isEmpty }

    /// How long people were waited for, in seconds.
    package var waitedSeconds: Double { waits.seconds(at: now) }

    /// What the run would have taken in turn so far, in seconds.
    package var sequentialSeconds: Double { estimate.seconds }
    package var transcript: Transcript { root.transcript }
    /// The committed world.
    package var world: WorldID { committedWorld }
    var rootWorld: WorldID { root.world ?? committedWorld }
    package var end: RunEnd? {
        if case .finished(let end) = phase { end } else { nil }
    }

    mutating func step(_ reach: Reach, _ slots: inout Scheduler) {
        switch reach {
        case .nothing: return
        case .ahead(let transcript): if lookAgain(at: transcript, &slots) { return }
        case .everything: break
        }
        wants.removeAll(keepingCapacity: true)
        while !isFinished, advance(&slots) {}
        guard !isFinished else { return }
        releaseText()
        switch phase {
        case .asking, .performing: lookAhead(&slots)
        case .awaitingMessage: lookAheadWhileAwaiting(&slots)
        case .settling, .finished: break
        }
        reconcile(&slots)
    }

    mutating func emit(_ command: Command) { commands.append(command) }
    mutating func record(_ event: RunEvent) { commands.append(.record(event)) }

    func holder(_ id: WorkID) -> Scheduler.Holder { Scheduler.Holder(run: setup.run, work: id) }
}
