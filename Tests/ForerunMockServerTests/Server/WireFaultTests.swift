import ForerunCore
import ForerunMockServer
import Testing

/// Faults of the connection and of HTTP: what is on the wire is what the name says, in every protocol.
@Suite(.timeLimit(.minutes(20)))
struct WireFaultTests {
    static let both = Dialect.allCases.flatMap { dialect in [true, false].map { (dialect, $0) } }

    private func yaml(_ fault: String) -> String {
        """
        models:
          actor:
            chunk: 1
            fault: \(fault)
            turns: [{text: "Ein „Wort“ und noch eins."}]
        """
    }

    /// What the fault changes, and what would have been sent without it.
    private func pair(_ fault: String, _ dialect: Dialect, _ stream: Bool) async throws -> (RawResponse, RawResponse) {
        let pair = Pair()
        try await withServer(yaml(fault)) { server in
            let spoilt = try await server.ask(dialect, stream: stream)
            #expect(await server.nextRecord()?.fault != nil)
            await pair.keep(spoilt, try await server.ask(dialect, stream: stream))
        }
        let spoilt = try #require(await pair.spoilt)
        var whole = try #require(await pair.whole)
        // Ids count requests.
        for number in ["-2\"", "_2\"", "_2_0\""] {
            whole.body = whole.body.replacing(number, with: number.replacing("2", with: "1"))
        }
        #expect(whole.isComplete)
        return (spoilt, whole)
    }

    private actor Pair {
        private(set) var spoilt: RawResponse?
        private(set) var whole: RawResponse?
        func keep(_ spoilt: RawResponse, _ whole: RawResponse) { (self.spoilt, self.whole) = (spoilt, whole) }
    }

    @Test(arguments: Dialect.allCases)
    func stallBeforeTheBody(_ dialect: Dialect) async throws {
        try await withServer(yaml("{kind: stall, after: 0}")) { server in
            let head = try await {
                let client = try RawClient(port: server.port)
                let version = "anthropic-version: 2023-06-01\r\n"
                try client.send("POST", dialect.path, headers: version, body: question(dialect))
                return await client.receiveHead()
            }()
            #expect(head.status == 200)
            #expect(head.bytes.isEmpty)
            let record = try #require(await server.nextRecord())
            #expect(record.isCancelled)
            #expect(record.firstByte != nil)
            #expect(record.bytes == 0)
        }
    }

    @Test(arguments: both)
    func closeAmidTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: close, after: 2}", dialect, stream)
        #expect(spoilt.status == 200)
        #expect(!spoilt.isComplete)
        #expect(!spoilt.wasReset)
        #expect(!spoilt.bytes.isEmpty)
        #expect(whole.body.hasPrefix(spoilt.body))
    }

    @Test func closeBeforeTheHeader() async throws {
        let (spoilt, _) = try await pair("{kind: close}", .chat, true)
        #expect(spoilt.raw.isEmpty)
        #expect(!spoilt.wasReset)
    }

    @Test(arguments: both)
    func resetAmidTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, _) = try await pair("{kind: reset, after: 2}", dialect, stream)
        #expect(spoilt.wasReset)
        #expect(!spoilt.isComplete)
    }

    @Test(arguments: both)
    func everyByteIsAChunk(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: every_byte}", dialect, stream)
        #expect(spoilt.isComplete)
        #expect(spoilt.body == whole.body)
        #expect(spoilt.chunkSizes == Array(repeating: 1, count: whole.bytes.count))
    }

    @Test(arguments: both)
    func aChunkHasNoSize(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, _) = try await pair("{kind: bad_chunk}", dialect, stream)
        #expect(spoilt.headers["transfer-encoding"] == "chunked")
        #expect(spoilt.holds("\r\nzz\r\n"))
        #expect(!spoilt.isComplete)
        #expect(!spoilt.bytes.isEmpty)
    }

    @Test(arguments: both)
    func theLengthPromisesMore(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: short_body, bytes: 7}", dialect, stream)
        #expect(spoilt.headers["content-length"] == String(whole.bytes.count + 7))
        #expect(spoilt.body == whole.body)
        #expect(!spoilt.isComplete)
    }

    @Test(arguments: both)
    func fieldsFollowTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: trailers}", dialect, stream)
        #expect(spoilt.headers["trailer"] == "x-forerun-trailer")
        #expect(spoilt.holds("0\r\nx-forerun-trailer: sent after the body\r\n\r\n"))
        #expect(spoilt.isComplete)
        #expect(spoilt.body == whole.body)
    }

    @Test(arguments: both)
    func theConnectionEndsTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: http10}", dialect, stream)
        #expect(String(decoding: spoilt.raw.prefix(17), as: UTF8.self) == "HTTP/1.0 200 OK\r\n")
        #expect(spoilt.headers["content-length"] == nil)
        #expect(spoilt.headers["transfer-encoding"] == nil)
        #expect(spoilt.body == whole.body)
        #expect(!spoilt.wasReset)
    }

    @Test(arguments: both)
    func theBodyDrips(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: drip, bytes: 50, pause: 0.001}", dialect, stream)
        #expect(spoilt.isComplete)
        #expect(spoilt.body == whole.body)
        if stream {
            #expect(spoilt.chunkSizes.dropLast().allSatisfy { $0 == 50 })
            #expect(spoilt.chunkSizes.count == (whole.bytes.count + 49) / 50)
        }
    }

    @Test(arguments: both)
    func gzipHoldsTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: gzip}", dialect, stream)
        #expect(spoilt.headers["content-encoding"] == "gzip")
        #expect(spoilt.isComplete)
        #expect(spoilt.bytes.starts(with: [0x1f, 0x8b, 8]))
        // Blocks are stored as they are: the body stands in there, and its length at the end.
        #expect(spoilt.holds(whole.body))
        let length = spoilt.bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(length == whole.bytes.count)
    }

    @Test(arguments: both)
    func brotliHoldsTheBody(_ dialect: Dialect, _ stream: Bool) async throws {
        let (spoilt, whole) = try await pair("{kind: br}", dialect, stream)
        #expect(spoilt.headers["content-encoding"] == "br")
        #expect(spoilt.isComplete)
        #expect(spoilt.holds(whole.body))
        #expect(spoilt.bytes.count == whole.bytes.count + 5)
    }
}
