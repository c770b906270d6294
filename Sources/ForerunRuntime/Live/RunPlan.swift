package import ForerunCore
package import ForerunStore

/// All that a live run is made of.
package struct RunPlan: Sendable {
    /// A speculator and the slots that its work takes.
    package struct SpeculatorPlan: Sendable {
        package var speculator: any Speculator
        /// `nil`: it costs next to nothing.
        package var resource: Resource?
        package var price: Price?
        /// `endpoint/model`, where there is a model behind it.
        package var model: String?
        /// The rate limit that its requests count for; `nil`: that of ``resource``.
        package var rate: Resource?

        package init(
            _ speculator: any Speculator, resource: Resource? = nil, price: Price? = nil, model: String? = nil,
            rate: Resource? = nil
        ) {
            self.speculator = speculator
            self.resource = resource
            self.price = price
            self.model = model
            self.rate = rate
        }
    }

    /// A role's model, and the endpoint whose slots it takes.
    package struct ActorPlan: Sendable {
        package var model: any Model
        package var resource: Resource
        package var price: Price?
        /// The rate limit that its requests count for; `nil`: that of ``resource``.
        package var rate: Resource?
        /// Who plays the role after it, in order.
        package var substitutes: [ActorPlan] = []

        package init(_ model: any Model, resource: Resource, price: Price? = nil, rate: Resource? = nil) {
            self.model = model
            self.resource = resource
            self.price = price
            self.rate = rate
        }
    }

    package var program: any Program
    package var environment: any ForerunCore.Environment
    package var book: any CallBook
    /// By name of the role.
    package var actors: [String: ActorPlan]
    package var speculators: [SpeculatorPlan]
    package var policy: SpeculationPolicy
    /// Why no question is asked ahead; `nil`: the policy decides.
    package let restriction: String?
    package var limits: Limits
    package var retry: RetryPolicy
    /// The user speaks first, and after each of the agent's last words.
    package var isConversation = false
    /// The task, as the first message. What the environment says as the run starts comes before it.
    package var task: String?
    package var experience: Experience
    /// Where the run goes on; `nil`: it begins.
    package var resumption: Resumption?
    /// Hands everything that happened so far to the log, where the run has one. - Parameter durable: down to the device.
    package var secure: @Sendable (_ durable: Bool) async throws(EnvironmentFailure) -> Void = {
        _ throws(EnvironmentFailure) in
    }
    /// Where it is written down what the core is told; `nil`: nowhere.
    package var decisions: DecisionLog?
    /// Told what work does beside the events of the run; from any thread, and must be quick. - Parameter time: seconds since
    /// the run began.
    package var probe: (@Sendable (WorkSignal, _ time: Double) -> Void)?
    /// Where in a trace a request is, for endpoints that are to be told: header fields, by the number of the work.
    package var traceFields: (@Sendable (_ work: Int) -> [(name: String, value: String)])?

    package init(
        program: any Program, environment: any ForerunCore.Environment, book: any CallBook, actors: [String: ActorPlan],
        speculators: [SpeculatorPlan] = [], policy: SpeculationPolicy = SpeculationPolicy(), limits: Limits = Limits(),
        retry: RetryPolicy = RetryPolicy(), task: String?, experience: Experience = Experience(),
        restriction: String? = nil
    ) {
        self.program = program
        self.environment = environment
        self.book = book
        self.actors = actors
        self.speculators = speculators
        let reason = LookAheadRestriction.reason(program, actors.values.map(\.model))
        self.policy = policy.restricted(reason)
        self.restriction = restriction ?? (policy.mode == .full ? reason : nil)
        self.limits = limits
        self.retry = retry
        self.task = task
        self.experience = experience
    }
}

/// What a run shows while it goes on, in order.
package enum RunNotice: Sendable {
    /// - Parameter time: seconds since the run began.
    case event(RunEvent, time: Double)
    /// A line of the event log that is no event of the core: what the run began with, what of it has landed.
    case fact(JSON)
    /// Something does not work here; the run goes on without.
    case warning(String)
    /// Confirmed text of the actor.
    case text(String, turn: Int)
    /// What was shown of this turn's text does not count: the answer failed.
    case withdrawn(turn: Int)
    case finished(RunReport)
}

/// Who answers for the user.
package struct RunUser: Sendable {
    /// Whether a call may be performed.
    package var approve: @Sendable (Call) async -> Bool
    /// The next message, or none any more: the run ends. `nil`: they are sent (``LiveRun/send(_:isUrgent:)``).
    package var nextMessage: (@Sendable () async -> String?)?

    package init(
        approve: @escaping @Sendable (Call) async -> Bool = { _ in false },
        nextMessage: (@Sendable () async -> String?)? = { nil }
    ) {
        self.approve = approve
        self.nextMessage = nextMessage
    }

    /// Nobody is there: what asks is denied.
    package static let absent = RunUser()
}
