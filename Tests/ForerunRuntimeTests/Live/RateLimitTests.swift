import ForerunCore
import ForerunEndpoints
import ForerunMockServer
import ForerunTesting
import ForerunTransport
import Testing

@testable import ForerunRuntime

/// Rate limits are learnt from headers, for all runs of the process, and speculation leaves the real path its part.
struct RateLimitTests {
    private static let steps = 12

    /// So many requests at once that the limit bears the real path, and not all that could be guessed besides.
    private static let model = MockModel(
        "actor",
        .script(ScriptedTurns(steps: steps, tool: "get", arguments: ["key": "{step}"], final: "Done.")),
        latency: LatencyLaw(.fixed, mean: 0.25), limits: RateLimits(requests: 20, window: 4))

    /// Guesses that are all wrong: whatever is asked ahead is asked in vain.
    private static let wrong = ScriptedSpeculator { context in
        (0..<3).map { Turn(calls: [Call("get", ["key": .string("wrong \(context.turnNumber) \($0)")])]) }
    }

    private struct Outcome: Sendable {
        var end: RunEnd
        var limited: Int
        var asked: Int
    }

    private func run(_ wire: WireProtocol, _ mode: SpeculationPolicy.Mode) async throws -> Outcome {
        let asked = Counter()
        return try await withMockServer(MockScript(models: [Self.model]), onRecord: { _ in asked.add() }) { address in
            let client = HTTPClient()
            defer { client.shutDown() }
            let world = LedgerWorld()
            let slots = SlotKeeper(capacities: [.endpoint("mock"): 16])
            let rate = Resource.rate("mock", "actor")
            let endpoint = EndpointConfiguration(name: "mock", baseURL: address, wire: wire, concurrency: 16)
            let model = try endpoint.model(
                "actor", client: client, rates: RateGauge(rate, slots: slots))
            let plan = RunPlan(
                program: ReActProgram(role: ModelRequest.Role(name: "actor", tools: world.tools)), environment: world,
                book: try ToolBook(
                    tools: world.tools, environment: world, permissions: Permissions([.init("*", .allow)])),
                actors: ["actor": RunPlan.ActorPlan(model, resource: .endpoint("mock"), rate: rate)],
                speculators: mode == .off ? [] : [RunPlan.SpeculatorPlan(Self.wrong)],
                policy: SpeculationPolicy(
                    mode: mode, rule: .threshold, depth: 1, threshold: 0, maxExtraCost: .unlimited),
                task: "Do it.")
            let limited = Counter()
            let live = LiveRun(plan, slots: slots) { notice in
                if case .event(.answerFailed(_, let failure, _, _, _), _) = notice, failure.kind == .rateLimited {
                    limited.add()
                }
            }
            let report = await live.run()
            return Outcome(end: report.end, limited: limited.value, asked: asked.value)
        }
    }

    @Test(arguments: [WireProtocol.chat, .anthropic])
    func speculationTakesNothingFromTheRealPath(_ wire: WireProtocol) async throws {
        let sequential = try await run(wire, .off)
        #expect(sequential.end == .finished)
        #expect(sequential.limited == 0)
        #expect(sequential.asked == Self.steps + 1)
        // Where other work keeps this machine busy, guesses may come too late to be followed: once more then.
        for _ in 0..<5 {
            let speculative = try await run(wire, .full)
            #expect(speculative.end == .finished)
            #expect(speculative.limited <= sequential.limited)
            if speculative.asked > Self.steps + 1 { return }
        }
        Issue.record("nothing was ever asked ahead: this says nothing of rate limits")
    }

    @Test func tokensAreCountedInRequests() async throws {
        let slots = SlotKeeper()
        let rate = Resource.rate("mock", "m")
        let gauge = RateGauge(rate, slots: slots)
        func admits() -> Bool {
            var isAdmitted = false
            _ = slots.step { scheduler in
                isAdmitted = scheduler.admitsShadow(on: rate, at: slots.seconds(at: .now))
                return []
            }
            return isAdmitted
        }
        #expect(admits(), "nothing is known")
        var reading = try await Self.reading("x-ratelimit-limit-tokens: 100000", "x-ratelimit-remaining-tokens: 500")
        gauge.heard(reading, asked: .now)
        #expect(admits(), "nobody knows what a request takes")
        gauge.used(Usage(input: 900, output: 100))
        gauge.heard(reading, asked: .now)
        #expect(!admits(), "half a request is left")
        reading.tokens?.remaining = 90_000
        gauge.heard(reading, asked: .now)
        #expect(admits())
        // An endpoint that has enough gets nothing that can wait.
        reading.wait = 60
        gauge.heard(reading, asked: .now)
        #expect(!admits())
    }

    private static func reading(_ headers: String...) async throws -> RateReading {
        let server = try LoopbackServer { _, connection in connection.respond(200, "{}", headers: headers) }
        defer { server.close() }
        return try #require(RateReading(try await HTTPClient.shared.send(HTTPRequest(.get, server.url)), now: 0))
    }
}
