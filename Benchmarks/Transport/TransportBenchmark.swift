#if PEERS
    import Foundation

    /// What a request and a stream cost this process, beside others' clients, against `forerun mock` in a process of its own.
    ///
    /// Processor time counts: on the loopback interface, wall time is the server's. Python's httpx and aiohttp join in where
    /// `python3` (or PYTHON) has them; the C program with libcurl where there is a C compiler.
    struct TransportBenchmark: Benchmark {
        let name = "transport"

        private static let requests = 2000
        private static let streams = 60
        private static let together = 200

        func run(report: (Measurement) -> Void) async throws {
            let figures = try await MockProcess.with(script: "transport") { url in
                let own = ForerunClient()
                defer { own.shutDown() }
                let other = try AsyncClient()
                var figures: [Measurement] = []
                do {
                    figures += try await Self.alternating(
                        "kept-alive request", "short", Self.requests, url, own, other, python: "requests")
                    figures += try await Self.alternating(
                        "streamed response of 1,000 chunks", "stream", Self.streams, url, own, other, python: "streams")
                    figures += try await Self.concurrent(url, own, other)
                    figures.append(try await Disconnects.measure(url))
                } catch {
                    try? await other.shutDown()
                    throw error
                }
                try await other.shutDown()
                return figures
            }
            for figure in figures { report(figure) }
        }

        /// One after the other on one connection, both clients in turn, so that both meet the same machine.
        private static func alternating(
            _ title: String, _ model: String, _ count: Int, _ url: String, _ own: ForerunClient, _ other: AsyncClient,
            python: String
        ) async throws -> [Measurement] {
            let body = Self.body(model)
            var seconds: [[Double]] = [[], []]
            for round in 0..<6 {
                let ours = try await Self.cpu { for _ in 0..<count / 5 { try await own.post(url, body) } }
                let theirs = try await Self.cpu { for _ in 0..<count / 5 { try await other.post(url, body) } }
                // The first round is for connections, code and caches.
                if round > 0 {
                    seconds[0].append(ours)
                    seconds[1].append(theirs)
                }
            }
            let micro = 1e6 / Double(count / 5)
            let ours = median(seconds[0]) * micro
            var figures = [
                Measurement(
                    of: title, metric: "processor time, median of 5 rounds", unit: "µs", value: ours,
                    baseline: "async-http-client", baselineValue: median(seconds[1]) * micro)
            ]
            for (library, seconds) in try await PythonClients.measure(python, url, model, count / 5) {
                figures.append(
                    Measurement(
                        of: title, metric: "processor time", unit: "µs", value: ours, baseline: library,
                        baselineValue: seconds * micro))
            }
            return figures
        }

        private static func concurrent(
            _ url: String, _ own: ForerunClient, _ other: AsyncClient
        ) async throws -> [Measurement] {
            let body = Self.body("paced")
            func all(_ post: @Sendable @escaping (String, [UInt8]) async throws -> Void) async throws -> Double {
                try await cpu {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<together { group.addTask { try await post(url, body) } }
                        try await group.waitForAll()
                    }
                }
            }
            _ = try await all { try await own.post($0, $1) }
            var ours: [Double] = []
            var inC: [Double] = []
            for _ in 0..<3 {
                ours.append(try await all { try await own.post($0, $1) })
                if let seconds = try await CurlProgram.measure(url, body, streams: together) { inC.append(seconds) }
            }
            let theirs = try await all { try await other.post($0, $1) }
            let title = "\(together) streams of 1,000 chunks at once"
            var figures = [
                Measurement(
                    of: title, metric: "processor time, median of 3", unit: "s", value: median(ours),
                    baseline: "async-http-client", baselineValue: theirs)
            ]
            if !inC.isEmpty {
                figures.append(
                    Measurement(
                        of: title, metric: "processor time, median of 3", unit: "s", value: median(ours),
                        baseline: "C with libcurl", baselineValue: median(inC)))
            }
            return figures
        }

        static func body(_ model: String) -> [UInt8] {
            Array(#"{"model":"\#(model)","stream":true,"messages":[{"role":"user","content":"Go."}]}"#.utf8)
        }

        private static func cpu(_ work: () async throws -> Void) async throws -> Double {
            let start = Usage.cpuSeconds
            try await work()
            return Usage.cpuSeconds - start
        }

        private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    }
#endif
