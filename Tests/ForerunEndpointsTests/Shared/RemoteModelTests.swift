import ForerunCore
import ForerunEndpoints
import ForerunTesting
import ForerunTransport
import Synchronization
import Testing

/// All wire formats over real HTTP.
struct RemoteModelTests {
    static let streams: [(wire: WireProtocol, path: String, stream: String, turn: Turn)] = [
        (.anthropic, "/v1/messages", AnthropicRecording.stream(), AnthropicRecording.turn),
        (
            .responses, "/v1/responses",
            ResponsesRecording.reasoningAndCalls.map { "data: \($0)\n\n" }.joined(), ResponsesRecording.turn
        ),
        (
            .chat, "/v1/chat/completions",
            (Recording.twoCalls + ["[DONE]"]).map { "data: \($0)\n\n" }.joined(), Recording.twoCallsTurn
        ),
    ]
    private static let request = ModelRequest(
        role: ModelRequest.Role(name: "actor"), transcript: Transcript([.message("Hello")]))

    @Test(arguments: streams)
    func streamsAnAnswer(_ expected: (wire: WireProtocol, path: String, stream: String, turn: Turn)) async throws {
        let server = try LoopbackServer { request, connection in
            guard request.method == "POST", request.path == expected.path else { return connection.respond(404) }
            connection.startChunks()
            var rest = Array(expected.stream)[...]
            while !rest.isEmpty {
                connection.chunk(String(rest.prefix(37)))
                rest = rest.dropFirst(37)
            }
            connection.endChunks()
        }
        defer { server.close() }
        let endpoint = EndpointConfiguration(name: "test", baseURL: server.url + "/v1", wire: expected.wire)
        for _ in 0..<3 {
            let deltas = Mutex<[AnswerDelta]>([])
            let answer = try await endpoint.model("m").answer(Self.request) { delta in
                deltas.withLock { $0.append(delta) }
            }
            #expect(answer.turn == expected.turn)
            #expect(answer.usage != nil)
            #expect(deltas.withLock { $0.filter(\.isText) }.isEmpty == false)
        }
    }

    /// An answer whose stream breaks is truncated at each place but the last; never a wrong answer.
    @Test(arguments: streams)
    func aBrokenStreamIsTruncated(_ expected: (wire: WireProtocol, path: String, stream: String, turn: Turn))
        async throws
    {
        let bytes = expected.stream.utf8.count
        let server = try LoopbackServer { request, connection in
            connection.startChunks()
            let length = Int(request.path.split(separator: "/").first ?? "") ?? 0
            connection.chunk(String(decoding: expected.stream.utf8.prefix(length), as: UTF8.self))
            connection.close()
        }
        defer { server.close() }
        for length in stride(from: 1, to: bytes / 2, by: bytes / 9) {
            let endpoint = EndpointConfiguration(name: "test", baseURL: "\(server.url)/\(length)", wire: expected.wire)
            let failure = await #expect(throws: ModelFailure.self) {
                try await endpoint.model("m").answer(Self.request) { _ in }
            }
            #expect(failure?.kind == .truncated, "after \(length) bytes: \(String(describing: failure))")
        }
    }

    @Test func anthropicIsLetInByItsOwnHeader() async throws {
        let key = try KeyFile("sk-ant-hidden")
        defer { withExtendedLifetime(key) {} }
        let heads = Mutex<[String]>([])
        let server = try LoopbackServer { request, connection in
            heads.withLock { $0.append(request.header) }
            connection.respond(200, AnthropicRecording.stream())
        }
        defer { server.close() }
        var endpoint = EndpointConfiguration(
            name: "test", baseURL: server.url, wire: .anthropic, key: key.source)
        _ = try await endpoint.model("m").answer(Self.request) { _ in }
        endpoint.headers = ["Anthropic-Version": "2099-01-01", "anthropic-beta": "b"]
        _ = try await endpoint.model("m").answer(Self.request) { _ in }
        let sent = heads.withLock { $0 }
        #expect(sent[0].contains("x-api-key: sk-ant-hidden\r\n"))
        #expect(sent[0].contains("anthropic-version: 2023-06-01\r\n"))
        #expect(!sent[0].contains("Authorization"))
        #expect(sent[1].contains("Anthropic-Version: 2099-01-01\r\n") && !sent[1].contains("2023-06-01"))
        #expect(sent[1].contains("anthropic-beta: b\r\n"))
    }

    @Test func azureNamesTheDeploymentAndTheVersion() async throws {
        let key = try KeyFile("azure-hidden")
        defer { withExtendedLifetime(key) {} }
        let seen = Mutex<[String]>([])
        let server = try LoopbackServer { request, connection in
            seen.withLock { $0.append(request.path) }
            guard request.header.contains("api-key: azure-hidden\r\n") else { return connection.respond(401) }
            connection.respond(
                200,
                request.path.contains("/models")
                    ? #"{"data":[{"id":"gpt-4.1"}]}"# : #"{"choices":[{"message":{"content":"Hello"}}]}"#)
        }
        defer { server.close() }
        var endpoint = try #require(EndpointConfiguration.preset("azure"))
        endpoint.baseURL = server.url + "/openai/deployments/{model}"
        endpoint.key = key.source
        #expect(try await endpoint.model("my model/1").answer(Self.request) { _ in }.turn == Turn(text: "Hello"))
        #expect(try await ModelCatalog.list(at: endpoint) == ["gpt-4.1"])
        #expect(
            seen.withLock { $0 } == [
                "/openai/deployments/my%20model%2F1/chat/completions?api-version=2024-10-21",
                "/openai/models?api-version=2024-10-21",
            ])
    }
}
