import ForerunCore
import ForerunRuntime
import Foundation

/// Stockfish against itself, with a speculator of few nodes: five games, sequential and speculative.
struct ChessBenchmark: Benchmark {
    let name = "chess"
    static let games = 5

    func run(report: (Measurement) -> Void) async throws {
        var ratios: [(ratio: Double, comparison: Comparison)] = []
        for game in 0..<Self.games {
            // Other games: other strengths of the actor, a few nodes apart.
            let nodes = 600_000 + game * 5_000
            let comparison = try await compare(nodes: nodes)
            guard comparison.identical else { throw BenchmarkError("game \(game) differs: \(comparison.differences)") }
            ratios.append((comparison.ratio, comparison))
            let statistics = comparison.speculative.statistics
            report(
                Measurement(
                    of: "game \(game), \(nodes) nodes, \(statistics.turns) plies", metric: "wall", unit: "s",
                    value: comparison.speculative.seconds, baseline: "sequential",
                    baselineValue: comparison.sequential.seconds, seed: game))
            report(
                Measurement(
                    of: "game \(game)", metric: "turn hits", unit: "count", value: Double(statistics.turnHits),
                    baseline: "turns", baselineValue: Double(statistics.turns), seed: game))
        }
        let estimated = ratios.reduce(0) { $0 + $1.comparison.speculative.savedSeconds }
        let measured = ratios.reduce(0) { $0 + $1.comparison.sequential.seconds - $1.comparison.speculative.seconds }
        report(
            Measurement(
                of: "\(Self.games) games", metric: "saved by the report's own estimate", unit: "s", value: estimated,
                baseline: "measured", baselineValue: measured))
        let median = ratios.sorted { $0.ratio < $1.ratio }[ratios.count / 2].comparison
        report(
            Measurement(
                of: "median of \(Self.games) games", metric: "wall", unit: "s", value: median.speculative.seconds,
                baseline: "sequential", baselineValue: median.sequential.seconds))
    }

    private func compare(nodes: Int) async throws -> Comparison {
        let runtime = AgentRuntime()
        let request = RunRequest(
            agent: "chess", workspace: FileManager.default.currentDirectoryPath,
            assignments: [try ConfigurationAssignment(set: "engine.nodes=\(nodes)")],
            variables: ProcessVariables.current,
            keepsLog: false)
        return try await runtime.compare(request)
    }
}
