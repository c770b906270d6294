import ForerunCore
import ForerunRuntime
import ForerunTransport

/// A server without latency, 20 steps, a trivial tool: what Forerun itself costs, sequentially and with speculation, for
/// one agent and for 100 at a time in one process.
struct OverheadBenchmark: Benchmark {
    let name = "overhead"

    func run(report: (Measurement) -> Void) async throws {
        let measurements = try await MockProcess.with(script: "overhead") { url in
            var all: [Measurement] = []
            let bare = try await bareClient(url: url)
            for mode in [SpeculationPolicy.Mode.off, .full] {
                let title = mode == .off ? "sequential" : "speculative, every guess right"
                for agents in [1, 100] { all += try await measure(title, agents: agents, mode: mode, bare, url: url) }
            }
            return all
        }
        for measurement in measurements { report(measurement) }
    }

    /// Milliseconds for one request.
    private struct Bare {
        var cpu: Double
        var wall: Double
    }

    /// The same client with nothing around it: one small streamed answer after the other, not even read.
    private func bareClient(url: String) async throws -> Bare {
        let client = HTTPClient()
        defer { client.shutDown() }
        let body = #"{"model":"actor","stream":true,"messages":[{"role":"user","content":"warm up"}]}"#
        let request = HTTPRequest(
            .post, url + "/chat/completions", headers: HTTPHeaders([("content-type", "application/json")]),
            body: Array(body.utf8))
        for _ in 0..<50 { _ = try await client.send(request) }
        let cpu = Usage.cpuSeconds
        let wall = try await ContinuousClock().measure {
            for _ in 0..<630 {
                let response = try await client.send(request)
                guard response.status == 200 else { throw BenchmarkError("the mock server said \(response.status)") }
            }
        }
        let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18
        return Bare(cpu: (Usage.cpuSeconds - cpu) / 630 * 1000, wall: seconds / 630 * 1000)
    }

    private func measure(
        _ title: String, agents: Int, mode: SpeculationPolicy.Mode, _ bare: Bare, url: String
    ) async throws -> [Measurement] {
        let rounds = agents == 1 ? 30 : 1
        _ = try await StepsAgent(url: url, mode: mode, policy: StepsAgent.deep).run(task: "warm up")
        let cpu = Usage.cpuSeconds
        let clock = ContinuousClock()
        let wall = try await clock.measure {
            for round in 0..<rounds {
                let slots = SlotKeeper()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for agent in 0..<agents {
                        group.addTask {
                            _ = try await StepsAgent(url: url, mode: mode, policy: StepsAgent.deep, slots: slots)
                                .run(task: "agent \(agent) of round \(round)")
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
        let steps = Double(rounds * agents * 21)
        let name = "\(title), \(agents) agent\(agents == 1 ? "" : "s")"
        let seconds = Double(wall.components.seconds) + Double(wall.components.attoseconds) * 1e-18
        return [
            Measurement(
                of: name, metric: "client CPU a step", unit: "ms", value: (Usage.cpuSeconds - cpu) / steps * 1000,
                baseline: "a request of the bare HTTP client", baselineValue: bare.cpu),
            Measurement(
                of: name, metric: "wall a step", unit: "ms", value: seconds / steps * 1000,
                baseline: "a request of the bare HTTP client", baselineValue: bare.wall),
            Measurement(of: name, metric: "peak memory of the process", unit: "MB", value: Usage.peakMegabytes),
        ]
    }
}
