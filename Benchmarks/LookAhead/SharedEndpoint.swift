import ForerunCore
import ForerunRuntime
import ForerunSimulation

/// Many agents on one endpoint with a rate limit, all starting at once: with speculation none may wait longer.
enum SharedEndpoint {
    /// - Returns: medians and 99th percentiles of the agents' times, over three rounds.
    static func live() async throws -> [Measurement] {
        let agents = 50
        let seconds = try await MockProcess.with(script: "lookahead-load") { url in
            _ = try await StepsAgent(url: url).run(task: "warm up")
            var seconds: [[Double]] = [[], []]
            for round in 0..<3 {
                for (place, mode) in [SpeculationPolicy.Mode.off, .full].enumerated() {
                    var agent = StepsAgent(url: url, mode: mode, policy: SpeculationPolicy(speed: .fastest))
                    agent.hearsRates = true
                    seconds[place] += try await inGroups(of: agents, count: agents) { [agent] number in
                        try await agent.run(task: "agent \(number) of round \(round)").seconds
                    }
                }
            }
            return seconds
        }
        return quantiles("live, \(agents) agents, 9,000 requests a minute, 3 rounds", on: seconds[1], off: seconds[0])
    }

    /// The same figures of simulated fleets, with intervals over paired seeds.
    static func simulated() -> [Measurement] {
        let fleets = (1...8).map { seed in
            var spec = FleetSpec()
            spec.agents = 200
            spec.turns = 10
            spec.requestsPerMinute = 6000
            spec.policy = SpeculationPolicy(speed: .fastest, width: 1)
            spec.seed = UInt64(seed)
            return FleetComparison(spec)
        }
        let title = "simulated, 200 agents, 6,000 requests a minute, \(fleets.count) paired seeds"
        var measurements = quantiles(title, on: fleets.flatMap(\.on.durations), off: fleets.flatMap(\.off.durations))
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            let ratios = fleets.map { $0.on.quantile(share) / $0.off.quantile(share) }
            let interval = Bootstrap(seed: 1).interval(of: ratios)
            measurements.append(
                Measurement(
                    of: title, metric: "\(name), ratio: upper end of the 95 % bootstrap interval", unit: "ratio",
                    value: interval.upper, baseline: "lower end", baselineValue: interval.lower, seed: 1))
        }
        return measurements
    }

    private static func quantiles(_ title: String, on: [Double], off: [Double]) -> [Measurement] {
        [("p50", 0.5), ("p99", 0.99)].map { name, share in
            Measurement(
                of: title, metric: name, unit: "s", value: quantile(on, share), baseline: "without speculation",
                baselineValue: quantile(off, share), seed: 1)
        }
    }

    private static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}

/// Intervals of a mean by resampling (Efron, 1979): the percentile method.
struct Bootstrap {
    let seed: UInt64
    private static let samples = 2000

    /// The middle 95 % of the means of so many samples, drawn with replacement.
    func interval(of values: [Double]) -> (lower: Double, upper: Double) {
        let draw = Draw(seed: seed)
        let means = (0..<Self.samples).map { sample in
            values.indices.reduce(0.0) { $0 + draw.pick(values, .init(sample), .init($1)) } / Double(values.count)
        }.sorted()
        return (means[Self.samples / 40], means[Self.samples - Self.samples / 40 - 1])
    }
}
