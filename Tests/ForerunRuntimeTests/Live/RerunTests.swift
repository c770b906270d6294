import ForerunCore
import ForerunEndpoints
import ForerunMockServer
import ForerunTesting
import ForerunTransport
import Foundation
import Synchronization
import Testing

@testable import ForerunRuntime
@testable import ForerunStore

/// Runs of the live driver over real HTTP: what is kept of them is enough to make the same decisions again.
struct RerunTests {
    private static let turns = [
        Turn(text: "I look at größe.", calls: [Call("get", ["key": "a"]), Call("get", ["key": "b"])]),
        Turn(calls: [Call("set", ["key": "a", "value": 1])]),
        Turn(calls: [Call("gett", ["key": "a"]), Call("get", [:]), Call("get", ["key": "a"])]),
        Turn(calls: [Call("set", ["key": "b", "value": 2]), Call("get", ["key": "a"]), Call("send", ["value": 3])]),
        Turn(calls: [Call("get", ["key": "b"])]),
        Turn(text: "a is 1 and b is 2, which is what was asked for."),
    ]

    /// A run, and what it met.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Guesses of a turn, best first.
        var guesses: @Sendable (Int) -> [Turn] = { RerunTests.turns.indices.contains($0) ? [RerunTests.turns[$0]] : [] }
        var policy = SpeculationPolicy(depth: 6, maxExtraCost: .unlimited)
        var commentary = Commentary.drop
        var faults: [Fault] = []
        var limits = Limits()
        var permissions = Permissions([.init("*", .allow)])
        var capacity = 8
        var answer: @Sendable (Call) -> Bool = { _ in true }
        /// What the user does beside the run.
        var meddle: @Sendable (LiveRun) -> Void = { _ in }
        var end: @Sendable (RunEnd) -> Bool = { $0 == .finished }
    }

    private static let wrong = Turn(calls: [Call("set", ["key": "a", "value": 99]), Call("get", ["key": "zzz"])])

    private static func after(_ milliseconds: Int, _ body: @escaping @Sendable (LiveRun) -> Void)
        -> @Sendable (LiveRun) -> Void
    {
        { live in
            Task {
                try await Task.sleep(for: .milliseconds(milliseconds))
                body(live)
            }
        }
    }

    static let cases: [Case] = [
        Case(testDescription: "every guess right"),
        Case(testDescription: "every guess wrong", guesses: { _ in [wrong, Turn(text: "So.")] }),
        Case(
            testDescription: "guesses that are right in part",
            guesses: { turn in
                guard turns.indices.contains(turn) else { return [] }
                return [
                    wrong, Turn(calls: Array(turns[turn].calls.prefix(1))), Turn(calls: turns[turn].calls.reversed()),
                    Turn(calls: turns[turn].calls + [Call("get", ["key": "c"])]),
                ]
            }),
        Case(testDescription: "no guess", guesses: { _ in [] }),
        Case(testDescription: "words stay", commentary: .keep),
        Case(testDescription: "tools only", policy: SpeculationPolicy(mode: .tools, maxExtraCost: .unlimited)),
        Case(testDescription: "observing", policy: SpeculationPolicy(mode: .observe)),
        Case(
            testDescription: "by tiers, restricted work hedged",
            policy: SpeculationPolicy(rule: .tiers, speed: .fastest, width: 2, depth: 3)),
        Case(
            testDescription: "whatever is probable enough",
            policy: SpeculationPolicy(rule: .threshold, width: 3, depth: 4, threshold: 0)),
        Case(
            testDescription: "a small budget for speculation",
            policy: SpeculationPolicy(maxExtraCost: ExtraCostLimit(ratio: nil, tokens: 900))),
        Case(testDescription: "one request at a time", capacity: 1),
        Case(
            testDescription: "answers that fail and are asked again",
            faults: [
                Fault(.status, at: .step(1), times: 1, status: 503), Fault(.close, at: .step(3), times: 1, after: 1),
            ]),
        Case(
            testDescription: "an endpoint that fails for good",
            faults: [Fault(.status, at: .step(2), times: nil, status: 500)],
            end: { if case .endpointFailed = $0 { true } else { false } }),
        Case(testDescription: "a limit of steps", limits: Limits(steps: 3), end: { $0 == .limit(.steps) }),
        Case(testDescription: "a limit of tokens", limits: Limits(tokens: 40), end: { $0 == .limit(.tokens) }),
        // Less than any answer takes.
        Case(testDescription: "a limit of time", limits: Limits(seconds: 0.015), end: { $0 == .limit(.seconds) }),
        Case(
            testDescription: "calls that are allowed",
            permissions: Permissions([.init("*", .allow), .init("set", .ask), .init("send", .ask)])),
        Case(
            testDescription: "calls that are denied",
            permissions: Permissions([.init("*", .allow), .init("set", .ask), .init("send", .deny)]),
            answer: { $0.arguments["key"] == "b" }),
        Case(
            testDescription: "messages that arrive",
            meddle: { live in
                after(30) { $0.send("Hurry.") }(live)
                after(60) { $0.send("Now!", isUrgent: true) }(live)
            }, end: { _ in true }),
        Case(testDescription: "an interruption", meddle: after(60) { $0.interrupt() }, end: { _ in true }),
        Case(
            testDescription: "a halt, and a message after it",
            meddle: { live in
                after(40) { $0.halt() }(live)
                after(80) { $0.send("Go on.") }(live)
                after(90) { $0.endMessages() }(live)
            }, end: { _ in true }),
        Case(
            testDescription: "speculation switched off and on",
            meddle: { live in
                after(30) { $0.switchSpeculation(isOn: false) }(live)
                after(70) { $0.switchSpeculation(isOn: true) }(live)
            }),
        Case(
            testDescription: "changes by others",
            meddle: { live in
                for time in [20, 50, 80] { after(time) { $0.worldChanged(.resources(["a"])) }(live) }
            }),
    ]

    @Test(arguments: cases)
    func theSameDecisionsAreMadeAgain(_ item: Case) async throws {
        let folder = try TemporaryFolder()
        let (report, bytes) = try await Self.record(item, in: folder)
        #expect(item.end(report.end), "\(report.end)")
        let again = Rerun(bytes)
        #expect(
            again.isSame && again.isWhole && again.damage == nil, "\(RerunText(again).lines.joined(separator: "\n"))")
        #expect(again.parts == 1 && again.events > 5)
        // The scheduler of a run that has its process for itself grants the same.
        #expect(again.grantedOtherwise == 0)
    }

    /// Other rules, and other numbers that decisions are made by, are named where they first tell.
    @Test func anotherCoreIsNoticed() async throws {
        let folder = try TemporaryFolder()
        let (_, bytes) = try await Self.record(Self.cases[2], in: folder)
        var rules = Rules()
        rules.unusedWorldsAreDiscarded = false
        #expect(Rerun(bytes, rules: rules).difference?.kinds.isEmpty == false)
        let text = String(decoding: bytes, as: UTF8.self)
        for (number, other) in [(#""width":3"#, #""width":1"#), (#""mode":"full""#, #""mode":"tools""#)] {
            let changed = text.replacingOccurrences(of: number, with: other)
            #expect(changed != text)
            let difference = try #require(Rerun(Array(changed.utf8)).difference)
            #expect(difference.line > 1 && difference.part == 1)
            let lines = RerunText(Rerun(Array(changed.utf8))).lines
            #expect(lines.first?.hasPrefix("other decisions in line \(difference.line)") == true, "\(lines)")
        }
    }

    /// Many runs at once take slots from each other: each is decided again without the others.
    @Test func runsThatShareAnEndpointAreDecidedAgainAlone() async throws {
        let folder = try TemporaryFolder()
        let slots = SlotKeeper(capacities: [.endpoint("mock"): 3])
        let runs = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for number in 0..<6 {
                group.addTask { try await Self.record(Self.cases[0], in: folder, number, slots: slots).bytes }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for bytes in runs {
            let again = Rerun(bytes)
            #expect(again.isSame && again.isWhole, "\(RerunText(again).lines.joined(separator: "\n"))")
        }
    }

    /// A file that cannot be written ends the keeping, and nothing else.
    @Test func aRunGoesOnWithoutIt() async throws {
        let folder = try TemporaryFolder()
        let (report, bytes) = try await Self.record(Self.cases[0], in: folder, path: folder.path + "/no/such/place")
        #expect(report.end == .finished && bytes.isEmpty)
    }

    /// Where nothing is guessed, nothing is kept.
    @Test func aSequentialRunKeepsNothing() async throws {
        let folder = try TemporaryFolder()
        var item = Self.cases[0]
        item.policy.mode = .off
        let (report, bytes) = try await Self.record(item, in: folder)
        #expect(report.end == .finished && bytes.isEmpty)
    }

    /// What was learnt before a run is part of what is kept, to the last digit.
    @Test func aRunBeginsWithWhatTheFileSays() async throws {
        let folder = try TemporaryFolder()
        var experience = Experience()
        for number in 0..<6 {
            let (report, bytes) = try await Self.record(
                Self.cases[number % 3], in: folder, number, experience: experience)
            let again = Rerun(bytes)
            #expect(again.isSame, "\(RerunText(again).lines.joined(separator: "\n"))")
            experience = report.experience
        }
    }

    // MARK: - A run

    private final class TemporaryFolder: Sendable {
        let path: String

        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/forerun-decisions-\(UUID())"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func record(
        _ item: Case, in folder: TemporaryFolder, _ number: Int = 0, path: String? = nil, slots: SlotKeeper? = nil,
        experience: Experience = Experience()
    ) async throws -> (report: RunReport, bytes: [UInt8]) {
        let actor = MockModel(
            "actor", .script(ScriptedTurns(turns.map { ScriptedTurn($0) })), latency: LatencyLaw(.fixed, mean: 0.02),
            chunk: 3, faults: item.faults)
        let path = path ?? "\(folder.path)/\(number).jsonl"
        let report = try await withMockServer(MockScript(models: [actor])) { address in
            let client = HTTPClient()
            defer { client.shutDown() }
            let world = LedgerWorld(delay: .milliseconds(2))
            let endpoint = EndpointConfiguration(name: "mock", baseURL: address, concurrency: item.capacity)
            let role = ModelRequest.Role(
                name: "actor", instructions: "Do as you are told.", tools: world.tools,
                options: SamplingOptions(maxTokens: 200))
            let speculator = ScriptedSpeculator { item.guesses($0.turnNumber) }
            var plan = RunPlan(
                program: ReActProgram(role: role, commentary: item.commentary), environment: world,
                book: try ToolBook(tools: world.tools, environment: world, permissions: item.permissions),
                actors: [
                    "actor": RunPlan.ActorPlan(
                        try endpoint.model("actor", client: client), resource: .endpoint("mock"),
                        price: Price(input: 1, output: 5))
                ],
                speculators: [RunPlan.SpeculatorPlan(speculator)], policy: item.policy, limits: item.limits,
                retry: RetryPolicy(attempts: 3, base: 0.01, cap: 0.02), task: "Do it.", experience: experience)
            plan.decisions = DecisionLog(path: path)
            let user = RunUser(approve: { item.answer($0) }, nextMessage: nil)
            let live = LiveRun(
                plan, slots: slots ?? SlotKeeper(capacities: [.endpoint("mock"): item.capacity]), user: user)
            item.meddle(live)
            let report = await live.run()
            plan.decisions?.handOver()
            return report
        }
        return (report, (try? Data(contentsOf: URL(filePath: path))).map { Array($0) } ?? [])
    }
}
