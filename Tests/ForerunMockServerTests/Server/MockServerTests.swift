import ForerunCore
import ForerunMockServer
import Testing

@Suite(.timeLimit(.minutes(20)))
struct MockServerTests {
    static let yaml = """
        models:
          actor:
            chunk: 2
            turns:
              - text: Löse zuerst “dies”.
                reasoning: Hm.
                calls:
                  - {name: read, arguments: {path: "naïve.c", deep: {n: [1, 2]}}}
                  - {name: list}
              - text: Fertig.
          guesser: {kind: speculator, of: actor, hit: 1}
        """

    @Test func streamsTheTurnOfTheStep() async throws {
        try await withServer(Self.yaml) { server in
            let answer = try Streamed(await server.complete(request()))
            #expect(answer.text == "Löse zuerst “dies”.")
            #expect(answer.reasoning == "Hm.")
            #expect(answer.calls.map(\.name) == ["read", "list"])
            #expect(answer.calls.map(\.arguments) == [#"{"path":"naïve.c","deep":{"n":[1,2]}}"#, "{}"])
            #expect(answer.finish == "tool_calls")
            #expect(answer.usage?["completion_tokens"]?.intValue ?? 0 > 0)
            #expect(answer.isDone)
            for step in [1, 2, 7] {
                let last = try Streamed(await server.complete(request(step: step)))
                #expect(last.text == "Fertig.")
                #expect(last.calls.isEmpty)
                #expect(last.finish == "stop")
            }
        }
    }

    @Test func answersTheSameWithoutStreaming() async throws {
        try await withServer(Self.yaml) { server in
            let response = try await server.complete(request(stream: false))
            let choice = try JSON(parsing: response.body)["choices"]?.arrayValue?.first
            #expect(response.headers["content-type"] == "application/json")
            #expect(choice?["finish_reason"] == "tool_calls")
            #expect(choice?["message"]?["content"] == "Löse zuerst “dies”.")
            let arguments = choice?["message"]?["tool_calls"]?.arrayValue?.first?["function"]?["arguments"]
            #expect(arguments == #"{"path":"naïve.c","deep":{"n":[1,2]}}"#)
        }
    }

    @Test func reportsUsageOnlyToThoseWhoAsk() async throws {
        try await withServer(Self.yaml) { server in
            let plain = #"{"model":"actor","stream":true,"messages":[{"role":"user","content":"x"}]}"#
            try await #expect(!server.complete(plain).body.contains("usage"))
            let answer = try Streamed(await server.complete(request()))
            let length = request().utf8.count
            #expect(answer.usage?["prompt_tokens"]?.intValue == (length + 3) / 4)
        }
    }

    @Test func listsModels() async throws {
        try await withServer(Self.yaml) { server in
            let response = try await RawClient(port: server.port).exchange("GET", "/v1/models")
            let models = try JSON(parsing: response.body)["data"]?.arrayValue ?? []
            #expect(models.compactMap { $0["id"]?.stringValue } == ["actor", "guesser"])
        }
    }

    @Test func refusesInTheShapeOfOpenAI() async throws {
        try await withServer(Self.yaml) { server in
            let unknown = try await server.complete(request("nobody"))
            #expect(unknown.status == 404)
            let error = try JSON(parsing: unknown.body)["error"]
            #expect(error?["code"] == "model_not_found")
            #expect(error?["param"] == "model")
            #expect(error?["message"]?.stringValue?.contains("actor, guesser") ?? false)
            #expect(await server.nextRecord()?.status == 404)
            for body in ["", "{", "[]", #"{"model":"actor"}"#, #"{"messages":[]}"#] {
                let response = try await server.complete(body)
                #expect(response.status == 400)
                try #expect(JSON(parsing: response.body)["error"]?["type"] == "invalid_request_error")
            }
            let lost = try await RawClient(port: server.port).exchange("POST", "/v1/embeddings", body: "{}")
            #expect(lost.status == 404)
            try #expect(JSON(parsing: lost.body)["error"]?["message"]?.stringValue != nil)
        }
    }

    @Test func servesManyRequestsOnOneConnection() async throws {
        try await withServer(Self.yaml) { server in
            let client = try RawClient(port: server.port)
            for step in [0, 1, 0, 5] {
                let response = try await client.exchange("POST", "/v1/chat/completions", body: request(step: step))
                try #expect(Streamed(response).calls.count == (step == 0 ? 2 : 0))
            }
        }
    }

    @Test func logsWhatItServed() async throws {
        try await withServer(Self.yaml) { server in
            let response = try await server.complete(request(step: 1))
            let record = try #require(await server.nextRecord())
            #expect(record.model == "actor")
            #expect(record.step == 1)
            #expect(record.number == 1)
            #expect(record.bytes == response.body.utf8.count)
            #expect(record.ending == .complete)
            #expect(record.arrival <= record.firstByte ?? -1)
            #expect(record.firstByte ?? .infinity <= record.end)
        }
    }

    @Test func stopsWhileClientsWait() async throws {
        let yaml = "models: {actor: {turns: [{text: x}], fault: {kind: hang}}}"
        let idle = Box<RawClient>()
        try await withServer(yaml) { server in
            let client = try RawClient(port: server.port)
            _ = try await client.exchange("GET", "/v1/models")
            try client.send("POST", "/v1/chat/completions", body: request())
            await idle.keep(client)
        }
        // That `withServer` returned is the point; the connection has ended too.
        let response = await idle.value?.receive()
        #expect(response?.isComplete == false)
    }

    @Test func saysThatAPortIsTaken() async throws {
        try await withServer(Self.yaml) { server in
            let second = MockServer(MockScript(models: []))
            let failure = await #expect(throws: MockServerFailure.self) { try await second.run(port: server.port) }
            #expect(failure?.description.contains("\(server.port)") ?? false)
        }
    }

    private actor Box<Value: Sendable> {
        private(set) var value: Value?
        func keep(_ value: Value) { self.value = value }
    }
}
