import ForerunCore
import ForerunEndpoints
import ForerunTransport
import Glibc
import Synchronization
import Testing

/// Our clients against servers that others wrote. `make conformance` starts them.
@Suite(.serialized) struct ServerConformanceTests {
    private static let litellm = getenv("FORERUN_CONFORMANCE_LITELLM").map { String(cString: $0) }
    private static let llama = getenv("FORERUN_CONFORMANCE_LLAMA").map { String(cString: $0) }

    // MARK: - LiteLLM

    private static func litellm(_ wire: WireProtocol, _ key: KeyFile) throws -> EndpointConfiguration {
        return EndpointConfiguration(
            name: "litellm", baseURL: try #require(Self.litellm), wire: wire,
            key: key.source)
    }

    private static let tools = ["read_file", "list_directory", "write_file"].map {
        Tool(
            name: $0, description: "Does \($0).",
            parameters: ["type": "object", "properties": ["path": ["type": "string"]]])
    }

    /// A conversation with calls, outputs and an error, as LiteLLM translates it for the model behind it and back.
    @Test(
        .enabled(if: litellm != nil, "needs LiteLLM: make conformance starts it"),
        arguments: [(WireProtocol.chat, "actor"), (.anthropic, "actor"), (.responses, "bridged")])
    func aConversationGoesThroughLiteLLM(_ wire: WireProtocol, _ name: String) async throws {
        let key = try KeyFile("sk-conformance")
        defer { withExtendedLifetime(key) {} }
        let model = try Self.litellm(wire, key).model(name)
        let role = ModelRequest.Role(name: "actor", instructions: "Be brief.", tools: Self.tools)
        var transcript = Transcript([.message("Do it.")])
        func ask() async throws -> Turn {
            let deltas = Mutex<[AnswerDelta]>([])
            let answer = try await model.answer(ModelRequest(role: role, transcript: transcript)) { delta in
                deltas.withLock { $0.append(delta) }
            }
            let text = deltas.withLock { $0.reduce("") { if case .text(let text) = $1 { $0 + text } else { $0 } } }
            #expect(text == answer.turn.text)
            #expect((answer.usage?.input ?? 0) > 0)
            transcript = transcript.appending(.turn(answer.turn))
            return answer.turn
        }
        #expect(
            try await ask()
                == Turn(
                    text: "First I look: größe “x”.",
                    calls: [Call("read_file", ["path": "a \"b\".txt", "lines": 3]), Call("list_directory")]))
        transcript = transcript.appending(.output(call: 0, Output("no such file", isError: true)))
        transcript = transcript.appending(.output(call: 1, Output("")))
        #expect(try await ask() == Turn(calls: [Call("write_file", ["path": "b.txt", "content": "new\n"])]))
        transcript = transcript.appending(.output(call: 0, Output("done"))).appending(.message("And?"))
        #expect(try await ask() == Turn(text: "All is done."))
    }

    @Test(
        .enabled(if: litellm != nil, "needs LiteLLM: make conformance starts it"),
        arguments: [WireProtocol.chat, .anthropic])
    func liteLLMsMockAnswersAndErrorsAreUnderstood(_ wire: WireProtocol) async throws {
        let key = try KeyFile("sk-conformance")
        let endpoint = try Self.litellm(wire, key)
        defer { withExtendedLifetime(key) {} }
        let request = ModelRequest(role: .init(name: "actor"), transcript: Transcript([.message("Hello")]))
        #expect(
            try await endpoint.model("plain").answer(request) { _ in }.turn
                == Turn(text: "All is well, and the answer is 42."))
        func failure(_ endpoint: EndpointConfiguration, _ name: String) async -> ModelFailure.Kind? {
            await #expect(throws: ModelFailure.self) { try await endpoint.model(name).answer(request) { _ in } }?.kind
        }
        #expect(await failure(endpoint, "limited") == .rateLimited)
        #expect(await failure(endpoint, "long") == .contextOverflow)
        #expect(try await ModelCatalog.list(at: endpoint) == ["actor", "bridged", "limited", "long", "plain"])
    }

    // MARK: - llama-cpp-python

    private static func llama(_ wire: WireProtocol) throws -> EndpointConfiguration {
        EndpointConfiguration(name: "llama", baseURL: try #require(Self.llama), wire: wire)
    }

    @Test(.enabled(if: llama != nil, "needs llama-cpp-python: make conformance starts it"))
    func completionsOfLlamaHaveLogprobs() async throws {
        let client = try CompletionsClient("tiny", at: Self.llama(.completions))
        let (choices, _) = try await client.complete(
            CompletionRequest(prompts: ["abc"], maxTokens: 12, temperature: 0, logprobs: 2))
        #expect(choices.count == 1)
        #expect(choices[0].finish != nil)
        #expect(!choices[0].logprobs.isEmpty && choices[0].logprobs.allSatisfy { $0 <= 0 })
        #expect(try await ModelCatalog.list(at: Self.llama(.chat)) == ["tiny"])
    }

    @Test(.enabled(if: llama != nil, "needs llama-cpp-python: make conformance starts it"))
    func chatWithLlamaStreamsAndStopsAtTheLimit() async throws {
        let role = ModelRequest.Role(
            name: "actor", instructions: "Go.", options: SamplingOptions(temperature: 0, maxTokens: 16))
        let request = ModelRequest(role: role, transcript: Transcript([.message("Hello")]))
        let deltas = Mutex(0)
        let answer = try await Self.llama(.chat).model("tiny").answer(request) { _ in deltas.withLock { $0 += 1 } }
        #expect(answer.turn.finish == .length || answer.turn.finish == .stop)
        #expect(answer.turn.text.isEmpty == (deltas.withLock { $0 } == 0))
        // Longer than its context: this server then sends a status of success and nothing else.
        let long = ModelRequest(
            role: role, transcript: Transcript([.message(String(repeating: "many words ", count: 2000))]))
        let failure = await #expect(throws: ModelFailure.self) {
            try await Self.llama(.chat).model("tiny").answer(long) { _ in }
        }
        #expect(failure?.kind == .truncated)
        #expect(failure?.remedy?.contains("longer than the model's context") == true)
    }

    @Test(.enabled(if: llama != nil, "needs llama-cpp-python: make conformance starts it"))
    func chatWithLlamaTellsLogprobs() async throws {
        let role = ModelRequest.Role(
            name: "small", options: SamplingOptions(temperature: 0, maxTokens: 16, logprobs: true))
        let request = ModelRequest(role: role, transcript: Transcript([.message("Hello")]))
        let told = Mutex<(logprobs: [Double], pieces: Int)>(([], 0))
        _ = try await Self.llama(.chat).model("tiny").answer(request) { delta in
            told.withLock { told in
                switch delta {
                case .logprobs(let logprobs): told.logprobs += logprobs
                case .text: told.pieces += 1
                default: break
                }
            }
        }
        let (logprobs, pieces) = told.withLock { $0 }
        #expect(logprobs.count >= pieces && pieces > 0)
        #expect(logprobs.allSatisfy { $0 <= 0 && $0 > -100 })
    }

    /// A grammar forces the call; its name and id come again with each piece.
    @Test(.enabled(if: llama != nil, "needs llama-cpp-python: make conformance starts it"))
    func aForcedCallOfLlamaIsRead() async throws {
        let body: JSON = [
            "model": "tiny", "stream": true, "max_tokens": 400, "temperature": 0,
            "messages": [["role": "user", "content": "hi"]],
            "tool_choice": ["type": "function", "function": ["name": "read_file"]],
            "tools": [
                [
                    "type": "function",
                    "function": [
                        "name": "read_file", "description": "d",
                        "parameters": [
                            "type": "object", "properties": ["n": ["type": "boolean"]], "required": ["n"],
                        ],
                    ],
                ]
            ],
        ]
        let response = try await HTTPClient.shared.send(
            HTTPRequest(
                .post, try #require(Self.llama) + "/chat/completions",
                headers: HTTPHeaders([("Content-Type", "application/json")]), body: Array(body.text.utf8)))
        let decoded = DecodedStream(response.body, ChatStreamDecoder())
        let call = try #require(try decoded.requireAnswer().turn.calls.first)
        #expect(decoded.sealed == [call])
        #expect(call.name == "read_file")
        #expect(call.arguments["n"]?.boolValue != nil, "\(call)")
    }
}
