import ForerunCore

extension AgentRuntime {
    /// The same run, sequentially, with recorded answers.
    func prepareReplay(_ request: RunRequest, of report: RunReport) async throws(RunFailure) -> LiveRun {
        var request = request
        do throws(ConfigurationError) {
            request.assignments.append(try ConfigurationAssignment(flag: "--verify", "speculation.mode", "off"))
        } catch {
            throw .configuration(error)
        }
        let prepared = try await prepare(request)
        let recorded = RecordedModel(report.transcript)
        var plan = prepared.assembly.plan(
            task: request.task, book: try prepared.book(), mode: .off, experience: Experience())
        plan.environment = RecordedOutside(
            plan.environment, effects: prepared.effects, transcript: report.transcript)
        for role in plan.actors.keys {
            plan.actors[role]?.model = recorded
            plan.actors[role]?.substitutes = []
        }
        plan.limits = Limits(steps: report.transcript.turns)
        // Asked again, the user answers as before.
        let outputs = report.transcript.outputsByCall
        let asked = CallCounter()
        let user = RunUser(approve: { call in
            let index = asked.next(call)
            let all = outputs[call] ?? []
            return !all.indices.contains(index) || all[index] != .denied
        })
        return LiveRun(plan, slots: slots, user: user)
    }
}

extension Transcript {
    /// What equal calls returned, in order.
    fileprivate var outputsByCall: [Call: [Output]] {
        var outputs: [Call: [Output]] = [:]
        var calls: [Call] = []
        for entry in entries {
            switch entry {
            case .turn(let turn): calls = turn.calls
            case .output(let index, let output): outputs[calls[index], default: []].append(output)
            case .message: break
            }
        }
        return outputs
    }
}

/// Answers with the committed turns, by their number.
private struct RecordedModel: Model {
    let id = "recorded/answers"
    private let turns: [Turn]

    init(_ transcript: Transcript) {
        turns = transcript.entries.compactMap { if case .turn(let turn) = $0 { turn } else { nil } }
    }

    func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        guard turns.indices.contains(request.transcript.turns) else {
            throw ModelFailure(.invalidRequest, "the record has no turn \(request.transcript.turns)")
        }
        return Answer(turns[request.transcript.turns])
    }
}

/// An environment whose external calls return what they returned before, and do nothing.
private final class RecordedOutside: ForerunCore.Environment {
    private let inner: any ForerunCore.Environment
    /// What the user says of a tool's effect.
    private let effects: [String: Effect]
    private let outputs: [Call: [Output]]
    private let next = CallCounter()

    init(_ inner: any ForerunCore.Environment, effects: [String: Effect], transcript: Transcript) {
        self.inner = inner
        self.effects = effects
        // A denied call was not performed.
        outputs = transcript.outputsByCall.mapValues { $0.filter { $0 != .denied } }
    }

    var name: String { inner.name }
    var tools: [Tool] { inner.tools }
    var canFork: Bool { inner.canFork }
    var warning: String? { inner.warning }
    func open() async throws(EnvironmentFailure) -> String? { try await inner.open() }
    func traits(of call: Call) -> CallTraits { inner.traits(of: call) }
    func subjects(of call: Call) -> [CallSubject] { inner.subjects(of: call) }
    func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {
        try await inner.fork(parent, as: child)
    }
    func perform(_ call: Call, in world: WorldID, context: CallContext) async throws(CallFailure) -> CallResult {
        guard (effects[call.name] ?? inner.traits(of: call).effect) == .external else {
            return try await inner.perform(call, in: world, context: context)
        }
        let all = outputs[call] ?? []
        let index = next.next(call)
        guard all.indices.contains(index) else {
            throw CallFailure(.notStarted, "the record has no output of this external call")
        }
        return CallResult(all[index])
    }
    func commit(_ world: WorldID) async throws(EnvironmentFailure) { try await inner.commit(world) }
    func discard(_ world: WorldID) async { await inner.discard(world) }
    func digest(of world: WorldID) async throws(EnvironmentFailure) -> String { try await inner.digest(of: world) }
    func close() async { await inner.close() }
}
