import ForerunCore
import Glibc
import Testing

@testable import ForerunMockServer

@Suite(.timeLimit(.minutes(20)))
struct RequestLogTests {
    @Test func recordsSayWhoAskedWhat() async throws {
        try await withServer("models: {actor: {turns: [{text: x}]}}") { server in
            let client = try RawClient(port: server.port)
            let headers = "user-agent: tester/1\r\nanthropic-version: 2023-06-01\r\n"
            let body = question(.messages)
            let response = try await client.exchange("POST", "/v1/messages", headers: headers, body: body)
            let record = try #require(await server.nextRecord())
            #expect(record.client.address.hasPrefix("127.0.0.1:"))
            #expect(record.client.agent == "tester/1")
            #expect(record.dialect == .messages)
            #expect(record.isStreaming)
            #expect(record.requestBytes == body.utf8.count)
            #expect(record.bytes == response.bytes.count)
            #expect(record.time > 1_700_000_000)
            #expect(record.body == nil)
            let json = record.json
            for key in ["request", "client", "agent", "protocol", "time", "arrival", "first_byte", "end", "bytes"] {
                #expect(json[key] != nil, "\(key)")
            }
        }
    }

    @Test func bodiesAreLoggedWhereThatIsAsked() async throws {
        let (records, recorder) = AsyncStream.makeStream(of: RequestRecord.self)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let script = try MockScript(yaml: "models: {actor: {turns: [{text: x}]}}")
        let server = MockServer(script, logsBodies: true, onRecord: { recorder.yield($0) })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(onReady: { ready.yield($0) }) }
            for await port in ports {
                _ = try await Serving(port: port, records: records).ask(.chat)
                for await record in records {
                    #expect(record.body == question(.chat))
                    #expect(record.json["body"]?.stringValue == question(.chat))
                    break
                }
                break
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
    func aFullDiskIsKept() throws {
        let file = try RequestLogFile(path: "/dev/full")
        file.append(
            RequestRecord(
                number: 1, client: .init(address: "a:1", agent: nil), dialect: .chat, isStreaming: false, model: "m",
                step: 0, requestBytes: 0, body: nil, status: 200, time: 0, arrival: 0, firstByte: nil, end: 0,
                ending: .complete, bytes: 0, promptTokens: 0, completionTokens: 0, fault: nil))
        #expect(file.failure?.contains("No space left") == true)
    }
}
