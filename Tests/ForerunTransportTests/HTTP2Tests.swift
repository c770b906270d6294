import ForerunTesting
import Glibc
import Testing

@testable import ForerunTransport

/// HTTP/2 over TLS with a real server, nghttp2's own, which sends back what it is sent.
@Suite(
    .enabled(if: access(ServerProcess.nghttpd, X_OK) == 0, "needs nghttpd (Debian: nghttp2-server)"),
    .enabled(if: access(ServerProcess.openSSL, X_OK) == 0, "needs the openssl program"),
    .enabled(if: CurlLibrary.speaksHTTP2, "needs libcurl 8.5 or newer"))
struct HTTP2Tests {
    @Test func parallelUploadsShareConnections() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server, _ in
                let body = (0..<50_000).map { UInt8(truncatingIfNeeded: $0) }
                for count in [50, 90, 110, 200, 500] {
                    let before = server.connections
                    let client = HTTPClient()
                    let whole = await withTaskGroup(of: Bool.self) { group in
                        for _ in 0..<count {
                            group.addTask {
                                let response = try? await client.send(HTTPRequest(.post, server.url, body: body))
                                return response?.status == 200 && response?.body == body
                            }
                        }
                        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                    }
                    client.shutDown()
                    #expect(whole == count)
                    // A connection bears a hundred streams.
                    #expect(server.connections - before <= (count + 99) / 100, "\(count) requests")
                }
            }
        }
    }

    @Test func cancellingResetsItsOwnStreamOnly() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server, client in
                async let kept = client.stream(HTTPRequest(.get, server.url + "large"), to: ByteCounter())
                #expect(await eventually { server.count(of: "; Open new stream") == 1 })
                let cut = Task { await client.stream(HTTPRequest(.get, server.url + "large"), to: ByteCounter()) }
                #expect(await eventually { server.count(of: "; Open new stream") == 2 })
                cut.cancel()
                #expect(await cut.value.failure?.code == .cancelled)
                #expect(await eventually { server.count(of: "recv RST_STREAM") == 1 })
                let received = await kept
                #expect(received.failure == nil)
                #expect(received.reader.count == EchoServer.largeSize)
                #expect(server.connections == 1)
                #expect(server.count(of: "recv RST_STREAM") == 1)
            }
        }
    }

    @Test func cancellingTheLastStreamClosesItsConnection() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server, client in
                let task = Task { await client.stream(HTTPRequest(.get, server.url + "large"), to: ByteCounter()) }
                #expect(await eventually { server.count(of: "; Open new stream") == 1 })
                task.cancel()
                #expect(await task.value.failure?.code == .cancelled)
                #expect(await eventually { server.closedConnections == 1 })
                let response = try await client.send(HTTPRequest(.post, server.url, body: [1]))
                #expect(response.body == [1])
            }
        }
    }

    @Test func roundsWithCancelsFinish() async {
        await #expect(processExitsWith: .success) {
            try await withServer { server, client in
                let body = [UInt8](repeating: 65, count: 50_000)
                for round in 0..<(getenv("FORERUN_SOAK") == nil ? 5 : 100) {
                    await withTaskGroup(of: Void.self) { group in
                        for index in 0..<120 {
                            group.addTask {
                                let task = Task { try await client.send(HTTPRequest(.post, server.url, body: body)) }
                                guard index % 3 == 0 else {
                                    let received = try? await task.value
                                    #expect(received?.body == body)
                                    return
                                }
                                for _ in 0..<(index * 7 + round) % 50 { await Task.yield() }
                                task.cancel()
                                _ = try? await task.value
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Runs `body` with a server and a client that trusts it. Once a process: whom libcurl trusts is decided on first use.
private func withServer(_ body: (EchoServer, HTTPClient) async throws -> Void) async throws {
    let server = try EchoServer()
    defer { server.stop() }
    unsetenv("CURL_CA_BUNDLE")
    setenv("SSL_CERT_FILE", server.files.certificate, 1)
    #expect(await eventually { server.isListening })
    let client = HTTPClient()
    try await body(server, client)
    client.shutDown()
}

/// Counts what it reads.
private struct ByteCounter: ResponseReader {
    var count = 0
    mutating func begin(_ response: HTTPResponse) {}
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        count += bytes.count
        return true
    }
}

/// `nghttpd`: sends back what is posted, and has a large file of zeroes.
private struct EchoServer {
    static let largeSize = 150 << 20

    let port: UInt16
    let files: TemporaryCertificate
    private let process: ServerProcess
    private var log: String { files.directory + "/log" }

    init() throws {
        files = try TemporaryCertificate()
        let large = open(files.directory + "/large", O_WRONLY | O_CREAT, 0o600)
        ftruncate(large, Self.largeSize)
        close(large)
        port = try freePort()
        process = try ServerProcess(
            ServerProcess.nghttpd,
            ["-v", "-a", "127.0.0.1", "--echo-upload", "-d", files.directory, "\(port)", files.key, files.certificate],
            log: files.directory + "/log")
    }

    var url: String { "https://127.0.0.1:\(port)/" }
    var isListening: Bool { !refuses(port) }

    /// How many connections brought a request.
    var connections: Int { owners(of: " :method: ").count }

    /// How many of them have ended.
    var closedConnections: Int { owners(of: " :method: ").intersection(owners(of: "] closed")).count }

    func count(of text: String) -> Int { lines.count { $0.contains(text) } }

    func stop() {
        process.stop()
        files.remove()
    }

    /// The connections whose lines hold `text`.
    private func owners(of text: String) -> Set<Substring> {
        Set(lines.filter { $0.contains(text) }.compactMap { $0.split(separator: "]").first })
    }

    /// What the server has logged so far.
    private var lines: [Substring] {
        guard let file = fopen(log, "r") else { return [] }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer[..<count] }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
}
