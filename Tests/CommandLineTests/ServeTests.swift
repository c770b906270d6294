import ForerunCore
import ForerunTransport
import Glibc
import Testing

/// `forerun serve`.
struct ServeTests {
    @Test(arguments: [SIGINT, SIGTERM])
    func itPrintsItsAddressAndEndsWithASignal(_ signal: Int32) async throws {
        let home = try TemporaryHome()
        let server = try Running(["serve", "--port", "0"], home)
        try await server.waitForOutput { $0.hasSuffix("/\n") }
        let lines = server.output.split(separator: "\n")
        #expect(lines.count == 1)
        let address = String(lines[0])
        let page = try await HTTPClient.shared.send(HTTPRequest(.get, address, totalTimeout: 60))
        #expect(page.status == 200)
        let list = try await HTTPClient.shared.send(HTTPRequest(.get, address + "api/runs", totalTimeout: 60))
        #expect(String(decoding: list.body, as: UTF8.self).contains(#""runs":[]"#))
        server.send(signal)
        #expect(try await server.end().status == 0)
    }

    @Test func aPortThatIsTakenIsSaidWithTheRemedy() async throws {
        let home = try TemporaryHome()
        let first = try Running(["serve", "--port", "0"], home)
        try await first.waitForOutput { $0.hasSuffix("/\n") }
        let port = first.output.split(separator: ":").last?.prefix { $0.isNumber } ?? ""
        let second = try await Program.run(["serve", "--port", String(port)], in: home)
        #expect(second.status == 1)
        #expect(second.error.contains("port \(port) of 127.0.0.1 is taken"))
        #expect(second.error.contains("--port 0"))
        first.send(SIGTERM)
        _ = try await first.end()
    }

    @Test func beyondThisMachineItAsksForAToken() async throws {
        let home = try TemporaryHome()
        let server = try Running(["serve", "--port", "0", "--host", "0.0.0.0"], home)
        try await server.waitForOutput { $0.hasSuffix("\n") }
        let parts = server.output.split(separator: "?token=")
        let token = try #require(parts.last?.dropLast())
        #expect(token.count == 32)
        let url = parts[0] + "api/runs"
        #expect(try await HTTPClient.shared.send(HTTPRequest(.get, String(url), totalTimeout: 60)).status == 401)
        let headers = HTTPHeaders([("Authorization", "Bearer \(token)")])
        let answer = try await HTTPClient.shared.send(
            HTTPRequest(.get, String(url), headers: headers, totalTimeout: 60))
        #expect(answer.status == 200)
        server.send(SIGINT)
        #expect(try await server.end().status == 0)
    }

    @Test func aRunOfAnotherProcessIsToldToGoOnWithoutSpeculationAndToEnd() async throws {
        let home = try TemporaryHome()
        // The actor takes its time for the second turn.
        let script = """
            models:
              actor:
                fault: {kind: stall, request: 2, after: 0, times: always}
                turns: [{calls: [{name: read_file, arguments: {path: a.txt}}]}, {text: Done.}]
            """
        try await withEndpoint(script) { flags in
            let run = try Running(["run", "coder", "Do it.", "--json"] + flags, home)
            try await run.waitForOutput { $0.contains(#""type":"call.taken""#) }
            let server = try Running(["serve", "--port", "0", "--control"], home)
            try await server.waitForOutput { $0.hasSuffix("\n") }
            let parts = server.output.split(separator: "?token=")
            let token = try #require(parts.last?.dropLast())
            let headers = HTTPHeaders([("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")])
            func send(_ method: HTTPRequest.Method, _ path: String, _ body: String = "") async throws -> String {
                let request = HTTPRequest(
                    method, parts[0] + path, headers: headers, body: Array(body.utf8), totalTimeout: 60)
                return String(decoding: try await HTTPClient.shared.send(request).body, as: UTF8.self)
            }
            let list = try JSON(parsing: Array(try await send(.get, "api/runs").utf8)[...])
            let name = try #require(list["runs"]?.arrayValue?.first?["run"]?.stringValue)
            #expect(try await send(.post, "api/runs/\(name)/speculation", #"{"on":false}"#) == #"{"done":true}"#)
            try await run.waitForOutput { $0.contains(#""type":"speculation.switched""#) }
            #expect(try await send(.post, "api/runs/\(name)/cancel") == #"{"done":true}"#)
            let end = try await run.end()
            #expect(end.status == 130)
            #expect(end.output.contains(#""end":"interrupted""#))
            #expect(try await send(.post, "api/runs/\(name)/cancel").contains("does not go on"))
            server.send(SIGTERM)
            #expect(try await server.end().status == 0)
        }
    }

    @Test func aTokenIsNeverTakenFromTheCommandLine() async throws {
        let home = try TemporaryHome()
        let typed = try await Program.run(["serve", "--token", "0123456789abcdef"], in: home)
        #expect(typed.status == 2)
        #expect(!typed.error.contains("0123456789abcdef"))
        let short = try await Program.run(["serve", "--token", "env:TOKEN"], in: home, variables: ["TOKEN": "short"])
        #expect(short.status == 3)
        #expect(short.error.contains("could be guessed"))
    }
}
