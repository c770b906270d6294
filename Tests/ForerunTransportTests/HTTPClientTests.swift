import ForerunTesting
import ForerunTransport
import Glibc
import Synchronization
import Testing

struct HTTPClientTests {
    @Test func collectsABodyAndReadsHeaderFieldsInAnyCase() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(201, "hello", headers: ["X-Request-Id:  abc ", "X-Empty:"])
        }
        defer { server.close() }
        let response = try await HTTPClient().send(HTTPRequest(.get, server.url))
        #expect(response.status == 201)
        #expect(response.isSuccess)
        #expect(String(decoding: response.body, as: UTF8.self) == "hello")
        #expect(response[header: "x-request-ID"] == "abc")
        #expect(response[header: "x-empty"] == "")
        #expect(response[header: "x-missing"] == nil)
        #expect(response.headerContains("x-request") && response.headerContains("x-empty"))
        #expect(!response.headerContains("x-missing"))
    }

    @Test func keepsConnectionsAlive() async throws {
        let server = try LoopbackServer { request, connection in
            connection.respond(200, "\(request.method) \(request.body.count)")
        }
        defer { server.close() }
        let client = HTTPClient()
        for count in 0..<20 {
            let response = try await client.send(
                HTTPRequest(.post, server.url, body: [UInt8](repeating: 65, count: count * 100_000)))
            #expect(String(decoding: response.body, as: UTF8.self) == "POST \(count * 100_000)")
        }
        #expect(try await client.send(HTTPRequest(.get, server.url)).body == Array("GET 0".utf8))
        #expect(try await client.send(HTTPRequest(.delete, server.url)).body == Array("DELETE 0".utf8))
        #expect(try await client.send(HTTPRequest(.get, server.url)).body == Array("GET 0".utf8))
        #expect(server.counts.connections == 1)
        #expect(server.counts.requests == 23)
    }

    @Test func asksForTheHeaderOnlyAndGoesOn() async throws {
        let server = try LoopbackServer { request, connection in
            if request.method == "HEAD" {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
            } else {
                connection.respond(200, "hello")
            }
        }
        defer { server.close() }
        let client = HTTPClient()
        #expect(try await client.send(HTTPRequest(.head, server.url)).body.isEmpty)
        #expect(try await client.send(HTTPRequest(.get, server.url)).body == Array("hello".utf8))
        #expect(server.counts.connections == 1)
    }

    /// Nobody is asked to compress. Who does it all the same is understood.
    @Test func undoesContentCodings() async throws {
        // What `printf hello | gzip` prints, and what brotli makes of it.
        let gzip: [UInt8] =
            [
                0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0x86, 0xa6, 0x10, 0x36, 5, 0, 0,
                0,
            ]
        let brotli: [UInt8] = [0x0b, 0x02, 0x80] + Array("hello".utf8) + [0x03]
        let (headers, header) = AsyncStream.makeStream(of: String.self)
        for (name, body) in [("gzip", gzip), ("br", brotli), ("gzip", Array("hello".utf8))] {
            let server = try LoopbackServer { request, connection in
                header.yield(request.header)
                connection.send("HTTP/1.1 200 OK\r\nContent-Encoding: \(name)\r\nContent-Length: \(body.count)\r\n\r\n")
                connection.send(body)
            }
            defer { server.close() }
            if body.count == 5 {
                await expectFailure(.malformed, HTTPRequest(.get, server.url))
            } else {
                #expect(try await HTTPClient().send(HTTPRequest(.get, server.url)).body == Array("hello".utf8))
            }
            for await header in headers {
                #expect(!header.lowercased().contains("accept-encoding"))
                break
            }
        }
    }

    @Test func sendsHeaderFieldsAndNoneThatEndEarly() async throws {
        let server = try LoopbackServer { request, connection in connection.respond(200, request.header) }
        defer { server.close() }
        let headers = HTTPHeaders([("X-Plain", "a b"), ("X-Empty", ""), ("X-Break", "a\r\nX-Injected: b")])
        let response = try await HTTPClient().send(HTTPRequest(.post, server.url, headers: headers, body: [1]))
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\r\n")
        #expect(lines.contains("X-Plain: a b"))
        #expect(lines.contains("X-Empty:"))
        #expect(lines.contains("X-Break: aX-Injected: b"))
        #expect(!lines.contains { $0.hasPrefix("Expect") || $0.hasPrefix("X-Injected") })
        #expect(!"\(headers) \(String(reflecting: headers))".contains("a b"))
    }

    @Test func serves300RequestsAtTheSameTime() async throws {
        let server = try LoopbackServer { request, connection in
            connection.startChunks()
            connection.chunk(request.path)
            connection.pause(milliseconds: 100)
            connection.chunk(".")
            connection.endChunks()
        }
        defer { server.close() }
        let client = HTTPClient()
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<300 {
                group.addTask {
                    let response = try await client.send(HTTPRequest(.get, "\(server.url)/\(index)"))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies == Set((0..<300).map { "/\($0)." }))
    }

    @Test func cancellingClosesTheConnection() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            connection.chunk("first")
            connection.waitForDisconnect()
        }
        defer { server.close() }
        let client = HTTPClient()
        let task = Task {
            await client.stream(HTTPRequest(.get, server.url), to: ChunkReader { _ in _ = start.yield() })
        }
        for await _ in started { break }
        task.cancel()
        let received = await task.value
        #expect(received.failure?.code == .cancelled)
        #expect(received.response?.status == 200)
        #expect(await eventually { server.counts.disconnects == 1 })
    }

    @Test func aCancelledTaskSendsNothing() async throws {
        let server = try LoopbackServer { _, connection in connection.respond() }
        defer { server.close() }
        let client = HTTPClient()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await client.stream(HTTPRequest(.get, server.url), to: ChunkReader { _ in })
        }
        #expect(await task.value.failure?.code == .cancelled)
        _ = try await client.send(HTTPRequest(.get, server.url))
        #expect(server.counts.requests == 1)
    }

    @Test func theEndOfWhatNobodyReadsIsNotAwaited() async throws {
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            connection.chunk("all that is wanted")
            connection.waitForDisconnect()
        }
        defer { server.close() }
        let received = await HTTPClient().stream(HTTPRequest(.get, server.url), to: ChunkReader(limit: 1) { _ in })
        #expect(received.failure == nil)
        #expect(received.reader.count == 18)
        #expect(await eventually { server.counts.disconnects == 1 })
    }

    @Test func refusesABodyThatIsTooLong() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(200, String(repeating: "x", count: 100_000))
        }
        defer { server.close() }
        await expectFailure(.tooLarge, HTTPRequest(.get, server.url), limit: 99_999)
        #expect(try await HTTPClient().send(HTTPRequest(.get, server.url), limit: 100_000).body.count == 100_000)
    }

    @Test func shuttingDownEndsWhatIsRunningAndWhatComesLater() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            connection.chunk("first")
            connection.waitForDisconnect()
        }
        defer { server.close() }
        let client = HTTPClient()
        async let running = client.stream(
            HTTPRequest(.get, server.url), to: ChunkReader { _ in _ = start.yield() })
        for await _ in started { break }
        client.shutDown()
        #expect(await running.failure?.code == .shutDown)
        await expectFailure(.shutDown, HTTPRequest(.get, server.url), client: client)
        client.shutDown()
    }
}

/// Counts bytes and reports each chunk.
private struct ChunkReader: ResponseReader {
    var limit = Int.max
    let report: @Sendable (Int) -> Void
    var count = 0

    init(limit: Int = .max, _ report: @escaping @Sendable (Int) -> Void) {
        self.limit = limit
        self.report = report
    }

    mutating func begin(_ response: HTTPResponse) {}

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        count += bytes.count
        report(bytes.count)
        return count < limit
    }
}
