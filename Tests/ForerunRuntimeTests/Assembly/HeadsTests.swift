import ForerunCore
import ForerunEndpoints
import ForerunSpeculators
import ForerunTesting
import Synchronization
import Testing

@testable import ForerunRuntime

/// Heads behind an endpoint: a fake server that decodes one for each prompt, and a run whose calls they guess.
struct HeadsTests {
    /// What a model with heads says of `list_directory`: no arguments.
    private static func server() throws -> LoopbackServer {
        try LoopbackServer { request, connection in
            let body = String(decoding: request.body, as: UTF8.self)
            let text = body.contains("<function>\"") ? "list_directory</function>" : "<|null|>"
            connection.startChunks()
            for piece in [text.prefix(4), text.dropFirst(4)] {
                connection.chunk(
                    #"data: {"choices":[{"index":0,"text":"\#(piece)","logprobs":{"token_logprobs":[-0.05]}}]}"#
                        + "\n\n")
            }
            connection.chunk(#"data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}]}"# + "\n\n")
            connection.chunk(#"data: {"choices":[],"usage":{"prompt_tokens":90,"completion_tokens":4}}"# + "\n\n")
            connection.chunk("data: [DONE]\n\n")
            connection.endChunks()
        }
    }

    @Test func eachHeadIsARequestOfItsOwn() async throws {
        let server = try Self.server()
        defer { server.close() }
        let endpoint = EndpointConfiguration(name: "heads", baseURL: server.url, wire: .completions, concurrency: 8)
        let client = try CompletionsClient("rt", at: endpoint)
        let speculator = HeadSpeculator(EndpointHeads(id: "heads/rt", client: client, logprobs: true))
        let path: JSON = ["type": "object", "properties": ["path": ["type": "string"], "depth": ["type": "integer"]]]
        let tool = Tool(name: "list_directory", description: "Lists.", parameters: path)
        let request = ModelRequest(
            role: ModelRequest.Role(name: "actor", tools: [tool]), transcript: Transcript([.message("Look.")]))
        let guesses = Mutex<[Prediction]>([])
        _ = await speculator.predict(SpeculationContext(request: request, turnNumber: 0, width: 3)) { news in
            guesses.withLock { $0 += news }
        }
        let guess = try #require(guesses.withLock { $0.first })
        #expect(guess.turn.calls == [Call("list_directory")])
        // Two tokens of the name, and the same of each argument that is left out.
        #expect(guess.confidence ?? 0 > 0.5)
        #expect(server.counts.requests == 3)
        #expect(speculator.source == "heads:heads/rt")
    }

    @Test func theyAreSpeculatorsOfAnAgent() async throws {
        let scene = try AgentScene()
        let run = try await AgentRuntime().prepare(
            try scene.request(
                settings: "endpoints.heads={baseURL: 'http://127.0.0.1:1/v1', protocol: completions}",
                "speculation.speculators=[{kind: heads, model: heads/rt}]"))
        #expect(run.assembly.speculators.map(\.speculator.source) == ["heads:heads/rt"])
        #expect(run.assembly.speculators.first?.model == "heads/rt")
    }

    @Test func theyNeedPlainCompletions() async throws {
        let scene = try AgentScene()
        let request = try scene.request(settings: "speculation.speculators=[{kind: heads, model: local/m}]")
        let failure = await #expect(throws: RunFailure.self) { try await AgentRuntime().prepare(request) }
        #expect(Complaint(try #require(failure)).cause == "local/m has no heads: they need plain completions")
    }
}
