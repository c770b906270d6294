public import ForerunCore

/// A chess engine as an actor: it answers with the move that a search of fixed size finds.
///
/// The position is read from the last entry of the request. Equal positions get equal moves, since every search starts
/// from an empty hash table. Usage is not reported: there are no tokens.
public struct EngineModel: Model {
    public let id: String
    private let nodes: Int
    private let engines: EnginePool

    /// - Parameters:
    ///   - name: the part of ``id`` after `engine/`.
    ///   - program: a name in `PATH` or `/usr/games`, or a path.
    ///   - nodes: positions that a search visits.
    ///   - concurrency: the number of requests that are worked on at a time, each in a process of its own.
    public init(name: String = "stockfish", program: String = "stockfish", nodes: Int, concurrency: Int = 1) {
        id = "engine/\(name)"
        self.nodes = nodes
        engines = EnginePool(UCIEngine.Options(program: program), limit: concurrency)
    }

    public func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        guard let position = PositionText.position(in: request) else {
            throw ModelFailure(
                .invalidRequest, "\(id): the last entry shows no chess position",
                remedy: "Use this model in a chess environment, whose outputs have a line 'moves:'.")
        }
        let result: SearchResult
        let alone: Double?
        do {
            let nodes = nodes
            (result, alone) = try await engines.withEngine { (engine) async throws(EngineFailure) in
                let launch = await engine.takeLaunchSeconds()
                let before = ProcessorTime.seconds(of: engine.processID)
                let result = try await engine.search(position, nodes: nodes)
                let after = ProcessorTime.seconds(of: engine.processID)
                return (result, after.flatMap { after in before.map { launch + after - $0 } })
            }
        } catch {
            throw ModelFailure(Self.kind(of: error), "\(id): \(error)", remedy: error.remedy)
        }
        guard let move = result.best else {
            let text = "There is no legal move."
            emit(.text(text))
            return Answer(Turn(text: text))
        }
        let call = Call(ChessEnvironment.moveTool.name, ["uci": .string(move)])
        emit(.callStarted(index: 0, name: call.name))
        emit(.callSealed(index: 0, call))
        return Answer(Turn(calls: [call]), secondsAlone: alone)
    }

    /// Ends the processes and returns when they are gone.
    public func shutdown() async { await engines.shutdown() }

    private static func kind(of failure: EngineFailure) -> ModelFailure.Kind {
        switch failure.kind {
        case .cancelled: .cancelled
        case .missing, .protocolViolation: .notFound
        case .noResources, .busy: .overloaded
        case .closed: .invalidRequest
        default: .connection
        }
    }
}

extension PositionText {
    /// The position that the last entry of `request` shows.
    static func position(in request: ModelRequest) -> EnginePosition? {
        switch request.transcript.last {
        case .message(let text): position(in: text)
        case .output(_, let output): position(in: output.text)
        default: nil
        }
    }
}
