import ForerunStore
import Foundation
import Glibc
import Testing

/// `forerun chat` on a terminal.
struct ChatTerminalTests {
    private static let variables = ["TERM": "xterm", "NO_COLOR": "1"]

    /// A terminal on which somebody talks with an agent.
    private func chat(
        _ agent: String, _ script: String, _ home: TemporaryHome,
        _ body: @escaping @Sendable (Running) async throws -> Void
    ) async throws {
        try await withEndpoint(script) { flags in
            let running = try Running(["chat", agent] + flags, home, .terminal, Self.variables)
            // Single keys are given from here on.
            try await running.waitForOutput { $0.contains("\u{1B}[?2004h") && $0.contains("› ") }
            try await body(running)
        }
    }

    private func end(_ running: Running, status: Int32 = 0) async throws {
        running.type("\u{4}")
        let result = try await running.end()
        #expect(result.status == status, "\(result.output)")
        #expect(result.output.contains("\u{1B}[?2004l"), "the terminal is as it was")
        #expect(result.output.contains("go on   forerun chat --resume "))
    }

    @Test func whatIsTypedIsSaidAndAnswered() async throws {
        let home = try TemporaryHome()
        try await chat("coder", ChatTests.script, home) { running in
            // With a word taken back, the cursor moved, and wide characters.
            running.type("H\u{7F}Hallo 世 Welt\u{1B}[D\u{1B}[D\u{17}\u{5}!\r")
            try await running.waitForOutput { $0.contains("› Hallo 世 lt!\r\n") && $0.contains("Hello.\r\n") }
            running.type("Write one.\r")
            try await running.waitForOutput { $0.contains("✓ write_file b.txt") && $0.contains("One is written.\r\n") }
            #expect(home.read("b.txt") == "1\n")
            // What was said before comes back.
            running.type("/udno\r")
            try await running.waitForOutput {
                $0.contains("there is no command /udno") && $0.contains("Did you mean /undo?")
            }
            running.type("/diff\r")
            try await running.waitForOutput { $0.contains("+1\r\n") }
            running.type("/undo\r")
            try await running.waitForOutput { $0.contains("took back your last message") }
            try await running.waitForOutput { $0.contains("› Write one.\r\u{1B}[12C") }
            #expect(home.read("b.txt") == nil)
            running.type("\r")
            try await running.waitForOutput { $0.components(separatedBy: "One is written.\r\n").count > 2 }
            running.type("/co\t\r")
            try await running.waitForOutput { $0.contains("speculation  0 requests") }
            try await end(running)
        }
    }

    @Test func messagesOfManyLinesArePastedAndTyped() async throws {
        try await chat("coder", ChatTests.script, try TemporaryHome()) { running in
            running.type("\u{1B}[200~one\rtwo\u{1B}[201~ and\\\rthree\u{1B}\rfour\r")
            try await running.waitForOutput { $0.contains("› one\r\n  two and\r\n  three\r\n  four\r\n") }
            try await running.waitForOutput { $0.contains("Hello.\r\n") }
            try await end(running)
        }
    }

    @Test(arguments: [("y", true), ("n", false)]) func questionsAreAskedInPlace(key: String, isAllowed: Bool)
        async throws
    {
        let home = try TemporaryHome()
        try await chat("shell", Scripts.calling("run_command", "{command: touch made}"), home) { running in
            running.type("Do it.\r")
            try await running.waitForOutput {
                $0.contains("May this run? run_command touch made") && $0.contains("[y/N]")
            }
            running.type(key)
            try await running.waitForOutput { $0.contains("That was it.\r\n") }
            try await end(running)
        }
        #expect((home.read("made") != nil) == isAllowed)
    }

    @Test func whatIsTypedMeanwhileWaitsOrBreaksIn() async throws {
        let script = """
            models:
              actor:
                fault: {kind: stall, after: 2, times: 1}
                chunk: 4
                turns: [{text: "One long answer."}, {text: "Two."}]
            """
        try await chat("coder", script, try TemporaryHome()) { running in
            running.type("first\r")
            try await running.waitForOutput { $0.contains("asking") }
            running.type("second\r")
            try await running.waitForOutput { $0.contains("queued  second") }
            running.type("third\u{F}")
            // The answer is given up, and is asked again with the message; the other one comes after the last word.
            try await running.waitForOutput { $0.contains("› third\r\n") && $0.contains("One long answer.\r\n") }
            try await running.waitForOutput { $0.contains("› second\r\n") && $0.contains("Two.\r\n") }
            try await end(running)
        }
    }

    @Test func controlCStopsTheAgentAndGivesBackWhatWaited() async throws {
        let script = Scripts.calling("run_command", "{command: touch made; sleep 60}")
        let home = try TemporaryHome()
        try await chat("coder", script, home) { running in
            running.type("first\r")
            try await running.waitForOutput { $0.contains("▶ run_command touch made; sleep 60") }
            running.type("second\r")
            try await running.waitForOutput { $0.contains("queued  second") }
            running.type("draft\u{3}")
            running.type("\u{3}")
            try await running.waitForOutput { $0.contains("stopped\r\n") && $0.contains("› second\r\u{1B}[8C") }
            running.type(" again\r")
            try await running.waitForOutput { $0.contains("› second again\r\n") && $0.contains("That was it.\r\n") }
            try await end(running)
        }
        #expect(home.read("made") == nil)
    }

    @Test func twiceControlCEndsAtOnce() async throws {
        let script = "models: {actor: {fault: {kind: hang}, turns: [{text: Hello.}]}}"
        try await chat("coder", script, try TemporaryHome()) { running in
            running.type("\u{3}")
            try await running.waitForOutput { $0.contains("press Ctrl-C again") }
            running.type("\u{3}")
            let result = try await running.end()
            #expect(result.status == 0 && result.output.contains("\u{1B}[?2004l"))
        }
    }

    @Test func aFailureDoesNotEndTheConversation() async throws {
        let script = "models: {actor: {fault: {kind: status, status: 401, times: 1}, turns: [{text: Hello.}]}}"
        try await chat("coder", script, try TemporaryHome()) { running in
            running.type("first\r")
            try await running.waitForOutput { $0.contains("press Enter to try again") }
            running.type("\r")
            try await running.waitForOutput { $0.contains("Hello.\r\n") }
            try await end(running)
        }
    }

    @Test func theEndOfTheTerminalKeepsWhatWasSaid() async throws {
        let home = try TemporaryHome()
        try await chat("coder", ChatTests.script, home) { running in
            running.type("Hi.\r")
            try await running.waitForOutput { $0.contains("Hello.\r\n") }
            running.send(SIGTERM)
            let result = try await running.end()
            #expect(result.status == 130 && result.output.contains("\u{1B}[?2004l"))
        }
        let (_, record) = try #require(try ChatTests.records(home).last)
        #expect(record.turns.count == 1)
    }
}
