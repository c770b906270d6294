import Foundation
import Glibc
import Testing

/// The live view as a person sees it.
struct LiveViewTests {
    /// One call, and then an answer that takes its time, while guesses are made.
    private static let slow = """
        models:
          actor:
            fault: {kind: hang, at: 1, times: always}
            turns:
              - text: Let me look.
                calls: [{name: read_file, arguments: {path: a.txt}}]
              - {text: Never.}
          small: {kind: speculator, of: actor, hit_top: [0.6, 0.2], width: 2, wrong: turns}
        """

    private static let flags = ["--speculator", "mock/small", "--set", "endpoints.mock.concurrency=8"]

    private func command(_ flags: [String], _ rest: String = "") -> String {
        // Quoted, as a password would be in no list of processes.
        "$FORERUN run coder 'Do it.' \((flags + Self.flags).map { "'\($0)'" }.joined(separator: " ")) \(rest)"
    }

    @Test func keysOpenPanelsAndTheTerminalIsLeftAsItWas() async throws {
        let home = try TemporaryHome()
        let terminal = try Tmux(home)
        try await withEndpoint(Self.slow) { flags in
            terminal.enter("clear; " + command(flags) + "; echo status=$?; stty -a | grep -o -E -e '-?(icanon|echo) '")
            try await terminal.wait("the second question") { $0.contains("▶ turn 2  asking") }
            #expect(terminal.lines.contains("Let me look."))
            #expect(terminal.screen.contains("? keys"))
            terminal.press("d")
            try await terminal.wait("guesses") { $0.contains("── guesses") && $0.contains("sources of guesses") }
            #expect(terminal.screen.contains("%"), "\(terminal.screen)")
            terminal.press("t")
            try await terminal.wait("the timeline") { $0.contains("actor   ") && $0.contains("used, began ahead") }
            terminal.press("c")
            try await terminal.wait("the cost") { $0.contains("limits of the run") && $0.contains(" of 200") }
            terminal.press("?")
            try await terminal.wait("help") { $0.contains("Ctrl-C") && $0.contains("PgUp") }
            // Half of it fits now; the rest is reached.
            terminal.resize(columns: 60, rows: 12)
            try await terminal.wait("less of it") { $0.contains("1 to ") && !$0.contains("asked in turn") }
            terminal.press("PageDown", "PageDown")
            try await terminal.wait("the end of it") { $0.contains("asked in turn") }
            terminal.press("Escape")
            try await terminal.wait("no panel") { !$0.contains("── ") && $0.contains("▶ turn 2") }
            let drawn = terminal.lines.filter { $0.contains("▶") }
            #expect(drawn.count == 1, "drawn once: \(terminal.screen)")
            terminal.press("C-c")
            try await terminal.wait("the end") { $0.contains("status=130") && $0.contains("echo") }
            let end = terminal.screen
            #expect(end.contains("icanon") && !end.contains("-icanon") && !end.contains("-echo"), "\(end)")
            #expect(!end.contains("▶"), "the view is gone: \(end)")
        }
    }

    @Test func controlZGivesTheTerminalBackAndTakesItAgain() async throws {
        let home = try TemporaryHome()
        let terminal = try Tmux(home)
        try await withEndpoint(Self.slow) { flags in
            terminal.enter("clear; " + command(flags))
            try await terminal.wait("the second question") { $0.contains("▶ turn 2  asking") }
            terminal.press("C-z")
            try await terminal.wait("the shell") { $0.contains("Stopped") }
            #expect(!terminal.screen.contains("▶ turn 2"), "\(terminal.screen)")
            terminal.enter("stty -a | grep -o -E -e '-?icanon '")
            try await terminal.wait("its modes") { $0.contains("\nicanon") }
            terminal.enter("fg")
            try await terminal.wait("the view") { $0.contains("▶ turn 2  asking") }
            terminal.press("d")
            try await terminal.wait("guesses") { $0.contains("── guesses") }
            terminal.press("C-c")
            try await terminal.wait("the end") { $0.contains("forerun resume") && !$0.contains("▶") }
        }
    }

    /// Standard input that is no terminal, or holds the task, is not ours: nothing of it is taken, and no key is offered.
    @Test func inputThatIsForSomebodyElseIsNotRead() async throws {
        let home = try TemporaryHome()
        let terminal = try Tmux(home)
        try await withEndpoint(Self.slow) { flags in
            terminal.enter("clear; " + command(flags, "< a.txt"))
            try await terminal.wait("the second question") { $0.contains("▶ turn 2  asking") }
            #expect(!terminal.screen.contains("? keys"))
            terminal.press("d")
            // The terminal still echoes what is typed, as nobody took it.
            try await Task.sleep(for: .milliseconds(300))
            #expect(!terminal.screen.contains("── guesses"))
            terminal.press("C-c")
            try await terminal.wait("the end") { $0.contains("forerun resume") }
        }
    }

    @Test func withoutUnicodeAndColourAllIsPlainASCII() async throws {
        let home = try TemporaryHome()
        let terminal = try Tmux(home, columns: 50, rows: 14, variables: ["NO_COLOR": "1", "LANG": "C"])
        try await withEndpoint(Self.slow) { flags in
            terminal.enter("clear; " + command(flags))
            try await terminal.wait("the second question") { $0.contains("> turn 2  asking") }
            for key in ["d", "t", "c", "?"] {
                terminal.press(key)
                try await terminal.wait("the panel \(key)") { $0.contains("\(key) closes") }
                let bytes = Array(terminal.screen.utf8)
                #expect(bytes.max() ?? 0 < 0x80, "\(terminal.screen)")
                #expect(terminal.painted.contains("\u{1B}[") == false, "\(terminal.painted)")
            }
            terminal.press("C-c")
            try await terminal.wait("the end") { $0.contains("forerun resume") }
        }
    }

    /// Whichever signal ends it, the terminal is as it was.
    @Test(arguments: [SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGILL])
    func signalsLeaveTheTerminalAsItWas(_ signal: Int32) async throws {
        try await withEndpoint(Self.slow) { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags + Self.flags, try TemporaryHome(), .terminal, ["TERM": "xterm"])
            try await running.waitForOutput { $0.contains("turn 2  asking") }
            #expect(running.isCanonical == false, "keys are read one by one")
            running.send(signal)
            let result = try await running.end()
            let expected: Int32 = signal == SIGTERM ? 130 : 128 + signal
            #expect(result.status == expected)
            #expect(running.isCanonical == true)
        }
    }

    /// Nobody reads the terminal: the run comes to its end all the same.
    @Test func aTerminalThatTakesNothingDoesNotHoldUpTheRun() async throws {
        let words = String(repeating: "many words ", count: 3000)
        let script = """
            models:
              actor:
                turns:
                  - text: \(words)
                    calls: [{name: read_file, arguments: {path: a.txt}}]
                  - calls: [{name: read_file, arguments: {path: a.txt}}]
                  - text: \(words)
            """
        try await withEndpoint(script) { flags in
            let home = try TemporaryHome()
            let running = try Running(["run", "coder", "Do it."] + flags, home, .terminal, ["TERM": "xterm"])
            let runs = home.path + "/.local/state/forerun/runs"
            var isOver = false
            for _ in 0..<6000 where !isOver {
                try await Task.sleep(for: .milliseconds(20))
                let names = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
                isOver = names.contains { name in
                    (try? String(contentsOfFile: "\(runs)/\(name)/events.jsonl", encoding: .utf8))?
                        .contains(#""type":"run.completed","end":"finished""#) == true
                }
            }
            #expect(isOver, "the run waits for its terminal")
            let result = try await running.end()
            #expect(result.status == 0)
            // Some of it was seen as a line without an end, too.
            let words = result.output.components(separatedBy: "many words").count - 1
            #expect(words >= 6000, "all of the text comes out once somebody reads")
        }
    }
}
