public import ForerunCore
import Synchronization

/// A game of chess as an environment: one tool, `move`, and worlds that are lists of moves.
///
/// Both players act in the same world, one after the other; what a move returns is what the next player sees
/// (``PositionText``). The rules come from Stockfish, in a process that never searches. Forks and commits copy a list.
public struct ChessEnvironment: Environment {
    public struct Options: Sendable, Hashable {
        /// Where the game starts; `nil`: the usual start.
        public var startFEN: String?
        /// The game is broken off after so many half-moves; `nil`: never.
        public var maxPlies: Int?
        /// The engine that knows the rules, a name in `PATH` or `/usr/games` or a path. It must be kin to Stockfish.
        public var rulesEngine: String

        public init(startFEN: String? = nil, maxPlies: Int? = nil, rulesEngine: String = "stockfish") {
            self.startFEN = startFEN
            self.maxPlies = maxPlies
            self.rulesEngine = rulesEngine
        }
    }

    public let name = "chess"
    public let tools = [ChessEnvironment.moveTool]
    private let options: Options
    private let rules: ChessRules
    private let worlds: Worlds

    public init(_ options: Options = Options()) {
        self.options = options
        rules = ChessRules(program: options.rulesEngine, maxPlies: options.maxPlies)
        worlds = Worlds()
    }

    /// The tool by which a player moves.
    public static let moveTool = Tool(
        name: "move",
        description: """
            Plays a move for the side to move. Returns the position after it, as the opponent sees it: FEN, all moves so \
            far, and the legal replies. A move that is not legal changes nothing and returns an error with the legal moves.
            """,
        parameters: [
            "type": "object",
            "properties": [
                "uci": [
                    "type": "string",
                    "description":
                        "The move in UCI notation: from-square, to-square, promotion piece: e2e4, e1g1, e7e8q.",
                ]
            ],
            "required": ["uci"],
            "additionalProperties": false,
        ],
        effect: .contained, concurrency: 64)

    /// - Returns: the text of the start position.
    public func open() async throws(EnvironmentFailure) -> String? {
        var start: FEN?
        if let text = options.startFEN, text != FEN.start?.text {
            start = FEN(text)
            guard start != nil else {
                throw EnvironmentFailure(
                    .failed, "'\(text)' is no position in FEN", remedy: "Give all six fields of a FEN, or none at all.")
            }
        }
        do {
            let game = try await rules.start(start)
            worlds.set(game, for: .initial)
            return PositionText.of(game)
        } catch {
            if error.kind == .impossiblePosition {
                throw EnvironmentFailure(.failed, error.message, remedy: error.remedy)
            }
            throw EnvironmentFailure(
                error.kind == .missing || error.kind == .protocolViolation ? .unavailable : .failed,
                "chess needs an engine for its rules: \(error.message)", remedy: error.remedy)
        }
    }

    public func fork(_ parent: WorldID, as child: WorldID) async throws(EnvironmentFailure) {
        try worlds.set(game(parent), for: child)
    }

    public func perform(
        _ call: Call, in world: WorldID, context: CallContext
    ) async throws(CallFailure) -> CallResult {
        guard let game = worlds[world] else { throw CallFailure(.notStarted, "there is no world \(world)") }
        guard call.name == Self.moveTool.name else {
            return Self.refusal("There is no tool '\(call.name)'; use 'move'.", game)
        }
        guard let move = call.arguments["uci"]?.stringValue else {
            return Self.refusal("'move' takes a string 'uci', such as {\"uci\": \"e2e4\"}.", game)
        }
        if let result = game.result { return Self.refusal("The game is over: \(result).", game) }
        guard game.facts.legalMoves.contains(move) else {
            let why =
                UCIMove.isWellFormed(move) ? "is not legal here" : "is no move in UCI notation (such as e2e4 or e7e8q)"
            return Self.refusal("'\(move)' \(why).", game)
        }
        do {
            let next = try await rules.play(move, in: game)
            worlds.set(next, for: world)
            return CallResult(
                Output(PositionText.of(next), endsEpisode: next.result != nil), reads: Self.board, writes: Self.board)
        } catch {
            // Rules are only looked up; the world is as it was.
            throw CallFailure(error.kind == .cancelled ? .cancelled : .notStarted, "\(error)")
        }
    }

    public func commit(_ world: WorldID) async throws(EnvironmentFailure) { try worlds.commit(game(world)) }

    public func discard(_ world: WorldID) async { worlds.set(nil, for: world) }

    /// The digest of the start and the moves.
    public func digest(of world: WorldID) async throws(EnvironmentFailure) -> String {
        let game = try game(world)
        var digest = StableDigest()
        digest.update(Array((game.position.start?.text ?? "startpos").utf8))
        for move in game.position.moves { digest.update(Array("\n\(move)".utf8)) }
        return digest.hex
    }

    public func close() async {
        await rules.shutdown()
        worlds.removeAll()
    }

    /// The moves of the committed game.
    package var committedMoves: [String] { worlds.committed?.position.moves ?? [] }

    private static let board = Footprint.resources(["board"])

    private func game(_ world: WorldID) throws(EnvironmentFailure) -> GameState {
        guard let game = worlds[world] else { throw EnvironmentFailure(.failed, "chess: there is no world \(world)") }
        return game
    }

    private static func refusal(_ why: String, _ game: GameState) -> CallResult {
        CallResult(
            Output("\(why)\n\(PositionText.of(game))", isError: true, endsEpisode: game.result != nil), reads: board,
            writes: .nothing)
    }
}

extension ChessEnvironment {
    /// The worlds that exist, and the committed game.
    private final class Worlds: Sendable {
        private struct State {
            var games: [WorldID: GameState] = [:]
            var committed: GameState?
        }
        private let state = Mutex(State())

        subscript(world: WorldID) -> GameState? { state.withLock { $0.games[world] } }
        var committed: GameState? { state.withLock { $0.committed } }

        func set(_ game: GameState?, for world: WorldID) { state.withLock { $0.games[world] = game } }
        func commit(_ game: GameState) { state.withLock { $0.committed = game } }
        func removeAll() { state.withLock { $0.games = [:] } }
    }
}
