#if PEERS
    import AsyncHTTPClient
    import NIOCore
    import NIOHTTP1

    /// async-http-client, doing the same.
    final class AsyncClient: Sendable {
        private let client: HTTPClient

        init() throws {
            var configuration = HTTPClient.Configuration()
            // As many streams at a time as are asked for; by default eight would wait for each other.
            configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1000
            client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }

        func post(_ url: String, _ body: [UInt8]) async throws {
            var request = HTTPClientRequest(url: url + "/chat/completions")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
            let response = try await client.execute(request, timeout: .seconds(600))
            var bytes = 0
            for try await part in response.body { bytes += part.readableBytes }
            guard (200..<300).contains(response.status.code), bytes > 0 else {
                throw BenchmarkError("the server answered with \(response.status)")
            }
        }

        func shutDown() async throws { try await client.shutdown() }
    }
#endif
