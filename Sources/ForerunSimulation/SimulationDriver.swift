package import ForerunCore
import HeapModule

/// Executes the core's commands on a virtual clock, decides nothing, and checks on the way what can be checked.
package struct SimulationDriver {
    /// How shadow work is kept out of the way. Anything but `.width` is a mutant.
    package enum Reserve: Sendable { case width, one }

    /// A call on the real path, with the moment at which its outside reads were made.
    package struct TakenCall: Sendable, Hashable {
        package let turn: Int
        package let index: Int
        package let call: Call
        package let output: Output
        package let readAt: Double?
        package let time: Double
    }

    /// What happened on the real path, in order.
    package enum Landmark: Sendable, Hashable {
        case turn(Int, Double)
        case call(TakenCall)
        /// A message or an approval: nothing read before it may be used after it. The time at which it arrived.
        case barrier(Double)
    }

    private struct Item: Comparable {
        let time: Double
        let number: Int
        let event: Event
        static func == (a: Item, b: Item) -> Bool { a.number == b.number }
        static func < (a: Item, b: Item) -> Bool { (a.time, a.number) < (b.time, b.number) }
    }

    private struct Running {
        let resource: Resource?
        let start: Double
        var isCancelled = false
        var isRestricted = false
        /// It will feel what others take, and has not been promoted before.
        var isPressed = false
        /// A request's key, while it is live.
        var question: String?
        var world: WorldID?
    }

    package let scenario: Scenario
    package private(set) var tree: SpeculationTree
    package private(set) var violations: [String] = []
    package private(set) var landmarks: [Landmark] = []
    package private(set) var joined: [Int: [String]] = [:]
    /// External calls that took effect, but for those that the user stopped, in order.
    package var external: [Call] { sent.map(\.call) }
    private var sent: [(work: WorkID, call: Call)] = []
    package private(set) var states: [WorldID: [Int]] = [.initial: [0, 0, 0, 0]]
    package private(set) var trace: [String] = []
    package private(set) var released: [Int: String] = [:]
    package private(set) var answered: [Int: Turn] = [:]
    package private(set) var end: RunEnd?
    /// Makes a step in place of the tree itself; whoever wants to see it all looks on here.
    private var stepping: Stepping?
    package typealias Stepping = (Event, Double, inout SpeculationTree, inout Scheduler) -> [Command]

    private var slots: Scheduler
    private var heap = Heap<Item>()
    private var number = 0
    private var now = 0.0
    private var running: [WorkID: Running] = [:]
    private var starts: [Int: Double] = [:]
    private var forks: [WorldID: Int] = [:]
    /// Commits that are not durable yet.
    private var committing: Set<WorldID> = []
    private var digests = RequestDigests()
    private var keepsTrace: Bool
    private let checksPlans: Bool
    private var messageTimes: [String: Double] = [:]

    /// - Parameter checksPlans: after each event, looking at everything again must change nothing.
    package init(
        _ scenario: Scenario, rules: Rules = Rules(), reserve: Reserve = .width, keepsTrace: Bool = false,
        checksPlans: Bool = false
    ) {
        self.scenario = scenario
        self.keepsTrace = keepsTrace
        self.checksPlans = checksPlans
        let actor = Resource.endpoint("actor")
        let reading = Resource.tool("act", .readOnly, of: RunID(1))
        let changing = Resource.tool("act", .contained, of: RunID(1))
        slots = Scheduler(
            capacities: [actor: scenario.actorSlots, reading: scenario.toolSlots, changing: scenario.toolSlots])
        slots.join(
            RunID(1), reserving: [actor: 1, reading: reserve == .width ? 4 : 1, changing: reserve == .width ? 4 : 1])
        tree = SpeculationTree(
            Self.setup(scenario), transcript: Transcript([.message(Self.opening)]), rules: rules)
    }

    /// What the simulated runs begin with.
    package static let opening = "task"

    /// What the core of a simulated run is made of.
    package static func setup(_ scenario: Scenario) -> SpeculationTree.Setup {
        let program = program(scenario)
        let endpoints = program.roles.map { ($0.name, Resource.endpoint("actor")) }
        return SpeculationTree.Setup(
            run: RunID(1), program: program, book: SimulatedCallBook(scenario), policy: scenario.policy,
            limits: Limits(steps: scenario.turns), retry: RetryPolicy(attempts: 3, base: 0.5, cap: 0.5),
            endpoints: Dictionary(uniqueKeysWithValues: endpoints), speculators: [("guess", nil)])
    }

    /// Lets another core be played, which began with the same, and its steps be made by somebody else.
    package mutating func play(_ tree: SpeculationTree, stepping: @escaping Stepping) {
        self.tree = tree
        self.stepping = stepping
    }

    /// The control flow of the simulated agents.
    package static func program(_ scenario: Scenario) -> any Program {
        let options = SamplingOptions(maxTokens: 100)
        if scenario.isGame {
            return AlternatingProgram(
                roles: ["white", "black"].map { ModelRequest.Role(name: $0, options: options) })
        }
        return ReActProgram(
            role: ModelRequest.Role(name: "actor", options: options), commentary: scenario.commentary,
            isConversation: true)
    }

    /// Runs to the end.
    package mutating func run() {
        for (index, time) in scenario.steering.enumerated() {
            at(time, .messageArrived("m\(index)", isUrgent: scenario.isUrgent(index)))
        }
        for time in scenario.halts { at(time, .halted) }
        for (index, time) in scenario.switches.enumerated() {
            at(time, .speculationSwitched(isOn: !index.isMultiple(of: 2)))
        }
        if scenario.others == .notified {
            for (key, times) in scenario.changes.enumerated() {
                for time in times { at(time, .worldChangedByOthers(.resources(["o\(key)"]))) }
            }
        }
        at(0, .started)
        var steps = 0
        while let item = heap.popMin() {
            guard admit(item.event) else { continue }
            if tree.isFinished, !item.event.endsWork { continue }
            steps += 1
            guard steps < 20_000 else {
                violations.append("livelock")
                break
            }
            now = item.time
            if case .committed(let world) = item.event { committing.remove(world) }
            if case .messageArrived(let text, _) = item.event { messageTimes[text] = now }
            note("\(item.event)")
            for command in stepping?(item.event, now, &tree, &slots) ?? tree.on(item.event, at: now, slots: &slots) {
                note("    -> \(command)")
                execute(command)
            }
            check()
            if checksPlans { checkPlan() }
        }
        if !tree.isQuiet { violations.append("stuck or not quiet at the end") }
        if !running.isEmpty { violations.append("work left running") }
        for (world, ends) in forks where ends != 1 { violations.append("fork \(world) ended \(ends) times") }
        for (turn, text) in released where answered[turn].map({ $0.text != text }) ?? false {
            violations.append("released text differs from the answer")
        }
    }

    private mutating func note(_ line: @autoclosure () -> String) {
        if keepsTrace { trace.append("\(now) \(line())") }
    }

    private mutating func at(_ time: Double, _ event: Event) {
        number += 1
        heap.insert(Item(time: time, number: number, event: event))
    }

    /// Drops events of work that is over, and takes note of ends.
    private mutating func admit(_ event: Event) -> Bool {
        guard let id = event.work else { return true }
        guard let work = running[id] else { return false }
        if case .workEnded = event {
            running[id] = nil
            return true
        }
        if work.isCancelled { return false }
        if case .callTainted = event, !work.isRestricted, !work.isPressed { return false }
        if event.endsWork { running[id] = nil }
        return true
    }

    private mutating func check() {
        let limit = scenario.policy.maxExtraCost
        if let tokens = limit.tokens, (tree.ledger.wasted + tree.ledger.reservedTotal).tokens > tokens {
            violations.append("extra cost over its limit")
        }
        var counts: [Resource: Int] = [:]
        for work in running.values { if let resource = work.resource { counts[resource, default: 0] += 1 } }
        for (resource, count) in counts where count > slots.capacity(of: resource) {
            violations.append("more running than slots on \(resource)")
        }
    }

    private mutating func execute(_ command: Command) {
        switch command {
        case .ask(let id, let request, _, let attempt, _): ask(id, request, attempt)
        case .predict(let id, _, let context): predict(id, context)
        case .fork(let world, let parent):
            forks[world, default: 0] += 0
            states[world] = states[parent]
        case .perform(let id, let call, let world, let lane, let isRestricted, let attempt):
            perform(id, call, world, lane, isRestricted, attempt)
        case .promote(let id):
            running[id]?.isRestricted = false
            running[id]?.isPressed = false
        case .cancel(let id):
            running[id]?.isCancelled = true
            // Stopped by the user: whether it took effect, nobody says.
            if let place = sent.firstIndex(where: { $0.work == id }) { sent.remove(at: place) }
            running[id]?.question = nil
            at(now + scenario.cancelSeconds * scenario.draw.uniform("cancel", .init(id.number)), .workEnded(id))
        case .commit(let world):
            forks[world, default: 0] += 1
            committing.insert(world)
            at(now, .committed(world))
        case .discard(let world):
            forks[world, default: 0] += 1
            if running.values.contains(where: { $0.world == world }) {
                violations.append("layer discarded under running work")
            }
        case .record(let event): record(event)
        case .release(.text(let text, let turn)): released[turn, default: ""] += text
        case .release(.withdrawn(let turn)): released[turn] = nil
        case .requestApproval(let id, _):
            if !committing.isEmpty { violations.append("an approval asked for before a commit was durable") }
            let person: [Draw.Part] = ["person", .init(id.turn), .init(id.index)]
            let yes = scenario.draw.uniform(person + ["yes"]) < 0.7
            at(now + scenario.law.sample(mean: 0.4, scenario.draw, person), .approvalAnswered(id, yes))
        case .wake(let alarm, let time): at(time, .woke(alarm))
        case .observe, .substitute: break
        case .awaitMessage:
            at(
                now + scenario.seconds(0.7, "types", .init(tree.transcript.turns)),
                .messageArrived("go on \(tree.transcript.turns)"))
        case .finish(let end): self.end = end
        }
    }

    private mutating func checkPlan() {
        for command in tree.replanned(slots) {
            switch command {
            case .ask, .perform, .predict, .cancel, .discard: violations.append("\(now): missed: \(command)")
            default: break
            }
        }
    }

    // MARK: - Work

    private mutating func ask(_ id: WorkID, _ request: ModelRequest, _ attempt: Int) {
        let digest = digests.digest(request)
        let turn = request.transcript.turns
        let question = "\(turn) \(digest)"
        if running.values.contains(where: { $0.question == question }) {
            violations.append("two live requests of one key")
        }
        running[id] = Running(resource: .endpoint("actor"), start: now, question: question)
        let answer = scenario.answer(digest, turn: turn, attempt: attempt)
        let calls = answer.turn.calls
        let parts = scenario.chunks + 1
        var sealed = 0
        if !answer.turn.text.isEmpty, scenario.chunks > 0 {
            at(now + answer.seconds / Double(2 * parts), .answerStreamed(id, .text(answer.turn.text)))
        }
        for part in 1..<parts {
            let time = now + answer.seconds * Double(part) / Double(parts)
            while sealed < Int(Double(part) / Double(parts) * Double(calls.count + 1)), sealed < calls.count {
                at(time, .answerStreamed(id, .callStarted(index: sealed, name: calls[sealed].name)))
                at(time, .answerStreamed(id, .callSealed(index: sealed, calls[sealed])))
                sealed += 1
            }
        }
        let end = now + answer.seconds
        if answer.fails {
            at(end, .answerFailed(id, ModelFailure(.server, "simulated")))
        } else {
            // Four bytes a token, as the core takes it: what is reserved is the most that it can cost.
            let input = scenario.isGame ? 1 : request.transcript.size / 4
            at(end, .answerFinished(id, Answer(answer.turn, usage: Usage(input: input, output: 100))))
        }
    }

    private mutating func predict(_ id: WorkID, _ context: SpeculationContext) {
        running[id] = Running(resource: nil, start: now)
        let transcript = digests.digest(context.request.transcript)
        let question = digests.digest(foreseen(context.request))
        var last = now
        for guess in scenario.guesses(transcript, question, turn: context.turnNumber) {
            at(now + guess.seconds, .predictionsArrived(id, [guess.prediction]))
            last = max(last, now + guess.seconds)
        }
        at(last, .predictionEnded(id, usage: nil))
    }

    /// Who guesses before the message has come knows what people usually say.
    private func foreseen(_ request: ModelRequest) -> ModelRequest {
        guard request.transcript.last == .message(SpeculationTree.unknownMessage) else { return request }
        let before = request.transcript.dropLast
        return ModelRequest(
            role: request.role, transcript: before.appending(.message("go on \(before.turns)")), view: request.view)
    }

    private mutating func perform(
        _ id: WorkID, _ call: Call, _ world: WorldID, _ lane: Lane, _ isRestricted: Bool, _ attempt: Int
    ) {
        guard let tool = SimulatedTool(call) else {
            violations.append("an unknown tool was performed")
            return
        }
        let key = SimulatedTool.key(call)
        let draw = scenario.draw
        running[id] = Running(
            resource: .tool("act", tool.effect, of: RunID(1)), start: now, isRestricted: isRestricted, world: world)
        starts[id.number] = now
        if lane == .shadow, tool.effect == .external || scenario.needsApproval(call) {
            violations.append(
                tool.effect == .external ? "external call before confirmation" : "ran before its approval")
        }
        if tool.effect == .external, !committing.isEmpty {
            violations.append("external call before a commit was durable")
        }
        if lane == .shadow, tool.effect == .contained,
            draw.uniform(["fork"] + key + [.init(id.number)]) < scenario.faultRate / 4
        {
            forks[world] = nil
            at(now, .branchFailed(id, EnvironmentFailure(.noSpace, "simulated")))
            return
        }
        var (seconds, fails, kind) = scenario.tool(call, attempt: attempt)
        if isRestricted { seconds *= scenario.slowdown }
        var isTainted = false
        if isRestricted, draw.uniform(["taint"] + key) < scenario.taintRate {
            // Felt on the way and reported at once; or, where nobody can lift it, only known with the result.
            if scenario.policy.canLiftRestrictions || draw.uniform(["taint how"] + key) < 0.5 {
                at(now + seconds * draw.uniform(["taint when"] + key), .callTainted(id))
            } else {
                isTainted = true
            }
        }
        if !isRestricted, draw.uniform(["pressure"] + key + [.init(id.number)]) < scenario.taintRate / 4 {
            // Memory or disk that others take as well: told of any work, and of use only ahead.
            running[id]?.isPressed = true
            at(now + seconds * draw.uniform(["pressure when"] + key), .callTainted(id))
        }
        if tool.effect == .external {
            if !fails || kind == .unknownOutcome && draw.uniform(["effect"] + key + [.init(attempt)]) < 0.5 {
                sent.append((id, call))
            }
        }
        if fails { return at(now + seconds, .callFailed(id, CallFailure(kind, "simulated"))) }
        let (state, output) = tool.act(
            on: states[world] ?? [0, 0, 0, 0], version: scenario.version(tool.key, at: now), draw)
        if tool.effect == .contained { states[world] = state }
        let reads: Footprint = .resources(
            tool.kind == .look
                ? ["o\(tool.key)"] : tool.kind == .write && tool.key == 3 ? ["s3", "o3"] : ["s\(tool.key)"])
        let writes: Footprint = tool.effect == .contained ? .resources(["s\(tool.key)"]) : .nothing
        at(
            now + seconds,
            .callFinished(
                id,
                CallResult(
                    Output(isTainted ? "restricted" : output), reads: reads, writes: writes, isTainted: isTainted)))
    }

    private mutating func record(_ event: RunEvent) {
        switch event {
        case .turnTaken(let turn, _, let answer, _, _, _):
            landmarks.append(.turn(turn, now))
            answered[turn] = answer
        case .callTaken(let turn, let index, let call, let output, _, _, _, let work):
            let readAt = work.flatMap { starts[$0] }
            landmarks.append(
                .call(TakenCall(turn: turn, index: index, call: call, output: output, readAt: readAt, time: now)))
        case .approvalAnswered: landmarks.append(.barrier(now))
        case .messageJoined(let turn, let text):
            joined[turn, default: []].append(text)
            landmarks.append(.barrier(messageTimes[text] ?? now))
        default: break
        }
    }
}

extension Event {
    /// The work that this event is about.
    var work: WorkID? {
        switch self {
        case .predictionsArrived(let id, _), .predictionEnded(let id, _), .answerStreamed(let id, _),
            .answerFinished(let id, _), .answerFailed(let id, _), .callFinished(let id, _), .callFailed(let id, _),
            .callTainted(let id), .branchFailed(let id, _), .workEnded(let id):
            id
        default: nil
        }
    }

    var endsWork: Bool {
        switch self {
        case .predictionEnded, .answerFinished, .answerFailed, .callFinished, .callFailed, .branchFailed, .workEnded,
            .committed, .commitFailed:
            true
        default: false
        }
    }
}
