import ForerunCore
import HeapModule

/// Executes the commands of many cores on one virtual clock, with one scheduler, and decides nothing.
package struct FleetDriver: ~Copyable {
    private struct Item: Comparable {
        let time: Double
        let number: Int
        let agent: Int
        let event: Event
        static func == (a: Item, b: Item) -> Bool { a.number == b.number }
        static func < (a: Item, b: Item) -> Bool { (a.time, a.number) < (b.time, b.number) }
    }

    /// A reference: looking one up copies no tree.
    private final class Agent {
        var tree: SpeculationTree
        let start: Double
        /// Work that runs: anything else that is heard of is over.
        var live: Set<WorkID> = []

        init(tree: SpeculationTree, start: Double) {
            self.tree = tree
            self.start = start
        }
    }

    private static let endpoint = Resource.endpoint("actor")

    private let spec: FleetSpec
    private let model: FleetModel
    private var agents: [Agent?]
    private var slots: Scheduler
    private var heap = Heap<Item>()
    private var number = 0
    private var now = 0.0
    private var meter: RateMeter?
    private var result = FleetResult()

    package init(_ spec: FleetSpec) {
        self.spec = spec
        model = FleetModel(spec)
        meter = spec.requestsPerMinute.map { RateMeter(requestsPerMinute: $0) }
        slots = Scheduler(capacities: [Self.endpoint: spec.actorSlots ?? 1_000_000])
        agents = []
        let program = ReActProgram(
            role: ModelRequest.Role(name: "actor", options: SamplingOptions(maxTokens: 4 * spec.usage.output)),
            commentary: .drop)
        var start = 0.0
        for agent in 0..<spec.agents {
            let run = RunID(agent)
            var setup = SpeculationTree.Setup(
                run: run, program: program, book: FleetBook(), policy: spec.policy,
                limits: Limits(steps: spec.turns), retry: RetryPolicy(attempts: 50, base: 1, cap: 30),
                endpoints: ["actor": Self.endpoint], speculators: [("guess", nil)])
            setup.believesConfidence = !spec.learns
            let tree = SpeculationTree(setup, transcript: model.task(of: agent))
            agents.append(Agent(tree: tree, start: start))
            at(start, agent, .started)
            start += ReplayLaw.exponential(spec.spacing).seconds(model.draw.uniform("arrival", .init(agent)))
        }
    }

    /// Runs to the end.
    package consuming func run() -> FleetResult {
        while let item = heap.popMin() {
            guard let agent = agents[item.agent] else { continue }
            if let id = item.event.work {
                guard agent.live.contains(id) else { continue }
                if item.event.endedWork != nil { agent.live.remove(id) }
            }
            now = item.time
            if case .started = item.event { join(item.agent) }
            result.events += 1
            let commands = agent.tree.on(item.event, at: now, slots: &slots)
            for command in commands { execute(command, item.agent) }
            for notice in slots.takeNotices() {
                switch notice {
                case .granted(let run): at(now, run.number, .granted)
                case .revoked(let holder): at(now, holder.run.number, .revoked(holder.work))
                }
            }
            leave(item.agent)
        }
        result.end = now
        return result
    }

    private mutating func at(_ time: Double, _ agent: Int, _ event: Event) {
        number += 1
        heap.insert(Item(time: time, number: number, agent: agent, event: event))
    }

    private mutating func join(_ agent: Int) {
        let tool = Resource.tool("act", .readOnly, of: RunID(agent))
        slots.setCapacity(64, of: tool)
        slots.join(RunID(agent), reserving: [Self.endpoint: 1, tool: 1])
    }

    /// Takes note of a run that is over, and forgets it.
    private mutating func leave(_ agent: Int) {
        guard let done = agents[agent], done.tree.isQuiet else { return }
        let tree = done.tree
        slots.leave(RunID(agent))
        result.durations.append(now - done.start)
        result.sequential.append(tree.sequentialSeconds)
        result.statistics.append(tree.statistics)
        result.cost += tree.ledger.cost
        result.wasted += tree.ledger.wasted
        result.answers += tree.ledger.answers
        if tree.transcript.turns != spec.turns { result.failed += 1 }
        agents[agent] = nil
    }

    private mutating func execute(_ command: Command, _ agent: Int) {
        switch command {
        case .ask(let id, let request, _, _, _): ask(id, request, agent)
        case .predict(let id, _, let context):
            agents[agent]!.live.insert(id)
            let path = model.path(context.request.transcript)
            let time = now + model.guessSeconds(path)
            at(time, agent, .predictionsArrived(id, model.guesses(path)))
            at(time, agent, .predictionEnded(id, usage: nil))
        case .perform(let id, let call, _, _, _, _):
            agents[agent]!.live.insert(id)
            let result = CallResult(model.output(of: call), writes: .nothing)
            at(now + model.toolSeconds(call), agent, .callFinished(id, result))
        case .cancel(let id): at(now, agent, .workEnded(id))
        case .wake(let alarm, let time): at(time, agent, .woke(alarm))
        case .commit(let world): at(now, agent, .committed(world))
        case .fork, .promote, .discard, .record, .release, .requestApproval, .observe, .awaitMessage, .substitute,
            .finish:
            break
        }
    }

    private mutating func ask(_ id: WorkID, _ request: ModelRequest, _ agent: Int) {
        agents[agent]!.live.insert(id)
        let path = model.path(request.transcript)
        if let answer = meter?.request(at: now) {
            slots.learn(answer.allowance, of: Self.endpoint)
            if answer.isRefused {
                result.refused += 1
                let wait = meter?.wait(at: now) ?? 0
                return at(now, agent, .answerFailed(id, ModelFailure(.rateLimited, "simulated", retryAfter: wait)))
            }
        }
        at(
            now + model.answerSeconds(path), agent,
            .answerFinished(id, Answer(Turn(calls: [model.answer(path)]), usage: spec.usage)))
    }
}
