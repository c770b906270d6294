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

    /// A token, about.
    private static let piece = "word "

    private let spec: FleetSpec
    private let model: FleetModel
    private var cores: FleetCores
    /// When each agent began, and its work that runs: anything else that is heard of is over. `nil`: the agent is over.
    private var agents: [(start: Double, live: Set<WorkID>)?] = []
    private var heap = Heap<Item>()
    private var number = 0
    private var now = 0.0
    private var meter: RateMeter?
    private var result = FleetResult()
    private var recording: FleetRecording?

    package init(_ spec: FleetSpec) {
        self.spec = spec
        model = FleetModel(spec)
        cores = FleetCores(spec, model)
        meter = spec.requestsPerMinute.map { RateMeter(requestsPerMinute: $0) }
        var start = 0.0
        for agent in 0..<spec.agents {
            agents.append((start, []))
            at(start, agent, .started)
            start += ReplayLaw.exponential(spec.spacing).seconds(model.draw.uniform("arrival", .init(agent)))
        }
    }

    /// Runs to the end, or until so many events have happened: agents that are not over then have no duration.
    package consuming func run(atMost events: Int = .max) -> FleetResult {
        play(atMost: events)
        return result
    }

    /// Runs to the end, and keeps what the cores are told.
    package consuming func record() -> FleetRecording {
        recording = FleetRecording(of: spec)
        play(atMost: .max)
        return recording ?? FleetRecording(of: spec)
    }

    private mutating func play(atMost events: Int) {
        while result.events < events, let item = heap.popMin() {
            guard agents[item.agent] != nil else { continue }
            if let id = item.event.work {
                guard agents[item.agent]?.live.contains(id) == true else { continue }
                if item.event.endedWork != nil { agents[item.agent]?.live.remove(id) }
            }
            now = item.time
            result.events += 1
            recording?.told.append(.event(agent: item.agent, time: now, item.event))
            for command in cores.on(item.event, of: item.agent, at: now) { execute(command, item.agent) }
            for notice in cores.takeNotices() {
                switch notice {
                case .granted(let run): at(now, run.number, .granted)
                case .revoked(let holder): at(now, holder.run.number, .revoked(holder.work))
                }
            }
            leave(item.agent)
        }
        result.end = now
    }

    private mutating func at(_ time: Double, _ agent: Int, _ event: Event) {
        number += 1
        heap.insert(Item(time: time, number: number, agent: agent, event: event))
    }

    /// Takes note of a run that is over.
    private mutating func leave(_ agent: Int) {
        guard let start = agents[agent]?.start, let tree = cores.takeFinished(agent) else { return }
        result.durations.append(now - start)
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
            agents[agent]?.live.insert(id)
            let path = model.path(context.request.transcript)
            let time = now + model.guessSeconds(path)
            at(time, agent, .predictionsArrived(id, model.guesses(path)))
            at(time, agent, .predictionEnded(id, usage: nil))
        case .perform(let id, let call, _, _, _, _):
            agents[agent]?.live.insert(id)
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
        agents[agent]?.live.insert(id)
        let path = model.path(request.transcript)
        if let answer = meter?.request(at: now) {
            cores.learn(answer.allowance)
            recording?.told.append(.allowance(answer.allowance))
            if answer.isRefused {
                result.refused += 1
                let wait = meter?.wait(at: now) ?? 0
                return at(now, agent, .answerFailed(id, ModelFailure(.rateLimited, "simulated", retryAfter: wait)))
            }
        }
        let (seconds, call) = (model.answerSeconds(path), model.answer(path))
        let end = now + seconds
        stream(id, call, until: end, seconds, agent)
        let text = String(repeating: Self.piece, count: spec.pieces)
        at(end, agent, .answerFinished(id, Answer(Turn(text: text, calls: [call]), usage: spec.usage)))
    }

    /// Text in pieces of equal distance, and then the call, as endpoints send them.
    private mutating func stream(_ id: WorkID, _ call: Call, until end: Double, _ seconds: Double, _ agent: Int) {
        guard spec.pieces > 0 else { return }
        let gap = seconds / Double(spec.pieces + 1)
        for piece in 0..<spec.pieces {
            at(end - gap * Double(spec.pieces - piece), agent, .answerStreamed(id, .text(Self.piece)))
        }
        at(end, agent, .answerStreamed(id, .callStarted(index: 0, name: call.name)))
        at(end, agent, .answerStreamed(id, .callSealed(index: 0, call)))
    }
}
