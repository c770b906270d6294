import ForerunCore
import ForerunTesting
import Synchronization

@testable import ForerunRuntime

/// A home with agents of its own, and a server on the loopback interface that plays their actor.
///
/// Asked first, the actor looks at the directory; told what is there, it answers.
final class AgentScene: Sendable {
    let scene: Scene
    private let server: LoopbackServer
    private let received = Received()

    private final class Received: Sendable { let headers = Mutex<[String]>([]) }

    init() throws {
        scene = try Scene()
        server = try LoopbackServer { [received] request, connection in
            received.headers.withLock { $0.append(request.header) }
            let body = String(decoding: request.body, as: UTF8.self)
            connection.startChunks()
            for event in body.contains("\"tool\"") ? Self.answer : Self.look {
                connection.chunk("data: \(event)\n\n")
            }
            connection.chunk("data: [DONE]\n\n")
            connection.endChunks()
        }
        try scene.write(
            "home/.config/forerun/config.yaml",
            "endpoints: {local: {baseURL: \"\(server.url)/v1\", concurrency: 4}}")
        try agent("looker", "tools: [list_directory]")
        try scene.write("project/a.txt", "one\n")
    }

    deinit { server.close() }

    /// How often the actor was asked.
    var questions: Int { server.counts.requests }

    /// The headers of the requests to the actor.
    var headers: [String] { received.headers.withLock { $0 } }

    func agent(_ name: String, _ settings: String) throws {
        try scene.write(
            "home/.config/forerun/agents/\(name).md",
            """
            ---
            description: Looks around.
            actor: local/m
            speculation: {speculators: [{kind: transition}]}
            environment: {kind: workspace, sandbox: "off"}
            \(settings)
            ---
            Look around.
            """)
    }

    var variables: [String: String] {
        [
            "HOME": scene.root + "/home", "PATH": "/usr/bin:/bin", "FORERUN_SHARE": repository,
            "XDG_DATA_HOME": scene.root + "/data", "XDG_STATE_HOME": scene.root + "/state",
        ]
    }

    func request(_ agent: String = "looker", settings: String...) throws -> RunRequest {
        RunRequest(
            agent: agent, task: "Look.", workspace: scene.project,
            assignments: try settings.map { try ConfigurationAssignment(set: $0) }, variables: variables)
    }

    /// What runs of an agent have left behind; `nil`: nothing.
    func learned(_ agent: String = "looker") throws -> JSON? {
        try FileAccess.text(of: "\(scene.root)/data/forerun/learned/\(agent).json").map { try JSON(parsing: $0) }
    }

    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}"#

    private static let look = [
        #"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"list_directory","arguments":"{}"}}]}}]}"#,
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#, usage,
    ]

    private static let answer = [
        #"{"choices":[{"index":0,"delta":{"content":"There is a.txt."}}]}"#,
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, usage,
    ]
}

/// A short game between engines that hardly think.
enum QuickGame {
    static let hasEngine = ["/usr/games", "/usr/local/bin", "/usr/bin"].contains {
        FileAccess.exists("\($0)/stockfish")
    }

    static func request(_ scene: borrowing Scene) throws -> RunRequest {
        try scene.write(
            "home/.config/forerun/agents/game.md",
            """
            ---
            description: Two engines play each other.
            program: alternating
            actors: {white: engine/stockfish, black: engine/stockfish}
            engine: {nodes: 2000}
            speculation: {width: 1, speculators: [{kind: engine, nodes: 500}]}
            permissions: {move: allow}
            environment: {kind: chess, maxPlies: 6}
            ---
            You play chess.
            """)
        return RunRequest(
            agent: "game", workspace: scene.project,
            variables: [
                "HOME": scene.root + "/home", "PATH": "/usr/local/bin:/usr/bin:/bin", "FORERUN_SHARE": repository,
                "XDG_DATA_HOME": scene.root + "/data", "XDG_STATE_HOME": scene.root + "/state",
            ])
    }
}
