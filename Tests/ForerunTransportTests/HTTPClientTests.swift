import ForerunTesting
import ForerunTransport
import Testing

struct HTTPClientTests {
    @Test func collectsABodyAndReadsHeaderFieldsInAnyCase() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(201, "hello", headers: ["X-Request-Id: abc"])
        }
        defer { server.close() }
        let client = HTTPClient()
        let response = try await client.send(HTTPRequest(.get, server.url))
        #expect(response.status == 201)
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
        #expect(response[header: "x-request-ID"] == "abc")
        #expect(response[header: "x-missing"] == nil)
        client.shutDown()
    }

    @Test func keepsConnectionsAlive() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(200, "\(request.method) \(request.body.count)")
        }
        defer { server.close() }
        let client = HTTPClient()
        for count in 0..<20 {
            let response = try await client.send(
                HTTPRequest(.post, server.url, body: [UInt8](repeating: 65, count: count * 10_000)))
            #expect(String(decoding: response.body, as: UTF8.self) == "POST \(count * 10_000)")
        }
        #expect(try await client.send(HTTPRequest(.get, server.url)).body == Array("GET 0".utf8))
        #expect(server.counts.connections == 1)
        #expect(server.counts.requests == 21)
    }
}
