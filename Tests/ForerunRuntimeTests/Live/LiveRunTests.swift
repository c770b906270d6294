import ForerunCore
import ForerunRuntime
import ForerunTesting
import ForerunWorkspace
import Synchronization
import Testing

/// The live driver with scripted models and real tasks: what the core decides is done, once, and nothing is left behind.
struct LiveRunTests {
    static let script = [
        Turn(text: "I look.", calls: [Call("get", ["key": "a"]), Call("get", ["key": "b"])]),
        Turn(calls: [Call("set", ["key": "a", "value": 1])]),
        Turn(calls: [Call("set", ["key": "b", "value": 2]), Call("get", ["key": "a"])]),
        Turn(calls: [Call("get", ["key": "b"])]),
        Turn(text: "a is 1 and b is 2"),
    ]

    /// Guesses every turn right.
    static let oracle = ScriptedSpeculator { context in
        context.turnNumber < script.count ? [Turn(calls: script[context.turnNumber].calls)] : []
    }

    struct Outcome {
        var report: RunReport
        var world: LedgerWorld
        var text: String
        var events: [RunEvent]
    }

    func run(
        _ turns: [Turn] = script, speculators: [any Speculator] = [], mode: SpeculationPolicy.Mode = .full,
        limits: Limits = Limits(), permissions: Permissions = Permissions([.init("*", .allow)]),
        user: RunUser = .absent,
        delay: Duration = .milliseconds(20), model: (any Model)? = nil, prepare: (LiveRun) -> Void = { _ in }
    ) async throws -> Outcome {
        let world = LedgerWorld(delay: .milliseconds(2))
        let slots = SlotKeeper(capacities: [.endpoint("actor"): 8])
        let role = ModelRequest.Role(name: "actor", tools: world.tools)
        let plan = RunPlan(
            program: ReActProgram(role: role), environment: world,
            book: try ToolBook(tools: world.tools, environment: world, permissions: permissions),
            actors: [
                "actor": RunPlan.ActorPlan(
                    model ?? ScriptedModel(turns, delay: delay), resource: .endpoint("actor"))
            ],
            speculators: speculators.map { RunPlan.SpeculatorPlan($0) },
            policy: SpeculationPolicy(mode: mode, depth: 6, maxExtraCost: .unlimited), limits: limits, task: "Do it.")
        let text = Mutex("")
        let events = Mutex<[RunEvent]>([])
        let live = LiveRun(plan, slots: slots, user: user) { notice in
            switch notice {
            case .text(let part, _): text.withLock { $0 += part }
            case .event(let event, _): events.withLock { $0.append(event) }
            case .fact, .warning, .withdrawn, .finished: break
            }
        }
        prepare(live)
        let report = await live.run()
        return Outcome(report: report, world: world, text: text.withLock { $0 }, events: events.withLock { $0 })
    }

    @Test func aRunWithoutSpeculatorsFinishes() async throws {
        let outcome = try await run(mode: .off)
        #expect(outcome.report.end == .finished)
        #expect(outcome.report.finalText == "a is 1 and b is 2")
        #expect(outcome.world.numbers == ["a": 1, "b": 2])
        #expect(outcome.text == "I look.a is 1 and b is 2")
        #expect(outcome.report.statistics.turns == 5)
    }

    @Test func aRunThatCannotBeOpenedAgainKeepsWhatItHadComeTo() async throws {
        let environment = WorkspaceEnvironment("/nowhere/\(UInt64.random(in: 0 ... .max))")
        var plan = RunPlan(
            program: ReActProgram(role: ModelRequest.Role(name: "actor")), environment: environment,
            book: try ToolBook(tools: [], environment: environment, permissions: Permissions([])),
            actors: ["actor": RunPlan.ActorPlan(ScriptedModel([]), resource: .endpoint("actor"))], task: "Do it.")
        let turn = Resumption.TakenTurn(
            role: "actor", answer: Turn(text: "Done."), usage: Usage(input: 10, output: 2), seconds: 3)
        plan.resumption = Resumption(opening: ["Do it."], turns: [turn], firstNumber: 9, elapsed: 7)
        let report = await LiveRun(plan, slots: SlotKeeper()).run()
        guard case .environmentFailed = report.end else {
            Issue.record("\(report.end)")
            return
        }
        #expect(report.seconds == 7 && report.statistics.turns == 1)
        #expect(report.ledger.usage == Usage(input: 10, output: 2) && report.sequentialSeconds == 3)
    }

    @Test(arguments: [SpeculationPolicy.Mode.observe, .tools, .full])
    func speculationChangesNothing(_ mode: SpeculationPolicy.Mode) async throws {
        let sequential = try await run(mode: .off)
        let speculative = try await run(speculators: [Self.oracle], mode: mode)
        #expect(speculative.report.digest == sequential.report.digest)
        #expect(speculative.report.transcript == sequential.report.transcript)
        #expect(speculative.text == sequential.text)
        #expect(speculative.world.numbers == sequential.world.numbers)
        #expect(speculative.world.openBranches == 0)
    }

    @Test func rightGuessesAreAskedAhead() async throws {
        let outcome = try await run(speculators: [Self.oracle], model: PatientModel(Self.script))
        #expect(outcome.report.statistics.turnHits >= 1)
        #expect(outcome.report.statistics.callHits >= 1)
    }

    /// Answers the first question when the second one has been asked ahead, however slow the machine is.
    private final class PatientModel: Model {
        let id = "patient/actor"
        private let script: ScriptedModel
        private let second = AsyncStream.makeStream(of: Void.self)

        init(_ turns: [Turn]) { script = ScriptedModel(turns) }

        func answer(
            _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
        ) async throws(ModelFailure) -> Answer {
            switch request.transcript.turns {
            case 0: for await _ in second.stream { break }
            case 1: second.continuation.yield()
            default: break
            }
            return try await script.answer(request, emit: emit)
        }
    }

    @Test func wrongGuessesLeaveNoTrace() async throws {
        let wrong = ScriptedSpeculator { _ in
            [
                Turn(calls: [Call("set", ["key": "a", "value": 99])]), Turn(calls: [Call("get", ["key": "zzz"])]),
                Turn(calls: [Call("send", ["value": 13])]),
            ]
        }
        let outcome = try await run(speculators: [wrong])
        #expect(outcome.report.end == .finished)
        #expect(outcome.world.numbers == ["a": 1, "b": 2])
        #expect(outcome.world.sent.isEmpty)
        #expect(outcome.world.openBranches == 0)
        #expect(outcome.report.statistics.turnHits == 0)
    }

    @Test func externalCallsHappenOnceAndInOrder() async throws {
        let turns = [
            Turn(calls: [Call("send", ["value": 1]), Call("send", ["value": 2])]),
            Turn(calls: [Call("send", ["value": 3])]),
            Turn(text: "sent"),
        ]
        let oracle = ScriptedSpeculator { context in
            context.turnNumber < turns.count ? [turns[context.turnNumber]] : []
        }
        let outcome = try await run(turns, speculators: [oracle])
        #expect(outcome.world.sent == [1, 2, 3])
    }

    @Test func aFailedAnswerIsAskedAgain() async throws {
        let flaky = FlakyModel(
            ScriptedModel(Self.script), failures: [1: ModelFailure(.server, "busy", retryAfter: 0.01)])
        let outcome = try await run(speculators: [Self.oracle], mode: .tools, model: flaky)
        #expect(outcome.report.end == .finished)
        #expect(outcome.world.numbers == ["a": 1, "b": 2])
    }

    @Test func anAnswerThatCannotBeHadEndsTheRun() async throws {
        let refusal = ModelFailure(.authentication, "no such key", status: 401)
        let outcome = try await run(model: FlakyModel(ScriptedModel(Self.script), failures: [2: refusal]))
        #expect(outcome.report.end == .endpointFailed(refusal))
        #expect(outcome.world.numbers == ["a": 1])
        #expect(outcome.world.openBranches == 0)
    }

    @Test func limitsEndTheRun() async throws {
        let outcome = try await run(speculators: [Self.oracle], limits: Limits(steps: 2))
        #expect(outcome.report.end == .limit(.steps))
        #expect(outcome.report.statistics.turns == 2)
        let time = try await run(limits: Limits(seconds: 0.05), delay: .seconds(30))
        #expect(time.report.end == .limit(.seconds))
    }

    @Test func anInterruptEndsTheRunAndLeavesNothing() async throws {
        let outcome = try await run(speculators: [Self.oracle], delay: .seconds(30)) { live in
            Task {
                try await Task.sleep(for: .milliseconds(50))
                live.interrupt()
            }
        }
        #expect(outcome.report.end == .interrupted)
        #expect(outcome.world.openBranches == 0)
        #expect(outcome.world.numbers.isEmpty)
    }

    @Test func nobodyThereMeansNo() async throws {
        let outcome = try await run(permissions: Permissions([.init("get", .allow), .init("set", .ask)]))
        #expect(outcome.report.end == .finished)
        #expect(outcome.world.numbers.isEmpty)
        let denied = outcome.events.contains {
            if case .approvalAnswered(_, _, granted: false) = $0 { true } else { false }
        }
        #expect(denied)
    }

    @Test func rejectedCallsComeBackAsErrors() async throws {
        let turns = [
            Turn(calls: [Call("gett", ["key": "a"]), Call("get", [:]), Call("get", malformed: "{\"key\": ")]),
            Turn(text: "so"),
        ]
        let outcome = try await run(turns)
        let outputs = outcome.report.transcript.entries.compactMap { entry -> Output? in
            if case .output(_, let output) = entry { output } else { nil }
        }
        #expect(outputs.count == 3)
        #expect(!outputs.contains { !$0.isError })
        #expect(outputs[0].text.contains("There is no tool `gett`"))
        #expect(outputs[1].text.contains("key"))
        #expect(outcome.world.performed == 0)
    }

    @Test func manyRunsShareAnEndpoint() async throws {
        let world = LedgerWorld()
        let slots = SlotKeeper(capacities: [.endpoint("actor"): 3])
        let role = ModelRequest.Role(name: "actor", tools: world.tools)
        let reports = try await withThrowingTaskGroup(of: RunReport.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let world = LedgerWorld()
                    let permissions = Permissions([.init("*", .allow)])
                    let book = try ToolBook(tools: world.tools, environment: world, permissions: permissions)
                    let model = ScriptedModel(Self.script, delay: .milliseconds(3))
                    let plan = RunPlan(
                        program: ReActProgram(role: role), environment: world, book: book,
                        actors: ["actor": RunPlan.ActorPlan(model, resource: .endpoint("actor"))],
                        speculators: [RunPlan.SpeculatorPlan(Self.oracle)], task: "Do it.")
                    return await LiveRun(plan, slots: slots).run()
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(reports.count == 20)
        #expect(Set(reports.map(\.digest)).count == 1)
        #expect(reports.allSatisfy { $0.end == .finished })
    }
}

/// A model that fails when asked for certain turns the first time.
private final class FlakyModel: Model {
    let id = "flaky/actor"
    private let inner: any Model
    private let failures: Mutex<[Int: ModelFailure]>

    init(_ inner: any Model, failures: [Int: ModelFailure]) {
        self.inner = inner
        self.failures = Mutex(failures)
    }

    func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        let failure = failures.withLock { failures in
            let failure = failures[request.transcript.turns]
            if failure?.kind.isRetryable == true { failures[request.transcript.turns] = nil }
            return failure
        }
        if let failure { throw failure }
        return try await inner.answer(request, emit: emit)
    }
}
