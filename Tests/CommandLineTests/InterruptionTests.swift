import Foundation
import Glibc
import Testing

/// Signals.
struct InterruptionTests {
    private static let slow = """
        models:
          actor:
            turns:
              - text: First.
                calls: [{name: write_file, arguments: {path: b.txt, content: "new\\n"}}]
              - calls: [{name: run_command, arguments: {command: "sleep 60; touch late"}}]
              - text: Never said.
        """

    @Test(arguments: [SIGINT, SIGTERM])
    func oneSignalEndsTheRunCleanly(signal: Int32) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.slow) { flags in
            let running = try Running(["run", "coder", "Do it."] + flags, home)
            try await running.waitForOutput { $0.contains("First.") }
            while home.read("b.txt") == nil { try await Task.sleep(for: .milliseconds(10)) }
            running.send(signal)
            let result = try await running.end()
            #expect(result.status == 130)
            #expect(result.error.contains("press Ctrl-C again"))
            #expect(!result.error.contains("forerun: error"))
        }
        #expect(home.read("b.txt") == "new\n", "what is committed stays")
        #expect(home.read("late") == nil)
    }

    @Test func twoSignalsStopAtOnce() async throws {
        let home = try TemporaryHome()
        try await withEndpoint("models: {actor: {fault: {kind: hang}, turns: [{text: Never.}]}}") { flags in
            let running = try Running(["run", "coder", "Do it.", "--json"] + flags, home)
            try await running.waitForOutput { $0.contains("answer.asked") }
            running.send(SIGINT)
            running.send(SIGINT)
            #expect(try await running.end().status == 130)
        }
    }

    @Test func aSignalBeforeTheRunEndsTheProcess() async throws {
        let running = try Running(["run", "coder", "-"], try TemporaryHome(), .silence)
        try await Task.sleep(for: .milliseconds(500))
        running.send(SIGINT)
        #expect(try await running.end().status == 130)
    }
}
