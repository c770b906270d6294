import ForerunCore
import ForerunEndpoints
import ForerunTesting
import ForerunTransport
import Glibc
import Synchronization
import Testing

struct OpenAIChatModelTests {
    private static let request = ModelRequest(
        role: ModelRequest.Role(name: "actor"), transcript: Transcript([.message("Hello")]))

    @Test func streamsTextCallsAndUsage() async throws {
        let server = try LoopbackServer { request, connection in
            guard request.method == "POST", request.path == "/v1/chat/completions" else {
                return connection.respond(404)
            }
            connection.startChunks()
            for chunk in Recording.twoCalls { connection.chunk("data: \(chunk)\n\n") }
            connection.chunk("data: [DONE]\n\n")
            connection.endChunks()
        }
        defer { server.close() }
        let model = try OpenAIChatModel("m", at: EndpointConfiguration(name: "test", baseURL: server.url + "/v1/"))
        #expect(model.id == "test/m")
        for _ in 0..<10 {
            let deltas = Mutex<[AnswerDelta]>([])
            let answer = try await model.answer(Self.request) { delta in deltas.withLock { $0.append(delta) } }
            #expect(answer.turn == Recording.twoCallsTurn)
            #expect(answer.usage == Usage(input: 20, cached: 8, output: 9, reasoning: 3))
            #expect(deltas.withLock { $0 } == Recording.twoCallsDeltas)
        }
    }

    @Test func acceptsAReplyThatIsNotStreamed() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(200, #" {"choices":[{"message":{"content":"Hello"}}]}"#)
        }
        defer { server.close() }
        #expect(try await Self.answer(server).turn == Turn(text: "Hello"))
    }

    @Test func sendsTheKeyAndNeverShowsIt() async throws {
        setenv("FORERUN_TEST_KEY_MODEL", "sk-hidden-42", 1)
        let server = try LoopbackServer { request, connection in
            // A server that repeats what it was sent.
            let message =
                request.header.contains("Authorization: Bearer sk-hidden-42") ? "sk-hidden-42 is wrong" : "no key"
            connection.respond(401, #"{"error":{"message":"\#(message)"}}"#, headers: ["x-request-id: r-sk-hidden-42"])
        }
        defer { server.close() }
        let endpoint = EndpointConfiguration(
            name: "test", baseURL: server.url.replacing("//", with: "//user:sk-hidden-42@"),
            key: .environment("FORERUN_TEST_KEY_MODEL"), headers: ["X-Other-Key": "sk-hidden-42"])
        let model = try OpenAIChatModel("m", at: endpoint)
        let failure = await #expect(throws: ModelFailure.self) { try await model.answer(Self.request) { _ in } }
        #expect(failure?.kind == .authentication)
        #expect(failure?.message == "<secret> is wrong")
        #expect(failure?.remedy == "Set FORERUN_TEST_KEY_MODEL to a valid key.")
        let list = await #expect(throws: ModelFailure.self) { try await OpenAIChatModel.listModels(at: endpoint) }
        var dumped = ""
        dump(model, to: &dumped)
        dump(failure, to: &dumped)
        dump(list, to: &dumped)
        let shown =
            "\(model) \(String(reflecting: model)) \(endpoint) \(String(reflecting: endpoint)) \(failure, default: "")"
        #expect(!(shown + dumped).contains("hidden"))
    }

    /// Proxies tell which address they were asked for, with all that stands in it.
    @Test func whatAServerRepeatsOfItsAddressIsNotShown() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(400, #"{"error":{"message":"no \#(request.path) for deep-hidden-1"}}"#)
        }
        defer { server.close() }
        let endpoint = EndpointConfiguration(
            name: "test", baseURL: server.url, headers: ["X-Any": "deep-hidden-1"], query: ["code": "deep-hidden-12"])
        let failure = await #expect(throws: ModelFailure.self) {
            try await OpenAIChatModel("m", at: endpoint).answer(Self.request) { _ in }
        }
        #expect(failure?.message == "no /chat/completions?code=<secret> for <secret>")
    }

    static let statuses: [(status: Int, body: String, headers: [String], failure: ModelFailure)] = [
        (401, #"{"error":{"message":"bad"}}"#, [], ModelFailure(.authentication, "bad", status: 401)),
        (402, "", [], ModelFailure(.quotaExhausted, "The server gave no reason", status: 402)),
        (404, #"{"detail":"Not Found"}"#, [], ModelFailure(.notFound, "Not Found", status: 404)),
        (
            429, #"{"error":{"message":"slow","code":"rate_limit_exceeded"}}"#,
            ["Retry-After: 3", "retry-after-ms: 1500"],
            ModelFailure(.rateLimited, "slow", status: 429, retryAfter: 1.5)
        ),
        (
            500, "down", ["x-should-retry: false"],
            ModelFailure(.server, "down", status: 500, mayRetry: false)
        ),
        (400, "no", ["x-should-retry: true"], ModelFailure(.invalidRequest, "no", status: 400)),
        (429, "slow", ["retry-after: 300"], ModelFailure(.rateLimited, "slow", status: 429, retryAfter: 300)),
        (
            429, #"{"error":{"message":"paid?","type":"insufficient_quota"}}"#, [],
            ModelFailure(.quotaExhausted, "paid?", status: 429)
        ),
        (
            400, #"{"error":{"message":"long","code":"context_length_exceeded"}}"#, [],
            ModelFailure(.contextOverflow, "long", status: 400)
        ),
        (
            422, #"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, ["x-request-id: r1"],
            ModelFailure(.invalidRequest, "field required", status: 422, requestID: "r1")
        ),
        (307, "", ["Location: /elsewhere"], ModelFailure(.invalidRequest, "The server gave no reason", status: 307)),
        (409, "{}", [], ModelFailure(.server, "{}", status: 409)),
        (500, "<html>", [], ModelFailure(.server, "The server sent a web page", status: 500)),
        (503, "busy", [], ModelFailure(.overloaded, "busy", status: 503)),
        (529, "busy", [], ModelFailure(.overloaded, "busy", status: 529)),
        (200, #"{"error":{"message":"late","code":503}}"#, [], ModelFailure(.overloaded, "late", status: 503)),
        (200, "", [], ModelFailure(.truncated, "The server sent nothing")),
    ]

    @Test(arguments: statuses)
    func tellsFailuresApart(_ expected: (status: Int, body: String, headers: [String], failure: ModelFailure))
        async throws
    {
        let server = try LoopbackServer { _, connection in
            connection.respond(expected.status, expected.body, headers: expected.headers)
        }
        defer { server.close() }
        var failure = try #require(await #expect(throws: ModelFailure.self) { try await Self.answer(server) })
        failure.remedy = nil
        #expect(failure == expected.failure)
    }

    @Test func aBrokenStreamIsTruncatedUnlessItWasOver() async throws {
        let server = try LoopbackServer { request, connection in
            connection.startChunks()
            let chunks = request.path.hasPrefix("/whole") ? Recording.twoCalls[...] : Recording.twoCalls.prefix(4)
            for chunk in chunks { connection.chunk("data: \(chunk)\n\n") }
            connection.pause(milliseconds: 50)
            connection.reset()
        }
        defer { server.close() }
        #expect(try await Self.answer(server, "/whole").turn == Recording.twoCallsTurn)
        let failure = await #expect(throws: ModelFailure.self) { try await Self.answer(server, "/half") }
        #expect(failure?.kind == .truncated)
        #expect(failure?.status == 200)
    }

    @Test func anUnreachableServerIsNamed() async throws {
        let model = try OpenAIChatModel(
            "m", at: EndpointConfiguration(name: "local", baseURL: "http://user:secret@127.0.0.1:1"))
        let failure = try #require(
            await #expect(throws: ModelFailure.self) { try await model.answer(Self.request) { _ in } })
        #expect(failure.kind == .connection)
        #expect(failure.message.hasPrefix("local at http://127.0.0.1:1: "))
        #expect(failure.remedy?.contains("running") == true)
        #expect(!failure.description.contains("secret"))
        await model.connect()
    }

    @Test func cancellingEndsTheTransferAndTheDeltas() async throws {
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            connection.chunk("data: \(Recording.twoCalls[1])\n\n")
            connection.waitForDisconnect()
        }
        defer { server.close() }
        let model = try OpenAIChatModel("m", at: EndpointConfiguration(name: "test", baseURL: server.url))
        let (deltas, report) = AsyncStream.makeStream(of: AnswerDelta.self)
        let task = Task {
            await #expect(throws: ModelFailure.self) { try await model.answer(Self.request) { report.yield($0) } }
        }
        for await _ in deltas { break }
        task.cancel()
        #expect(await task.value?.kind == .cancelled)
        #expect(await eventually { server.counts.disconnects > 0 })
        #expect(server.counts.disconnects == 1)
    }

    @Test func aWarmConnectionIsUsed() async throws {
        let server = try LoopbackServer { request, connection in
            connection.send("HTTP/1.1 404 Status\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.close() }
        let model = try OpenAIChatModel(
            "m", at: EndpointConfiguration(name: "test", baseURL: server.url), client: HTTPClient())
        await model.connect()
        #expect(server.counts.requests == 1)
        await #expect(throws: ModelFailure.self) { try await model.answer(Self.request) { _ in } }
        #expect(server.counts.requests == 2)
        #expect(server.counts.connections == 1)
    }

    @Test func anErrorEventIsAFailure() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(200, "event: error\ndata: {\"message\":\"boom\",\"type\":\"overloaded_error\"}\n\n")
        }
        defer { server.close() }
        let failure = await #expect(throws: ModelFailure.self) { try await Self.answer(server) }
        #expect(failure?.kind == .overloaded)
        #expect(failure?.message == "boom")
    }

    @Test func listsModels() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(request.path == "/v1/models" ? 200 : 404, #"{"data":[{"id":"b"},{"id":"a"}]}"#)
        }
        defer { server.close() }
        var endpoint = EndpointConfiguration(name: "test", baseURL: server.url + "/v1")
        #expect(try await OpenAIChatModel.listModels(at: endpoint) == ["a", "b"])
        endpoint.baseURL = server.url
        let failure = await #expect(throws: ModelFailure.self) { try await OpenAIChatModel.listModels(at: endpoint) }
        #expect(failure?.kind == .notFound)
    }

    private static func answer(_ server: LoopbackServer, _ path: String = "/v1") async throws -> Answer {
        let endpoint = EndpointConfiguration(name: "test", baseURL: server.url + path)
        return try await OpenAIChatModel("m", at: endpoint).answer(request) { _ in }
    }
}
