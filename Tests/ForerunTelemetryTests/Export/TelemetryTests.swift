import ForerunCore
import ForerunTesting
import Synchronization
import Testing

@testable import ForerunTelemetry

/// Exports over real connections.
struct TelemetryTests {
    /// A collector that does with each request what its test says.
    private final class Collector: Sendable {
        let server: LoopbackServer
        private let received = Received()

        private final class Received: Sendable { let requests = Mutex<[LoopbackServer.Request]>([]) }

        init(_ answer: @escaping @Sendable (Int, LoopbackServer.Connection) -> Void = { $1.respond() }) throws {
            server = try LoopbackServer { [received] request, connection in
                let number = received.requests.withLock { list in
                    list.append(request)
                    return list.count
                }
                answer(number, connection)
            }
        }

        deinit { server.close() }

        var requests: [LoopbackServer.Request] { received.requests.withLock { $0 } }
    }

    private static func telemetry(_ url: String, _ more: [String: String] = [:]) throws -> Telemetry {
        let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": url].merging(more) { $1 }
        return Telemetry(try #require(Samples.settings(variables).settings))
    }

    /// A run of one question. - Returns: what was lost.
    private static func report(to telemetry: Telemetry, questions: Int = 1, seed: String = "seed") async -> String? {
        let run = telemetry.run(RunFacts(id: "r", agent: "a", mode: "full"), seed: seed)
        run.begin(with: [], at: 0)
        for work in 1...questions {
            run.add(RunEvent.asked(work: work, turn: work, lane: .active, attempt: 0), at: Double(work))
            run.add(WorkSignal.ended(work: work, failure: nil), at: Double(work))
        }
        return await run.finish(
            RunOutcome(
                end: "finished", seconds: 1, savedSeconds: 0, ledger: Ledger(), statistics: Statistics()),
            at: Double(questions + 1))
    }

    private static func names(_ requests: [LoopbackServer.Request]) throws -> [String] {
        try requests.filter { $0.path == "/v1/traces" }.flatMap { try ProtoReader.spans($0.body) }.compactMap {
            $0.text(5)
        }
    }

    @Test func aRunArrives() async throws {
        let collector = try Collector()
        let telemetry = try Self.telemetry(collector.server.url, ["OTEL_EXPORTER_OTLP_HEADERS": "x-key=a%20b"])
        #expect(await Self.report(to: telemetry) == nil)
        let requests = collector.requests
        #expect(
            Set(requests.map(\.path)) == ["/v1/traces", "/v1/metrics"] && requests.allSatisfy { $0.method == "POST" })
        #expect(
            requests.allSatisfy { $0.header.contains("x-key: a b") && $0.header.contains("application/x-protobuf") })
        #expect(try Self.names(requests) == ["chat", "invoke_agent a"])
        let metrics = try requests.filter { $0.path == "/v1/metrics" }.flatMap { try ProtoReader.metrics($0.body) }
        #expect(metrics.compactMap { $0.text(1) }.contains("gen_ai.client.operation.duration"))
        // A second run of the same process: its spans, and sums of both.
        #expect(await Self.report(to: telemetry, seed: "other") == nil)
        #expect(try Self.names(collector.requests).count == 4)
        telemetry.stop()
    }

    @Test func gzipAndJSONArrive() async throws {
        let collector = try Collector()
        let telemetry = try Self.telemetry(
            collector.server.url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION": "gzip"])
        #expect(await Self.report(to: telemetry) == nil)
        let traces = try #require(collector.requests.first { $0.path == "/v1/traces" })
        #expect(traces.header.contains("application/json") && (try? JSON(parsing: traces.body)) != nil)
        let metrics = try #require(collector.requests.first { $0.path == "/v1/metrics" })
        #expect(metrics.header.contains("gzip") && metrics.body.prefix(2) == [0x1F, 0x8B])
        telemetry.stop()
    }

    @Test func spansGoInBatches() async throws {
        let collector = try Collector()
        let telemetry = try Self.telemetry(
            collector.server.url, ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "16", "OTEL_METRICS_EXPORTER": "none"])
        #expect(await Self.report(to: telemetry, questions: 99) == nil)
        let sizes = try collector.requests.map { try ProtoReader.spans($0.body).count }
        #expect(sizes.reduce(0, +) == 100 && sizes.allSatisfy { (1...16).contains($0) })
        telemetry.stop()
    }

    /// The queue is bounded, and nobody waits for it: this collector says nothing until all is over.
    @Test func whatTheCollectorCannotTakeIsDroppedAndCounted() async throws {
        let collector = try Collector { _, connection in connection.waitForDisconnect() }
        let telemetry = try Self.telemetry(
            collector.server.url,
            [
                "OTEL_BSP_MAX_QUEUE_SIZE": "50", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10",
                "OTEL_METRICS_EXPORTER": "none",
                "OTEL_BSP_EXPORT_TIMEOUT": "200",
            ])
        let loss = await Self.report(to: telemetry, questions: 999)
        #expect(loss?.contains("1000 spans could not be exported") == true, "\(loss ?? "")")
        telemetry.stop()
    }

    /// Whatever the collector does, what is lost is told, and nothing else happens.
    @Test(arguments: ["refused", "reset", "400", "500", "503", "partial", "nonsense", "hang", "slow header"])
    func aBrokenCollectorIsTold(_ fault: String) async throws {
        let collector = try Collector { _, connection in
            switch fault {
            case "reset": connection.reset()
            case "partial":
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\u{0A}\u{04}\u{08}\u{01}\u{12}\u{00}")
            case "nonsense": connection.send("This is not HTTP.\r\n\r\n"); connection.close()
            case "hang": connection.waitForDisconnect()
            case "slow header":
                connection.send("HTTP/1.1 200 OK\r\nContent-Le")
                connection.waitForDisconnect()
            default: connection.respond(Int(fault) ?? 500, "secret words")
            }
        }
        if fault == "refused" { collector.server.close() }
        let telemetry = try Self.telemetry(collector.server.url, ["OTEL_BSP_EXPORT_TIMEOUT": "300"])
        let loss = try #require(await Self.report(to: telemetry))
        let lost = fault == "partial" ? "1 span" : "2 spans"
        #expect(loss.hasPrefix("OpenTelemetry: \(lost) and metrics could not be exported: "), "\(loss)")
        #expect(!loss.contains("secret") && !loss.contains("\n"))
        telemetry.stop()
    }

    /// 429 and 503 say when to come back.
    @Test func requestsAreSentAgain() async throws {
        let collector = try Collector { number, connection in
            switch number {
            case 1: connection.respond(429, headers: ["Retry-After: 0"])
            case 2: connection.respond(503, headers: ["Retry-After: 0"])
            default: connection.respond()
            }
        }
        let telemetry = try Self.telemetry(
            collector.server.url, ["OTEL_METRICS_EXPORTER": "none", "OTEL_BSP_SCHEDULE_DELAY": "0"])
        let run = telemetry.run(RunFacts(id: "r", agent: "a", mode: "full"), seed: "s")
        run.begin(with: [], at: 0)
        run.add(RunEvent.asked(work: 1, turn: 0, lane: .active, attempt: 0), at: 0)
        run.add(WorkSignal.ended(work: 1, failure: .init("timed out")), at: 1)
        run.add(RunEvent.asked(work: 2, turn: 0, lane: .active, attempt: 1), at: 2)
        #expect(await eventually { collector.requests.count == 3 })
        let bodies = collector.requests.map(\.body)
        #expect(bodies[0] == bodies[1] && bodies[1] == bodies[2])
        let outcome = RunOutcome(
            end: "finished", seconds: 3, savedSeconds: 0, ledger: Ledger(), statistics: Statistics())
        #expect(await run.finish(outcome, at: 3) == nil)
        telemetry.stop()
    }

    /// 400 and the like are final.
    @Test func whatIsRefusedIsNotSentAgain() async throws {
        let collector = try Collector { _, connection in connection.respond(400) }
        let telemetry = try Self.telemetry(collector.server.url, ["OTEL_METRICS_EXPORTER": "none"])
        let loss = await Self.report(to: telemetry)
        #expect(loss?.contains("HTTP 400 (\(collector.server.url))") == true && collector.requests.count == 1)
        telemetry.stop()
    }

    @Test func nobodyIsAskedWhereTracesAreNotSampled() async throws {
        let collector = try Collector()
        let telemetry = try Self.telemetry(
            collector.server.url, ["OTEL_TRACES_SAMPLER": "always_off", "OTEL_METRICS_EXPORTER": "none"])
        #expect(await Self.report(to: telemetry, questions: 20) == nil)
        #expect(collector.server.counts.connections == 0)
        telemetry.stop()
    }
}
