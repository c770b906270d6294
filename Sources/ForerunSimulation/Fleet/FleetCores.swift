import ForerunCore

/// The cores of a fleet's agents, and the scheduler that they share.
struct FleetCores: ~Copyable {
    /// A reference: looking one up copies no tree.
    private final class Core {
        var tree: SpeculationTree
        /// Asked of the tree itself after each step, it would copy all of it.
        var isDecided = false
        init(_ tree: SpeculationTree) { self.tree = tree }
    }

    static let endpoint = Resource.endpoint("actor")

    private var cores: [Core?]
    private(set) var slots: Scheduler

    init(_ spec: FleetSpec, _ model: FleetModel) {
        slots = Scheduler(capacities: [Self.endpoint: spec.actorSlots ?? 1_000_000])
        let program = ReActProgram(
            role: ModelRequest.Role(name: "actor", options: SamplingOptions(maxTokens: 4 * spec.usage.output)),
            commentary: .drop)
        cores = (0..<spec.agents).map { agent in
            var setup = SpeculationTree.Setup(
                run: RunID(agent), program: program, book: FleetBook(), policy: spec.policy,
                limits: Limits(steps: spec.turns), retry: RetryPolicy(attempts: 50, base: 1, cap: 30),
                endpoints: ["actor": Self.endpoint], speculators: [("guess", nil)])
            setup.believesConfidence = !spec.learns
            return Core(SpeculationTree(setup, transcript: model.task(of: agent)))
        }
    }

    /// One step of one agent; its first one makes it known to the scheduler.
    mutating func on(_ event: Event, of agent: Int, at time: Double) -> [Command] {
        guard let core = cores[agent] else { return [] }
        if case .started = event { join(agent) }
        let commands = core.tree.on(event, at: time, slots: &slots)
        for case .finish in commands { core.isDecided = true }
        return commands
    }

    /// What other agents must be told after a step.
    mutating func takeNotices() -> [Scheduler.Notice] { slots.takeNotices() }

    /// The endpoint has said what is left of its rate limit.
    mutating func learn(_ allowance: Allowance) { slots.learn(allowance, of: Self.endpoint) }

    /// The core of an agent that is over; it is forgotten. `nil`: it is not over.
    mutating func takeFinished(_ agent: Int) -> SpeculationTree? {
        guard let core = cores[agent], core.isDecided, core.tree.isQuiet else { return nil }
        slots.leave(RunID(agent))
        cores[agent] = nil
        return core.tree
    }

    private mutating func join(_ agent: Int) {
        let tool = Resource.tool("act", .readOnly, of: RunID(agent))
        slots.setCapacity(64, of: tool)
        slots.join(RunID(agent), reserving: [Self.endpoint: 1, tool: 1])
    }
}
