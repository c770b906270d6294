#if PEERS
    import ForerunCore
    import ForerunTransport
    import Foundation
    import Synchronization

    /// How long after a cancel the server sees that its client has left.
    enum Disconnects {
        private static let count = 200

        private struct Listener: ResponseReader {
            let onFirst: @Sendable () -> Void
            mutating func begin(_ response: HTTPResponse) {}
            mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
                onFirst()
                return true
            }
        }

        /// One call after the other is cancelled amid its stream; the server's log has when it saw that.
        static func measure(_ url: String) async throws -> Measurement {
            let client = HTTPClient()
            defer { client.shutDown() }
            let request = HTTPRequest(
                .post, url + "/chat/completions",
                headers: HTTPHeaders([(name: "Content-Type", value: "application/json")]),
                body: TransportBenchmark.body("paced"))
            var cancelled: [Double] = []
            let already = try log().count
            for _ in 0..<count {
                let (begun, first) = AsyncStream.makeStream(of: Void.self)
                let call = Task { await client.stream(request, to: Listener { first.yield() }).failure }
                for await _ in begun { break }
                cancelled.append(Date().timeIntervalSince1970)
                call.cancel()
                _ = await call.value
            }
            var ends: [Double] = []
            for _ in 0..<100 where ends.count < count {
                try await Task.sleep(for: .milliseconds(50))
                ends = try log().dropFirst(already).filter { $0["cancelled"] == true }.compactMap { record in
                    guard let time = record["time"]?.doubleValue, let arrival = record["arrival"]?.doubleValue,
                        let end = record["end"]?.doubleValue
                    else { return nil }
                    return time + end - arrival
                }
            }
            guard ends.count == count else {
                throw BenchmarkError("the server saw \(ends.count) of \(count) clients leave")
            }
            let delays = zip(cancelled, ends.sorted()).map { ($1 - $0) * 1000 }.sorted()
            return Measurement(
                of: "cancelled stream", metric: "until the server sees it, 99th of 100", unit: "ms",
                value: delays[count * 99 / 100], baseline: "median", baselineValue: delays[count / 2])
        }

        private static func log() throws -> [JSON] {
            let text = (try? String(contentsOfFile: MockProcess.log, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").compactMap { try? JSON(parsing: String($0)) }
        }
    }
#endif
