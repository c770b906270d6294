import Foundation
import Testing

/// What a person at a terminal sees and answers.
struct TerminalTests {
    private static let asking = Scripts.calling("run_command", "{command: touch made}")

    @Test(arguments: [("y\n", true), ("n\n", false), ("\n", false), ("\u{4}", false)])
    func questionsAreAnswered(answer: String, isAllowed: Bool) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.asking) { flags in
            let running = try Running(["run", "shell", "Do it."] + flags, home, .terminal, ["TERM": "xterm"])
            try await running.waitForOutput { $0.contains("May this run?") && $0.contains("[y/N]") }
            #expect(running.output.contains("run_command touch made"))
            // What is typed before the question is asked does not count: it waits for its answer.
            try await Task.sleep(for: .milliseconds(200))
            running.type(answer)
            let result = try await running.end()
            #expect(result.status == 0, "a person's no is no failure: \(result.output)")
            #expect(result.output.contains("That was it."))
        }
        #expect((home.read("made") != nil) == isAllowed)
    }

    @Test func theLiveViewLeavesTextAndReport() async throws {
        try await withEndpoint(
            "models: {actor: {latency: 0.5, turns: [{text: One., calls: [{name: read_file, arguments: {path: a.txt}}]}, {text: Two.}]}}"
        ) { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags, try TemporaryHome(), .terminal, ["TERM": "xterm"])
            try await running.waitForOutput { $0.contains("▶ ") && $0.contains("turn 1  asking") }
            let result = try await running.end()
            #expect(result.status == 0)
            let last = result.output.components(separatedBy: "\u{1B}[J").last ?? ""
            #expect(last.contains("time") && last.contains("log"), "\(last)")
            #expect(result.output.contains("One.\r\n"))
            // Nothing that would have to be restored.
            #expect(!result.output.contains("\u{1B}[?"))
        }
    }

    @Test func noColourWhereNoneIsWanted() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags, try TemporaryHome(), .terminal, ["TERM": "xterm", "NO_COLOR": "1"])
            let result = try await running.end()
            #expect(!result.output.contains(#/\u{1B}\[[0-9;]*m/#))
        }
    }

    @Test func aDumbTerminalGetsPlainLines() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags, try TemporaryHome(), .terminal, ["TERM": "dumb"])
            let result = try await running.end()
            #expect(!result.output.contains("\u{1B}"))
            #expect(result.output.contains("turn 3"))
        }
    }

    @Test func controlCEndsTheRun() async throws {
        try await withEndpoint("models: {actor: {fault: {kind: hang}, turns: [{text: Never.}]}}") { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags, try TemporaryHome(), .terminal, ["TERM": "xterm"])
            try await running.waitForOutput { $0.contains("asking") }
            running.type("\u{3}")
            let result = try await running.end()
            #expect(result.status == 130)
            #expect(result.output.contains("finishing; press Ctrl-C again to stop at once"))
        }
    }
}
