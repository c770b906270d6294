import ForerunCore
import ForerunTelemetry
import ForerunTesting
import Synchronization
import Testing

@testable import ForerunRuntime

/// Runs that report to a collector: nothing about them changes, whatever it does.
struct TelemetryRunTests {
    /// A collector that keeps what it gets.
    private final class Collector: Sendable {
        private final class Received: Sendable { let bodies = Mutex<[(path: String, body: [UInt8])]>([]) }

        let server: LoopbackServer
        private let received = Received()

        init(_ answer: @escaping @Sendable (LoopbackServer.Connection) -> Void = { $0.respond() }) throws {
            server = try LoopbackServer { [received] request, connection in
                received.bodies.withLock { $0.append((request.path, request.body)) }
                answer(connection)
            }
        }

        deinit { server.close() }

        var bodies: [(path: String, body: [UInt8])] { received.bodies.withLock { $0 } }
        var text: String { bodies.map { String(decoding: $0.body, as: UTF8.self) }.joined() }
        var variables: [String: String] { ["OTEL_EXPORTER_OTLP_ENDPOINT": server.url] }
    }

    private func run(
        _ scene: AgentScene, _ variables: [String: String]
    ) async throws -> (report: RunReport, warnings: [String], notes: [String]) {
        var request = try scene.request()
        request.variables.merge(variables) { $1 }
        let runtime = AgentRuntime.withOwnConnections()
        let run = try await runtime.prepare(request)
        let warnings = Mutex<[String]>([])
        let report = try await run.run { notice in
            if case .warning(let text) = notice { warnings.withLock { $0.append(text) } }
        }
        await runtime.shutDown()
        return (report, warnings.withLock { $0 }.filter { $0.contains("OpenTelemetry") }, run.notes)
    }

    @Test func aRunIsExportedAsItWas() async throws {
        let scene = try AgentScene()
        let collector = try Collector()
        let (report, warnings, notes) = try await run(
            scene, collector.variables.merging(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"]) { $1 })
        #expect(report.end == .finished && warnings.isEmpty && !notes.contains { $0.contains("OTEL") })
        let spans = try collector.bodies.filter { $0.path == "/v1/traces" }.flatMap { item in
            let json = try JSON(parsing: item.body)
            return json["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue
                ?? []
        }
        let names = spans.compactMap { $0["name"]?.stringValue }
        #expect(names.filter { $0 == "chat m" }.count >= 2 && names.contains("execute_tool list_directory"))
        #expect(names.last == "invoke_agent looker")
        let root = spans.last?["spanId"]
        #expect(spans.dropLast().allSatisfy { $0["parentSpanId"] == root })
        #expect(collector.bodies.contains { $0.path == "/v1/metrics" })
        // The id of the call is the one of requests.
        #expect(collector.text.contains(#"{"key":"gen_ai.tool.call.id","value":{"stringValue":"000000000"}}"#))
        // Of words, nothing.
        for word in ["There is a.txt.", "Look around.", "Look."] { #expect(!collector.text.contains(word), "\(word)") }
    }

    @Test func contentIsExportedWhereItIsAskedFor() async throws {
        let scene = try AgentScene()
        let collector = try Collector()
        _ = try await run(
            scene, collector.variables.merging(["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"]) { $1 })
        for word in ["There is a.txt.", "Look around.", "Look.", "a.txt"] {
            #expect(collector.text.contains(word), "\(word)")
        }
    }

    @Test(arguments: [
        [:], ["OTEL_SERVICE_NAME": "quiet"], ["OTEL_SDK_DISABLED": "true"],
        ["OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"], ["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"],
    ])
    func nobodyIsToldUnasked(_ variables: [String: String]) async throws {
        let scene = try AgentScene()
        let collector = try Collector()
        var all = variables
        // Beside what turns it off, the address is there.
        if variables.count > 0, variables["OTEL_SERVICE_NAME"] == nil { all.merge(collector.variables) { $1 } }
        let (report, warnings, notes) = try await run(scene, all)
        #expect(report.end == .finished && warnings.isEmpty && collector.server.counts.connections == 0)
        #expect(notes.contains { $0.contains("grpc") } == (variables["OTEL_EXPORTER_OTLP_PROTOCOL"] != nil))
    }

    @Test(arguments: ["refused", "hang", "500", "429", "503", "reset"])
    func aDeadCollectorChangesNothing(_ fault: String) async throws {
        let scene = try AgentScene()
        let quiet = try await run(scene, [:])
        let collector = try Collector { connection in
            switch fault {
            case "hang": connection.waitForDisconnect()
            case "429": connection.respond(429, headers: ["Retry-After: 3600"])
            case "reset": connection.reset()
            default: connection.respond(Int(fault) ?? 500)
            }
        }
        if fault == "refused" { collector.server.close() }
        let loud = try await run(
            scene,
            collector.variables.merging(["OTEL_BSP_SCHEDULE_DELAY": "0", "OTEL_BSP_EXPORT_TIMEOUT": "200"]) { $1 })
        #expect(loud.report.digest == quiet.report.digest && loud.report.end == quiet.report.end)
        #expect(loud.report.transcript == quiet.report.transcript)
        #expect(loud.warnings.count == 1 && loud.warnings.first?.contains("could not be exported") == true)
        #expect(quiet.warnings.isEmpty)
    }

    @Test func keysAreNeitherExportedNorShown() async throws {
        let canary = "canary-\(UInt64.random(in: 0 ... .max))"
        let scene = try AgentScene()
        let collector = try Collector { $0.respond(401, canary) }
        let (_, warnings, notes) = try await run(
            scene,
            [
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.server.url.replacing("://", with: "://me:\(canary)@"),
                "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=\(canary),\(canary)",
                "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
            ])
        #expect(!collector.bodies.isEmpty && !collector.text.contains(canary))
        #expect(warnings.count == 1 && !(warnings + notes).joined().contains(canary), "\(warnings) \(notes)")
    }

    /// Where in another's trace the run is.
    @Test func theCallersTraceGoesOn() async throws {
        let scene = try AgentScene()
        let collector = try Collector()
        _ = try await run(
            scene,
            collector.variables.merging([
                "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            ]) { $1 })
        #expect(collector.text.contains(#""parentSpanId":"b7ad6b7169203331","name":"invoke_agent looker""#))
        #expect(collector.text.contains(#""traceId":"0af7651916cd43dd8448eb211c80319c""#))
    }

    /// Endpoints are told where in the trace they are only if the user says so, each request by its own span.
    @Test(arguments: [false, true])
    func endpointsAreToldTheTrace(_ isTold: Bool) async throws {
        let scene = try AgentScene()
        let collector = try Collector()
        let variables = collector.variables.merging([
            "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "TRACESTATE": "vendor=1",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
        ]) { $1 }
        var request = try isTold ? scene.request(settings: "endpoints.local.traceContext=true") : scene.request()
        request.variables.merge(variables) { $1 }
        let runtime = AgentRuntime.withOwnConnections()
        #expect(try await runtime.prepare(request).run().end == .finished)
        await runtime.shutDown()
        let told = scene.headers.flatMap { header in
            header.split(separator: "\r\n").filter { $0.hasPrefix("traceparent: 00-0af7651916cd43dd8448eb211c80319c-") }
        }
        guard isTold else { return #expect(!scene.headers.joined().contains("trace")) }
        #expect(scene.headers.allSatisfy { $0.contains("tracestate: vendor=1") })
        let spans = told.map { $0.split(separator: "-")[2] }
        #expect(spans.count == scene.headers.count && Set(spans).count == spans.count)
        for span in spans { #expect(collector.text.contains(#""spanId":"\#(span)""#)) }
    }

    @Test func hostsAndPortsAreTold() {
        #expect(RunFacts.server("https://me:pw@api.example.com/v1") == (address: "api.example.com", port: 443))
        #expect(RunFacts.server("http://127.0.0.1:8000/v1") == (address: "127.0.0.1", port: 8000))
        #expect(RunFacts.server("http://[::1]/v1") == (address: "[::1]", port: 80))
        #expect(RunFacts.server("") == (address: nil, port: nil))
    }
}
