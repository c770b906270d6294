import ForerunCore
import ForerunRuntime

/// 20 steps over real HTTP, an actor of 300 ms and a speculator of 30 ms: what speculation saves where every guess is
/// right, costs where every guess is wrong, and brings with random latencies and guesses.
struct StepsBenchmark: Benchmark {
    let name = "steps"

    /// Fixed seeds of the random case: each is a task of its own, so that the server draws anew.
    static let seeds = 60
    /// Runs of the random case at a time; they sleep nearly always.
    static let together = 12

    func run(report: (Measurement) -> Void) async throws {
        report(try await single("every guess right, depth 8", script: "steps-hit", width: 1, depth: 8))
        report(try await single("every guess wrong, K 3", script: "steps-miss", width: 3, depth: 4))
        for measurement in try await pooled() { report(measurement) }
    }

    private func single(_ title: String, script: String, width: Int, depth: Int) async throws -> Measurement {
        let policy = SpeculationPolicy(width: width, depth: depth, maxExtraCost: .unlimited)
        let times = try await MockProcess.with(script: script) { url in
            // Once without counting: connections, code, caches.
            _ = try await StepsAgent(url: url, policy: policy).run(task: "warm up")
            var pairs: [(Double, Double)] = []
            for round in 0..<3 {
                let sequential = try await StepsAgent(url: url, mode: .off).run(task: "round \(round)")
                let speculative = try await StepsAgent(url: url, policy: policy).run(task: "round \(round)")
                try same(sequential, speculative)
                pairs.append((sequential.seconds, speculative.seconds))
            }
            return pairs.sorted { $0.1 / $0.0 < $1.1 / $1.0 }[1]
        }
        return Measurement(
            of: title, metric: "wall", unit: "s", value: times.1, baseline: "sequential", baselineValue: times.0)
    }

    private func pooled() async throws -> [Measurement] {
        let seeds = Self.seeds
        let reports = try await MockProcess.with(script: "steps-exponential") { url in
            _ = try await StepsAgent(url: url, policy: StepsAgent.deep).run(task: "warm up")
            return try await inGroups(of: Self.together, count: seeds) { seed in
                let sequential = try await StepsAgent(url: url, mode: .off).run(task: "seed \(seed)")
                let speculative = try await StepsAgent(url: url, policy: StepsAgent.deep).run(task: "seed \(seed)")
                try same(sequential, speculative)
                return [sequential, speculative]
            }
        }
        let sequential = reports.reduce(0) { $0 + $1[0].seconds }
        let speculative = reports.reduce(0) { $0 + $1[1].seconds }
        let estimated = reports.reduce(0) { $0 + $1[1].savedSeconds }
        let asked = reports.reduce(0) { $0 + $1[1].statistics.askedAhead }
        let title = "exponential, p 0.55, depth 4, fastest, \(seeds) seeds pooled"
        return [
            Measurement(
                of: title, metric: "wall", unit: "s", value: speculative, baseline: "sequential",
                baselineValue: sequential,
                seed: 1),
            Measurement(
                of: title, metric: "saved by the report's own estimate", unit: "s", value: estimated,
                baseline: "measured",
                baselineValue: sequential - speculative, seed: 1),
            Measurement(
                of: title, metric: "questions asked ahead", unit: "count", value: Double(asked), baseline: "turns",
                baselineValue: Double(reports.reduce(0) { $0 + $1[1].statistics.turns }), seed: 1),
        ]
    }
}

/// Both runs said and did the same.
func same(_ a: RunReport, _ b: RunReport) throws {
    guard a.digest == b.digest else { throw BenchmarkError("the speculative run differs from the sequential one") }
}

/// Runs `body` for 0 ..< count, so many at a time.
func inGroups<Result: Sendable>(
    of size: Int, count: Int, body: @Sendable @escaping (Int) async throws -> Result
) async throws -> [Result] {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
        var results: [Int: Result] = [:]
        var next = 0
        while next < min(size, count) {
            let index = next
            group.addTask { (index, try await body(index)) }
            next += 1
        }
        while let (index, result) = try await group.next() {
            results[index] = result
            guard next < count else { continue }
            let following = next
            group.addTask { (following, try await body(following)) }
            next += 1
        }
        return results.sorted { $0.key < $1.key }.map(\.value)
    }
}
