public import ForerunCore
import Glibc

/// A chess engine as a speculator: the best moves that a small search finds, best first.
public struct EngineSpeculator: Speculator {
    public let source: String
    public let endpoint: String?
    private let nodes: Int
    private let engines: EnginePool

    /// - Parameters:
    ///   - program: a name in `PATH` or `/usr/games`, or a path.
    ///   - nodes: positions that a search visits, over all its lines together.
    ///   - concurrency: the number of positions that are searched at a time, each in a process of its own.
    ///   - niceness: added to the niceness of these processes, so that they use what the actor's leave.
    ///   - endpoint: whose slots it takes, if it shall be counted.
    public init(
        source: String = "engine", program: String = "stockfish", nodes: Int = 15_000, concurrency: Int = 1,
        niceness: Int = 10, endpoint: String? = nil
    ) {
        self.source = source
        self.nodes = nodes
        self.endpoint = endpoint
        engines = EnginePool(UCIEngine.Options(program: program, niceness: niceness), limit: concurrency)
    }

    @discardableResult
    public func predict(
        _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
    ) async -> Usage? {
        guard context.width > 0, let position = PositionText.position(in: context.request) else { return .zero }
        let nodes = nodes
        let result: SearchResult
        do {
            result = try await engines.withEngine { (engine) async throws(EngineFailure) in
                try await engine.search(position, nodes: nodes, multiPV: context.width)
            }
        } catch {
            // A speculator that fails just ends.
            return .zero
        }
        guard !result.lines.isEmpty, !Task.isCancelled else { return .zero }
        let confidences = SearchLine.confidences(result.lines)
        emit(
            result.lines.enumerated().map { rank, line in
                Prediction(
                    Turn(calls: [Call(ChessEnvironment.moveTool.name, ["uci": .string(line.move)])]),
                    confidence: confidences[rank], rank: rank)
            })
        return .zero
    }

    /// Ends the processes and returns when they are gone.
    public func shutdown() async { await engines.shutdown() }
}

extension SearchLine {
    /// The difference of scores that makes one line e times as credible as another, in centipawns: fitted to 120 positions
    /// at 15,000 and 60,000 nodes (25 lies between their best values).
    private static let temperature = 25.0

    /// How much each line is to be believed, from the gaps between the scores; the sum is 1.
    static func confidences(_ lines: [SearchLine]) -> [Double] {
        let best = lines.map(\.comparableScore).max() ?? 0
        let weights = lines.map { exp(Double($0.comparableScore - best) / temperature) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// Centipawns, mates beyond all of them.
    private var comparableScore: Int {
        switch score {
        case .centipawns(let value): value
        case .mate(let moves): moves > 0 ? 100_000 - moves : -100_000 - moves
        }
    }
}
