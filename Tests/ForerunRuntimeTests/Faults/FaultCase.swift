import ForerunCore
import ForerunEndpoints
import ForerunMockServer
import ForerunRuntime
import ForerunTesting
import ForerunTransport

/// One fault at one place of one protocol, met by a run.
struct FaultCase: Sendable {
    var number: Int
    var fault: Fault
    var wire: WireProtocol
    var mode: SpeculationPolicy.Mode

    /// The name of its model: each case has one of its own, with that fault.
    var model: String { "case-\(number)" }

    /// What a run came to.
    struct Outcome: Sendable {
        var end: RunEnd
        var digest: String
        var outputs: [Output]
        var sent: [Int]
        var numbers: [String: Int]
        var openBranches: Int
        var attempts: Int
        var turns: Int
    }

    /// Reads, writes, sends and answers; what is sent must be sent once, and in order.
    static let turns = [
        Turn(text: "First I look.", calls: [Call("get", ["key": "a"]), Call("set", ["key": "a", "value": 1])]),
        Turn(
            text: "Now the rest of it.",
            calls: [Call("set", ["key": "b", "value": 2]), Call("send", ["value": 7]), Call("get", ["key": "b"])]),
        Turn(calls: [Call("send", ["value": 8])]),
        Turn(text: "a is 1, b is 2, and seven and eight are sent."),
    ]

    /// All positions: each fault at each of `steps`, those that happen amid a stream after so many events.
    static func all(steps: [Int], after: [Int], modes: [(SpeculationPolicy.Mode, times: Int?)]) -> [FaultCase] {
        var cases: [FaultCase] = []
        for wire in WireProtocol.allCases {
            for kind in Fault.Kind.allCases {
                // Completions answer with text, and that is the run.
                for step in wire == .completions ? [0] : steps {
                    for position in kind.keys.contains("after") ? after.map(Optional.some) : [nil] {
                        for (mode, times) in modes {
                            let fault = Fault(
                                kind, at: .step(step), times: times, after: position,
                                status: kind == .status ? 500 : nil, bytes: bytes(kind),
                                pause: kind == .drip ? 0.001 : nil)
                            cases.append(FaultCase(number: cases.count, fault: fault, wire: wire, mode: mode))
                        }
                    }
                }
            }
        }
        return cases
    }

    private static func bytes(_ kind: Fault.Kind) -> Int? {
        switch kind {
        case .drip: 64
        case .longLine: 1_000_000
        default: nil
        }
    }

    /// What the model says by this protocol.
    static func turns(_ wire: WireProtocol) -> [Turn] { wire == .completions ? turns.suffix(1) : turns }

    /// What is sent if nothing goes wrong.
    static func sent(_ wire: WireProtocol) -> [Int] { wire == .completions ? [] : [7, 8] }

    /// The server's script for these cases, and for each protocol a model without a fault.
    static func script(_ cases: [FaultCase]) -> MockScript {
        func answers(_ wire: WireProtocol) -> ScriptedTurns { ScriptedTurns(turns(wire).map { ScriptedTurn($0) }) }
        return MockScript(
            models: cases.map { MockModel($0.model, .script(answers($0.wire)), chunk: 2, faults: [$0.fault]) }
                + WireProtocol.allCases.map { MockModel(sound($0), .script(answers($0)), chunk: 2) })
    }

    /// The model without a fault.
    static func sound(_ wire: WireProtocol) -> String { "sound-\(wire.rawValue)" }

    func run(_ address: String, _ client: HTTPClient) async throws -> Outcome {
        // Only what is silent needs to be waited for; the rest is busy, however slow this machine is.
        let isSilent = fault.kind == .hang || fault.kind == .stall
        return try await Self.run(
            model, wire, mode, address, client, idleTimeout: !isSilent ? 60 : fault.times == nil ? 1.5 : 10)
    }

    static func run(
        _ model: String, _ wire: WireProtocol, _ mode: SpeculationPolicy.Mode, _ address: String, _ client: HTTPClient,
        idleTimeout: Double = 60
    ) async throws -> Outcome {
        let world = LedgerWorld()
        let endpoint = EndpointConfiguration(
            name: "mock", baseURL: address, wire: wire, concurrency: 4, idleTimeout: idleTimeout)
        let role = ModelRequest.Role(name: "actor", tools: world.tools)
        let oracle = ScriptedSpeculator { context in
            turns.indices.contains(context.turnNumber) ? [Turn(calls: turns[context.turnNumber].calls)] : []
        }
        let plan = RunPlan(
            program: ReActProgram(role: role), environment: world,
            book: try ToolBook(
                tools: world.tools, environment: world, permissions: Permissions([.init("*", .allow)])),
            actors: [
                "actor": RunPlan.ActorPlan(try endpoint.model(model, client: client), resource: .endpoint("mock"))
            ],
            speculators: mode == .off ? [] : [RunPlan.SpeculatorPlan(oracle)],
            policy: SpeculationPolicy(mode: mode, depth: 6, maxExtraCost: .unlimited), limits: Limits(steps: 20),
            retry: RetryPolicy(attempts: 3, base: 0.01, cap: 0.02), task: "Do it.")
        let failures = Counter()
        let live = LiveRun(plan, slots: SlotKeeper(capacities: [.endpoint("mock"): 4])) { notice in
            if case .event(.answerFailed, _) = notice { failures.add() }
        }
        let report = await live.run()
        return Outcome(
            end: report.end, digest: report.digest,
            outputs: report.transcript.entries.compactMap {
                if case .output(_, let output) = $0 { output } else { nil }
            },
            sent: world.sent, numbers: world.numbers, openBranches: world.openBranches, attempts: failures.value,
            turns: report.transcript.turns)
    }

    /// A line of the table.
    func line(_ outcome: Outcome, isSame: Bool) -> String {
        let place = fault.after.map { ", after \($0)" } ?? ""
        var step = 0
        if case .step(let number) = fault.place { step = number }
        let end: String
        switch outcome.end {
        case .finished: end = isSame ? "as without" : "finished"
        case .endpointFailed(let failure): end = "\(failure.kind)"
        default: end = "\(outcome.end)"
        }
        return [
            fault.name, wire.rawValue, "step \(step)\(place)", fault.times.map { "\($0)×" } ?? "always", mode.rawValue,
            end,
            "\(outcome.attempts) failed", "exit \(ExitStatus(outcome.end).code)",
        ].joined(separator: "\t")
    }
}
