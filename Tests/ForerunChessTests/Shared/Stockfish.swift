import ForerunChess
import ForerunCore
import Glibc
import Testing

/// All tests that need the real engine. One at a time: each of them can keep a core or two busy.
@Suite(
    .serialized, .timeLimit(.minutes(20)),
    .enabled(
        if: (try? EngineLocation.find("stockfish")) != nil,
        "no stockfish here; install it with: apt install stockfish"))
enum WithStockfish {}

/// Whether a process of this id exists, a zombie included.
func exists(_ processID: Int32) -> Bool { kill(processID, 0) == 0 || errno == EPERM }

/// A closed environment, model or pool leaves nothing behind: runs `body`, then `close`, also where `body` throws.
func using<Resource: Sendable, Value>(
    _ resource: Resource, close: (Resource) async -> Void, body: (Resource) async throws -> Value
) async throws -> Value {
    do {
        let value = try await body(resource)
        await close(resource)
        return value
    } catch {
        await close(resource)
        throw error
    }
}

extension ModelRequest {
    /// What a player is asked in the position that `text` shows.
    static func showing(_ text: String) -> ModelRequest {
        ModelRequest(
            role: Role(name: "white", tools: [ChessEnvironment.moveTool]), transcript: Transcript([.message(text)]),
            view: .lastEntry)
    }
}

func move(_ uci: String) -> Call { Call("move", ["uci": .string(uci)]) }
