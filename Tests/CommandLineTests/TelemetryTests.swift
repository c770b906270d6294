import ForerunCore
import ForerunTesting
import Foundation
import Glibc
import Synchronization
import Testing

/// The program with the variables of OpenTelemetry.
struct TelemetryTests {
    private final class Received: Sendable { let text = Mutex("") }

    /// The digest of the run, from the last line.
    private static func digest(_ result: Program.Result) -> String? {
        let last = result.lines.last.flatMap { try? JSON(parsing: $0) }
        #expect(last?["type"] == "run.completed", "\(result.output)")
        return last?["digest"]?.stringValue
    }

    @Test func aCollectorThatHangsChangesNothing() async throws {
        let collector = try LoopbackServer { _, connection in connection.waitForDisconnect() }
        defer { collector.close() }
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.calling("read_file", "{path: a.txt}")) { flags in
            var digests: [String?] = []
            for variables in [[:], ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_EXPORT_TIMEOUT": "100"]] {
                let result = try await Program.run(
                    ["run", "coder", "Do it.", "--json"] + flags, in: home, variables: variables)
                #expect(result.status == 0 && result.error.isEmpty, "\(result.error)")
                let notes = result.lines.filter { $0.contains("could not be exported") }
                #expect(notes.count == (variables.isEmpty ? 0 : 1), "\(result.output)")
                digests.append(Self.digest(result))
            }
            #expect(digests[0] != nil && digests[0] == digests[1])
        }
    }

    @Test func anInterruptedRunIsExported() async throws {
        let received = Received()
        let collector = try LoopbackServer { request, connection in
            received.text.withLock { $0 += String(decoding: request.body, as: UTF8.self) }
            connection.respond()
        }
        defer { collector.close() }
        let home = try TemporaryHome()
        try await withEndpoint("models: {actor: {fault: {kind: hang}, turns: [{text: Never.}]}}") { flags in
            let running = try Running(
                ["run", "coder", "Do it.", "--json"] + flags, home, .null,
                ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"])
            try await running.waitForOutput { $0.contains("answer.asked") }
            running.send(SIGINT)
            #expect(try await running.end().status == 130)
        }
        let text = received.text.withLock { $0 }
        #expect(text.contains(#"{"key":"forerun.run.end","value":{"stringValue":"interrupted"}}"#))
        #expect(text.contains("chat actor"))
    }

    @Test func aKeyOfTheCollectorIsNowhere() async throws {
        let canary = "sk-canary-\(UUID().uuidString)"
        let received = Received()
        let collector = try LoopbackServer { request, connection in
            received.text.withLock { $0 += request.header }
            connection.respond(403, canary)
        }
        defer { collector.close() }
        let home = try TemporaryHome()
        let variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=\(canary)",
            "OTEL_BSP_SCHEDULE_DELAY": "zero",
        ]
        try await withEndpoint(Scripts.calling("run_command", "{command: \"env; cat /proc/self/environ\"}")) { flags in
            let allowed = flags + ["--set", "permissions={run_command: allow}"]
            let record = home.path + "/recorded.jsonl"
            for command in [
                ["run", "coder", "Do it.", "--json", "--record", record] + allowed, ["doctor"], ["doctor", "--json"],
            ] {
                let result = try await Program.run(command, in: home, variables: variables)
                #expect(!(result.output + result.error).contains(canary), "\(command)")
                let shown = result.output + result.error
                #expect(shown.contains("OTEL_BSP_SCHEDULE_DELAY") && shown.contains("HTTP 403"), "\(command): \(shown)")
            }
            // What is exported is not recorded.
            let recorded = try String(contentsOfFile: record, encoding: .utf8)
            #expect(!recorded.contains("/v1/traces") && recorded.contains("/chat/completions"))
        }
        // It did arrive where it belongs.
        #expect(received.text.withLock { $0 }.contains(canary))
        for case let name as String in FileManager.default.enumerator(atPath: home.path) ?? .init() {
            guard let data = FileManager.default.contents(atPath: home.path + "/" + name) else { continue }
            #expect(data.firstRange(of: Data(canary.utf8)) == nil, "\(name)")
        }
    }

    @Test func theDoctorAsksTheCollector() async throws {
        let collector = try LoopbackServer { _, connection in connection.respond() }
        let home = try TemporaryHome()
        let variables = ["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url]
        let well = try await Program.run(["doctor"], in: home, variables: variables)
        #expect(well.output.contains("OpenTelemetry: traces and metrics to \(collector.url)"), "\(well.output)")
        collector.close()
        let dead = try await Program.run(["doctor"], in: home, variables: variables)
        #expect(dead.output.contains("warn  OpenTelemetry: ") && dead.status == well.status, "\(dead.output)")
        let off = try await Program.run(["doctor"], in: home)
        #expect(!off.output.contains("OpenTelemetry"))
    }
}
