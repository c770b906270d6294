#if PEERS
    import ForerunTransport

    /// Our own client: counts what arrives.
    final class ForerunClient: Sendable {
        private let client = HTTPClient()

        private struct Counter: ResponseReader {
            var bytes = 0
            mutating func begin(_ response: HTTPResponse) {}
            mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
                self.bytes += bytes.count
                return true
            }
        }

        func post(_ url: String, _ body: [UInt8]) async throws {
            let request = HTTPRequest(
                .post, url + "/chat/completions",
                headers: HTTPHeaders([(name: "Content-Type", value: "application/json")]),
                body: body)
            let received = await client.stream(request, to: Counter())
            if let failure = received.failure { throw failure }
            guard received.response?.isSuccess == true, received.reader.bytes > 0 else {
                throw BenchmarkError("the server answered with \(received.response?.status ?? 0)")
            }
        }

        func shutDown() { client.shutDown() }
    }
#endif
