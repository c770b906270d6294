import ForerunTesting
import ForerunTransport
import Testing

struct TransportErrorTests {
    @Test func aSilentServerTimesOut() async throws {
        let server = try LoopbackServer { request, connection in
            if request.path == "/some" {
                connection.startChunks()
                connection.chunk("first")
            }
            connection.waitForDisconnect()
        }
        defer { server.close() }
        await expectFailure(.timedOut, HTTPRequest(.get, server.url, idleTimeout: 0.1))
        await expectFailure(.timedOut, HTTPRequest(.get, server.url + "/some", idleTimeout: 0.1))
        await expectFailure(.timedOut, HTTPRequest(.get, server.url + "/some", totalTimeout: 0.1))
        #expect(await eventually { server.counts.disconnects == 3 })
    }

    @Test func bytesKeepASlowStreamAlive() async throws {
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            for _ in 0..<12 {
                connection.chunk("x")
                connection.pause(milliseconds: 200)
            }
            connection.endChunks()
        }
        defer { server.close() }
        let response = try await HTTPClient().send(HTTPRequest(.get, server.url, idleTimeout: 2))
        #expect(response.body.count == 12)
    }

    @Test func nobodyListens() async throws {
        let server = try LoopbackServer { _, _ in }
        server.close()
        #expect(await eventually { refuses(server.port) })
        await expectFailure(.refused, HTTPRequest(.get, server.url))
    }

    @Test func theHostDoesNotExist() async {
        await expectFailure(.couldNotResolve, HTTPRequest(.get, "http://nowhere.invalid/"))
    }

    @Test(arguments: ["", "no url", "ftp://127.0.0.1/", "http://", "http://127.0.0.1:99999/"])
    func theAddressIsNone(_ url: String) async {
        await expectFailure(.invalidURL, HTTPRequest(.get, url))
    }

    @Test func theBodyBreaksOff() async throws {
        let server = try LoopbackServer { request, connection in
            switch request.path {
            case "/length": connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            case "/chunks":
                connection.startChunks()
                connection.chunk("whole chunk")
            default:
                connection.startChunks()
                connection.send("20\r\nhalf a chunk")
            }
            connection.close()
        }
        defer { server.close() }
        for path in ["/length", "/chunks", "/chunk"] {
            await expectFailure(.truncated, HTTPRequest(.get, server.url + path))
        }
    }

    @Test func theConnectionIsReset() async throws {
        let server = try LoopbackServer { request, connection in
            if request.path == "/later" {
                connection.startChunks()
                connection.chunk("first")
                connection.pause(milliseconds: 50)
            }
            connection.reset()
        }
        defer { server.close() }
        await expectFailure(.reset, HTTPRequest(.post, server.url, body: [1]))
        await expectFailure(.truncated, HTTPRequest(.get, server.url + "/later"))
    }

    @Test func theServerSpeaksNoHTTP() async throws {
        let server = try LoopbackServer { request, connection in
            switch request.path {
            case "/chunks":
                connection.startChunks()
                connection.send("this is no size\r\n")
            case "/none": break
            default: connection.send("+OK POP3 server ready\r\n")
            }
            connection.close()
        }
        defer { server.close() }
        await expectFailure(.malformed, HTTPRequest(.get, server.url))
        await expectFailure(.truncated, HTTPRequest(.get, server.url + "/chunks"))
        await expectFailure(.reset, HTTPRequest(.get, server.url + "/none"))
    }

    @Test func theServerSpeaksNoTLS() async throws {
        let server = try LoopbackServer { _, _ in }
        defer { server.close() }
        let url = server.url.replacing("http:", with: "https:")
        // A handshake is no request: the server answers none, so that the connection ends only with the client's patience.
        await expectFailure(.timedOut, HTTPRequest(.get, url, connectTimeout: 0.1))
        // One that answers a handshake with a greeting.
        let greeter = try LoopbackServer(greeting: "220 ready\r\n") { _, connection in connection.close() }
        defer { greeter.close() }
        await expectFailure(.tls, HTTPRequest(.get, greeter.url.replacing("http:", with: "https:")))
    }
}
