import ForerunCore
import ForerunRuntime
import ForerunSimulation
import Foundation

/// How much one core decides, and how much a waiting agent holds.
struct ScaleBenchmark: Benchmark {
    let name = "scale"

    func run(report: (Measurement) -> Void) async throws {
        for measurement in try await waiting() { report(measurement) }
        report(streaming())
        for (title, spec) in Self.fleets {
            report(Self.alone(spec, title, "decision events alone"))
            var streamed = spec
            streamed.pieces = Self.piecesOfText
            report(Self.alone(streamed, title, "with \(Self.piecesOfText) pieces of text a turn"))
        }
        for (title, spec) in Self.fleets {
            let (result, seconds) = Self.timed(spec)
            report(
                Measurement(
                    of: title, metric: "events a second on one processor, simulation included", unit: "1/s",
                    value: Double(result.events) / seconds))
        }
        report(hour())
    }

    // MARK: - The core

    /// Pieces of an answer, the most frequent of all events.
    private func streaming() -> Measurement {
        let (run, endpoint) = (RunID(1), Resource.endpoint("actor"))
        var slots = Scheduler(capacities: [endpoint: 8])
        slots.join(run, reserving: [endpoint: 1])
        let setup = SpeculationTree.Setup(
            run: run, program: ReActProgram(role: ModelRequest.Role(name: "actor")), book: EveryCallReads(),
            endpoints: ["actor": endpoint])
        var tree = SpeculationTree(setup, transcript: Transcript([.message("task")]))
        var work = WorkID(1)
        for case .ask(let id, _, _, _, _) in tree.on(.started, at: 0, slots: &slots) { work = id }
        let count = 2_000_000
        let start = Usage.threadSeconds
        for piece in 0..<count {
            _ = tree.on(.answerStreamed(work, .text("word ")), at: Double(piece) * 1e-6, slots: &slots)
        }
        return Measurement(
            of: "text of an answer", metric: "events a second on one processor", unit: "1/s",
            value: Double(count) / (Usage.threadSeconds - start))
    }

    /// Agents of 30 turns with one call each; answers of 1 s, guesses of 0.1 s, by exponential laws.
    private static let fleets: [(title: String, spec: FleetSpec)] = {
        var one = FleetSpec()
        (one.agents, one.spacing) = (1000, 0.1)
        one.policy = SpeculationPolicy(width: 1, depth: 4, maxExtraCost: .unlimited)
        var (off, three) = (one, one)
        off.policy.mode = .off
        three.policy.width = 3
        three.accuracy = [0.47, 0.25, 0.16]
        return [("in turn", off), ("one guess a turn", one), ("three guesses a turn", three)]
    }()

    /// What agents wrote beside their calls in recorded runs of eleven domains: 158 bytes a turn on average, four bytes a
    /// token, a token a piece.
    private static let piecesOfText = 40

    /// The core and the scheduler alone: they are told what the cores of a simulated fleet were told.
    private static func alone(_ fleet: FleetSpec, _ title: String, _ mix: String) -> Measurement {
        var spec = fleet
        spec.agents = 100
        let recording = FleetDriver(spec).record()
        let start = Usage.threadSeconds
        for _ in 0..<3 { recording.play() }
        return Measurement(
            of: "100 agents \(title), \(mix)", metric: "events a second on one processor, the core alone", unit: "1/s",
            value: Double(3 * recording.events) / (Usage.threadSeconds - start))
    }

    private func hour() -> Measurement {
        var spec = Self.fleets[1].spec
        (spec.agents, spec.spacing) = (10_000, 0.36)
        let (result, seconds) = Self.timed(spec)
        return Measurement(
            of: "10,000 agents in \(Int(result.end / 60)) minutes of virtual time, one guess a turn",
            metric: "processor time",
            unit: "s", value: seconds)
    }

    private static func timed(_ spec: FleetSpec) -> (FleetResult, seconds: Double) {
        let start = Usage.threadSeconds
        let result = FleetDriver(spec).run()
        return (result, Usage.threadSeconds - start)
    }

    // MARK: - Waiting

    /// Real runs, each with a connection of its own, that all wait for their answers at the same time.
    private func waiting() async throws -> [Measurement] {
        let agents = 2000
        try Usage.allowFiles(agents + 500)
        return try await MockProcess.with(script: "waiting") { url in
            let slots = SlotKeeper()
            let before = Usage.residentMegabytes
            let most = try await withThrowingTaskGroup(of: Double?.self) { group in
                for agent in 0..<agents {
                    group.addTask {
                        _ = try await StepsAgent(
                            url: url, mode: .off, slots: slots, turns: 2, concurrency: agents
                        ).run(task: "agent \(agent)")
                        return nil
                    }
                }
                group.addTask {
                    var most = 0.0
                    while !Task.isCancelled {
                        most = max(most, Usage.residentMegabytes)
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                    return most
                }
                var left = agents
                while let result = try await group.next() {
                    if let result { return result }
                    left -= 1
                    if left == 0 { group.cancelAll() }
                }
                return 0
            }
            return [
                Measurement(
                    of: "2,000 live agents that wait", metric: "memory of the process", unit: "MB", value: most,
                    baseline: "before they began", baselineValue: before)
            ]
        }
    }
}

/// Every call is a read of the world.
private struct EveryCallReads: CallBook {
    func judge(_ call: Call) -> JudgedCall {
        JudgedCall(
            call, identity: CallIdentity(name: call.name, arguments: call.arguments),
            verdict: .perform(CallTraits(effect: .readOnly)))
    }
}
