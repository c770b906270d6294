@testable import ForerunCore

/// One run on paper: a test tells what happened, and sees what the core wants done, as lines of text.
///
/// The actor is asked at an endpoint of four slots, each tool bears four calls, one of each is the run's reserve. Lines
/// stand for commands: `ask #4 for turn 1 ahead`, `perform #3 read a in w0`. Records are left out: ``events`` has them.
final class Stage {
    private(set) var tree: SpeculationTree
    private(set) var slots: Scheduler
    private(set) var events: [RunEvent] = []

    init(
        mode: SpeculationPolicy.Mode = .full, speculators: Int = 1, canLiftRestrictions: Bool = false,
        approving: Set<String> = [], limits: Limits = Limits(), commentary: Commentary = .drop,
        isConversation: Bool = false, beginsAwaiting: Bool = false, capacity: Int = 4, substitutes: [Substitute] = [],
        prices: [String: Price] = [:],
        resuming past: Resumption? = nil, guesser: Resource? = nil, experience: Experience = Experience()
    ) {
        let actor = Resource.endpoint("actor")
        var setup = SpeculationTree.Setup(
            run: RunID(1),
            program: ReActProgram(
                role: ModelRequest.Role(name: "actor"), commentary: commentary, isConversation: isConversation),
            book: PaperBook(approving: approving),
            policy: SpeculationPolicy(
                mode: mode, rule: .threshold, depth: 4, maxExtraCost: .unlimited,
                canLiftRestrictions: canLiftRestrictions),
            limits: limits, endpoints: ["actor": actor], prices: prices,
            speculators: (0..<speculators).map { ("guesser \($0)", guesser) })
        setup.models["actor"] = "a/one"
        setup.isConversation = beginsAwaiting
        setup.substitutes["actor"] = substitutes
        tree =
            past.map { SpeculationTree(setup, resuming: $0) }
            ?? SpeculationTree(
                setup, transcript: beginsAwaiting ? Transcript() : Transcript([.message("task")]),
                experience: experience)
        slots = Scheduler(capacities: [actor: capacity])
        if let guesser { slots.setCapacity(capacity, of: guesser) }
        for substitute in substitutes { slots.setCapacity(capacity, of: substitute.resource) }
        var reserve = [actor: 1]
        for tool in PaperBook.tools {
            slots.setCapacity(capacity, of: PaperBook.resource(tool))
            reserve[PaperBook.resource(tool)] = 1
        }
        slots.join(RunID(1), reserving: reserve)
    }

    /// One event, and the commands that it leads to.
    func on(_ event: Event, at time: Double = 0) -> [String] {
        let commands = tree.on(event, at: time, slots: &slots)
        for case .record(let event) in commands { events.append(event) }
        return commands.compactMap(Self.line)
    }

    // MARK: - What happens

    func start() -> [String] { on(.started) }

    /// A speculator guesses that the turn will make these calls.
    func guess(_ work: Int, _ calls: Call..., outputs: [Int: Output] = [:], rank: Int = 0) -> [String] {
        on(.predictionsArrived(WorkID(work), [Prediction(Turn(calls: calls), outputs: outputs, rank: rank)]))
    }

    func stream(_ work: Int, _ delta: AnswerDelta) -> [String] { on(.answerStreamed(WorkID(work), delta)) }

    func answer(_ work: Int, _ calls: Call..., text: String = "") -> [String] {
        on(.answerFinished(WorkID(work), Answer(Turn(text: text, calls: calls), usage: Usage(input: 10, output: 1))))
    }

    func fail(_ work: Int, _ failure: ModelFailure, at time: Double = 0) -> [String] {
        on(.answerFailed(WorkID(work), failure), at: time)
    }

    func finish(
        _ work: Int, _ text: String, reads: Footprint = .everything, writes: Footprint = .everything,
        isTainted: Bool = false
    ) -> [String] {
        on(.callFinished(WorkID(work), CallResult(Output(text), reads: reads, writes: writes, isTainted: isTainted)))
    }

    func end(_ work: Int) -> [String] { on(.workEnded(WorkID(work))) }

    /// The outputs on the real path, in order.
    var outputs: [Output] {
        tree.transcript.entries.compactMap { if case .output(_, let output) = $0 { output } else { nil } }
    }

    /// Work that the scheduler has slots for, in all.
    var slotsInUse: Int {
        ([Resource.endpoint("actor")] + PaperBook.tools.map(PaperBook.resource)).reduce(0) { sum, resource in
            sum + slots.usage(of: resource).values.reduce(0, +)
        }
    }

    // MARK: - Lines

    private static func line(_ command: Command) -> String? {
        switch command {
        case .ask(let id, let request, let lane, let attempt, _):
            "ask \(id) for turn \(request.transcript.turns)" + suffix(lane, attempt)
        case .predict(let id, _, let context): "predict \(id) turn \(context.turnNumber)"
        case .fork(let child, let parent): "fork \(child) from \(parent)"
        case .perform(let id, let call, let world, let lane, let isRestricted, let attempt):
            "perform \(id) \(text(call)) in \(world)" + suffix(lane, attempt) + (isRestricted ? " restricted" : "")
        case .promote(let id): "promote \(id)"
        case .cancel(let id): "cancel \(id)"
        case .commit(let world): "commit \(world)"
        case .discard(let world): "discard \(world)"
        case .record: nil
        case .release(.text(let text, let turn)): "show turn \(turn): \(text)"
        case .release(.withdrawn(let turn)): "withdraw turn \(turn)"
        case .requestApproval(_, let call): "may I \(text(call))?"
        case .substitute(let role, let number): "model \(number) plays \(role)"
        case .wake(.retry(let id), let time): "retry \(id) at \(time)"
        case .wake(.timeLimit, let time): "stop at \(time)"
        case .observe(let turn, _):
            "learn " + (turn.calls.isEmpty ? turn.text : turn.calls.map(text).joined(separator: ", "))
        case .awaitMessage: "await a message"
        case .finish(let end): "finish: " + label(end)
        }
    }

    private static func suffix(_ lane: Lane, _ attempt: Int) -> String {
        (lane == .shadow ? " ahead" : "") + (attempt > 0 ? " again" : "")
    }

    private static func text(_ call: Call) -> String { "\(call.name) \(call.arguments["of"]?.stringValue ?? "")" }

    private static func label(_ end: RunEnd) -> String {
        switch end {
        case .finished: "finished"
        case .limit(let kind): "limit of \(kind.rawValue)"
        case .endpointFailed(let failure): "endpoint \(failure.kind)"
        case .environmentFailed(let failure): "environment \(failure.code)"
        case .interrupted: "interrupted"
        }
    }
}

/// Tools that do what their names say: `read` and `write` (in the branch), `send` (leaves it), `run` (a command that is
/// restricted ahead), `look` (reads outside).
struct PaperBook: CallBook {
    static let tools = ["read", "write", "send", "run", "look"]

    /// What the calls of a tool take slots of.
    static func resource(_ tool: String) -> Resource {
        .tool(tool, tool == "read" || tool == "look" ? .readOnly : .contained, of: RunID(1))
    }

    /// Tools that a person is asked about.
    var approving: Set<String> = []

    func judge(_ call: Call) -> JudgedCall {
        let identity = CallIdentity(name: call.name, arguments: call.arguments)
        var traits: CallTraits
        switch call.name {
        case "read": traits = CallTraits(effect: .readOnly)
        case "look": traits = CallTraits(effect: .readOnly, reads: .outside(timeToLive: 60))
        case "write": traits = CallTraits(effect: .contained)
        case "run": traits = CallTraits(effect: .contained, isRestrictedAhead: true)
        case "send": traits = CallTraits(effect: .external)
        default: return JudgedCall(call, identity: identity, verdict: .reject(Output("no such tool", isError: true)))
        }
        traits.needsApproval = approving.contains(call.name)
        return JudgedCall(call, identity: identity, verdict: .perform(traits))
    }
}

extension Call {
    static func read(_ what: String) -> Call { Call("read", ["of": .string(what)]) }
    static func look(_ what: String) -> Call { Call("look", ["of": .string(what)]) }
    static func write(_ what: String) -> Call { Call("write", ["of": .string(what)]) }
    static func run(_ what: String) -> Call { Call("run", ["of": .string(what)]) }
    static func send(_ what: String) -> Call { Call("send", ["of": .string(what)]) }
}
