import ForerunStore
import Foundation
import Glibc
import Testing

/// `forerun rerun`: in a process of its own, without models, tools and files.
struct RerunTests {
    private static let steps = """
        models:
          actor:
            latency: {law: fixed, mean: 0.05}
            turns:
              - text: First I look.
                calls: [{name: read_file, arguments: {path: a.txt}}]
              - calls: [{name: write_file, arguments: {path: b.txt, content: "1\\n"}}, {name: read_file, arguments: {path: b.txt}}]
              - calls: [{name: run_command, arguments: {command: "echo 2 >> b.txt; [ -e go ] || sleep 60; seq 1 4000"}}]
              - calls: [{name: read_file, arguments: {path: /etc/shadow}}, {name: no_such_tool, arguments: {}}]
              - text: All is done.
          small:
            kind: speculator
            of: actor
            hit: 0.7
            width: 2
        """

    private func path(_ home: TemporaryHome) throws -> String {
        let directory = try RunStateDirectory(environment: { home.variables[$0] })
        return directory.decisionsPath(of: try #require(try directory.runs().last))
    }

    @Test func aRunIsDecidedAgainTheSame() async throws {
        let home = try TemporaryHome()
        try home.write("a.txt", "one\n")
        try home.write("go", "")
        try await withEndpoint(Self.steps) { flags in
            // What the first run has learnt is what the second one begins with.
            for number in 1...2 {
                let run = try await Program.run(
                    ["run", "coder", "Do it.", "--speculator", "mock/small"] + flags, in: home)
                #expect(run.status == 0, "\(run.error)")
                let again = try await Program.run(["rerun"], in: home)
                #expect(again.status == 0, "\(number): \(again.output)\(again.error)")
                #expect(again.output.hasPrefix("the same decisions: "), "\(again.output)")
            }
        }
        let file = try path(home)
        var status = stat()
        #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let steps = try await Program.run(["rerun", "--steps"], in: home)
        #expect(steps.output.contains("perform #") && steps.output.contains("  started\n"))
        let objects = try await Program.run(["rerun", "--steps", "--json"], in: home)
        #expect(objects.lines.first?.hasPrefix(#"{"type":"step","line":2,"#) == true)
        #expect(objects.lines.last?.hasPrefix(#"{"type":"rerun","same":true,"#) == true)

        // Told otherwise, the core decides otherwise, and says where.
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacingOccurrences(of: #""speed":"balanced""#, with: #""speed":"thrifty""#)
            .replacingOccurrences(of: #""width":3"#, with: #""width":1"#)
            .write(toFile: file, atomically: false, encoding: .utf8)
        let other = try await Program.run(["rerun"], in: home)
        #expect(other.status == 7 && other.output.hasPrefix("other decisions in line "), "\(other.output)")
        let object = try await Program.run(["rerun", "--json"], in: home)
        #expect(object.status == 7 && object.output.contains(#""same":false"#))

        try ("x" + text).write(toFile: file, atomically: false, encoding: .utf8)
        let damaged = try await Program.run(["rerun"], in: home)
        #expect(damaged.status == 1 && damaged.output.contains("not readable from line 1"), "\(damaged.output)")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "x" + text)
    }

    @Test func aRunThatWasKilledAndGoneOnWithHasTwoParts() async throws {
        let home = try TemporaryHome()
        try home.write("a.txt", "one\n")
        try await withEndpoint(Self.steps) { flags in
            let running = try Running(
                ["run", "coder", "Do it.", "--json", "--speculator", "mock/small"] + flags, home)
            try await running.waitForOutput { $0.contains(#""type":"turn.taken","turn":2"#) }
            try await Task.sleep(for: .milliseconds(300))
            running.send(SIGKILL)
            _ = try await running.end()
            let first = try await Program.run(["rerun"], in: home)
            #expect(first.status == 0 && first.output.contains("it breaks off"), "\(first.output)\(first.error)")
            try home.write("go", "")
            let resumed = try await Program.run(["resume"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            let both = try await Program.run(["rerun"], in: home)
            #expect(both.status == 0 && both.output.contains("in 2 parts"), "\(both.output)\(both.error)")
        }
    }

    @Test func whatWasNotKeptIsNamed() async throws {
        let home = try TemporaryHome()
        let none = try await Program.run(["rerun"], in: home)
        #expect(none.status == 1 && none.error.contains("no run is recorded"))
        try await withEndpoint(Scripts.answering) { flags in
            let run = try await Program.run(["run", "coder", "Hello.", "--mode", "off"] + flags, in: home)
            #expect(run.status == 0, "\(run.error)")
        }
        let nothing = try await Program.run(["rerun"], in: home)
        #expect(nothing.status == 3 && nothing.error.contains("nothing was kept"), "\(nothing.error)")
        #expect(try await Program.run(["rerun", "nonesuch"], in: home).status == 2)
    }
}
