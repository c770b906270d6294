import ForerunCore
import ForerunMockServer
import Testing

@Suite(.timeLimit(.minutes(20)))
struct FaultTests {
    private func yaml(_ fault: String, _ more: String = "") -> String {
        """
        models:
          actor:
            chunk: 2
            fault: \(fault)
            \(more)
            turns:
              - text: Reading two files now.
                calls: [{name: read, arguments: {path: first.c}}, {name: read, arguments: {path: second.c}}]
              - text: Done.
        """
    }

    @Test func hangSendsNothingAndSeesTheClientLeave() async throws {
        try await withServer(yaml("{kind: hang}")) { server in
            do { try RawClient(port: server.port).send("POST", "/v1/chat/completions", body: request()) }
            let record = try #require(await server.nextRecord())
            #expect(record.isCancelled)
            #expect(record.firstByte == nil)
            #expect(record.bytes == 0)
            #expect(record.fault == "hang")
        }
    }

    @Test func stallSendsSomeChunksAndSeesTheClientLeave() async throws {
        try await withServer(yaml("{kind: stall, after: 3}")) { server in
            let received = try await stalled(server)
            #expect(received.events.count == 3)
            let record = try #require(await server.nextRecord())
            #expect(record.isCancelled)
            #expect(record.bytes == received.body.utf8.count)
        }
    }

    private func stalled(_ server: Serving) async throws -> RawResponse {
        let client = try RawClient(port: server.port)
        try client.send("POST", "/v1/chat/completions", body: request())
        return await client.receive(until: "two f")
    }

    @Test func aClientThatLeavesAmidTheStreamIsLogged() async throws {
        let yaml = yaml("{kind: half, request: 99}", "tokens_per_second: 0.001")
        try await withServer(yaml) { server in
            let received = try await {
                let client = try RawClient(port: server.port)
                try client.send("POST", "/v1/chat/completions", body: request())
                return await client.receive(until: "Reading")
            }()
            let record = try #require(await server.nextRecord())
            #expect(record.isCancelled)
            #expect(record.firstByte != nil)
            #expect(record.bytes == received.body.utf8.count)
        }
    }

    @Test(arguments: [0, 2])
    func resetEndsTheConnectionHard(after: Int) async throws {
        try await withServer(yaml("{kind: reset, after: \(after)}")) { server in
            let response = try await server.complete(request())
            #expect(response.wasReset)
            #expect(!response.isComplete)
            let record = try #require(await server.nextRecord())
            #expect(record.ending == .reset)
            #expect((record.bytes > 0) == (after > 0))
            try await #expect(Streamed(server.complete(request())).isDone)
        }
    }

    @Test(arguments: [401, 404, 429, 500, 529])
    func statusAnswersWithAnError(status: Int) async throws {
        try await withServer(yaml("{kind: status, status: \(status), retry_after: 1.25, times: 2}")) { server in
            for _ in 0..<2 {
                let response = try await server.complete(request())
                #expect(response.status == status)
                #expect(response.headers["retry-after"] == "2")
                #expect(response.headers["retry-after-ms"] == "1250")
                try #expect(JSON(parsing: response.body)["error"]?["message"]?.stringValue != nil)
            }
            try await #expect(server.complete(request()).status == 200)
        }
    }

    @Test func halfEndsCleanlyButTooEarly() async throws {
        try await withServer(yaml("{kind: half}")) { server in
            let response = try await server.complete(request())
            #expect(response.isComplete)
            let answer = try Streamed(response)
            #expect(!answer.isDone)
            #expect(answer.finish == nil)
            #expect(!answer.text.isEmpty)
        }
    }

    @Test func garbageIsNoJSON() async throws {
        try await withServer(yaml("{kind: garbage}")) { server in
            let events = try await server.complete(request()).events
            let broken = events.filter { (try? JSON(parsing: $0)) == nil }
            #expect(broken.count == 2)
            #expect(events.last == "[DONE]")
        }
    }

    @Test func argumentsAreMalformed() async throws {
        try await withServer(yaml("{kind: malformed_arguments, times: 2}")) { server in
            let answer = try Streamed(await server.complete(request()))
            #expect(answer.calls.count == 2)
            for call in answer.calls { #expect(throws: JSONError.self) { try JSON(parsing: call.arguments) } }
            let whole = try await server.complete(request(stream: false))
            #expect(whole.body.contains(#""arguments":"{\"path\":"#))
        }
    }

    @Test func argumentsAreNull() async throws {
        try await withServer(yaml("{kind: null_arguments}")) { server in
            let response = try await server.complete(request())
            #expect(response.body.contains(#""arguments":null"#))
            try #expect(Streamed(response).calls.map(\.arguments) == ["", ""])
        }
    }

    @Test func usageIsEmpty() async throws {
        try await withServer(yaml("{kind: empty_usage}")) { server in
            try await #expect(Streamed(server.complete(request())).usage == [:])
            try await #expect(Streamed(server.complete(request())).usage != [:])
        }
    }

    @Test func faultsMeetTheirStepOnly() async throws {
        try await withServer(yaml("{kind: status, status: 500, at: 1}")) { server in
            try await #expect(server.complete(request()).status == 200)
            try await #expect(server.complete(request(step: 1)).status == 500)
            try await #expect(server.complete(request(step: 1)).status == 200)
        }
    }

    @Test func quirksKeepTheMeaning() async throws {
        let yaml = yaml("{kind: half, request: 99}", "quirk: [index_zero, empty_ids]")
        try await withServer(yaml) { server in
            let response = try await server.complete(request())
            #expect(response.body.contains(#""id":"","function""#))
            #expect(!response.body.contains(#"{"index":1"#))
            try #expect(Streamed(response).calls.map(\.arguments) == [#"{"path":"first.c"}"#, #"{"path":"second.c"}"#])
        }
        try await withServer(self.yaml("{kind: half, request: 99}", "quirk: whole_call")) { server in
            let response = try await server.complete(request())
            #expect(response.events.count { $0.contains("tool_calls\":[") } == 2)
            try #expect(Streamed(response).calls.map(\.arguments) == [#"{"path":"first.c"}"#, #"{"path":"second.c"}"#])
        }
    }
}
