import ForerunCore
import ForerunStore
import Foundation
import Glibc
import Testing

/// `forerun resume` and `forerun fork`.
struct ResumeTests {
    private static let steps = """
        models:
          actor:
            latency: {law: fixed, mean: 0.01}
            turns:
              - calls: [{name: write_file, arguments: {path: b.txt, content: "1\\n"}}]
              - calls: [{name: run_command, arguments: {command: "echo 2 >> b.txt; [ -e go ] || sleep 60; seq 1 4000"}}]
              - calls: [{name: run_command, arguments: {command: "echo 3 >> b.txt; cat b.txt"}}]
              - text: All is done.
              - text: That, too.
        """

    private func directory(_ home: TemporaryHome) throws -> RunStateDirectory {
        try RunStateDirectory(environment: { home.variables[$0] })
    }

    private func record(_ home: TemporaryHome) throws -> (RunName, RunRecord) {
        let directory = try directory(home)
        let run = try #require(try directory.runs().last)
        return (run, try RunRecord(run, in: directory))
    }

    /// A run that has come to its second turn.
    private func begin(_ home: TemporaryHome, _ flags: [String]) async throws -> Running {
        let running = try Running(["run", "coder", "Do it.", "--json"] + flags, home)
        try await running.waitForOutput { $0.contains(#""type":"turn.taken","turn":1"#) }
        while home.read("b.txt") == nil { try await Task.sleep(for: .milliseconds(10)) }
        return running
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func aRunGoesOnWhereItWasCutOff(signal: Int32) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let running = try await begin(home, flags)
            let early = try await Program.run(["resume"], in: home)
            #expect(early.status == 1 && early.error.contains("still going on"), "\(early.error)")
            running.send(signal)
            _ = try await running.end()
            #expect(home.read("b.txt") == "1\n")
            try home.write("go", "")
            let resumed = try await Program.run(["resume", "--last", "--json"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(home.read("b.txt") == "1\n2\n3\n")
            #expect(resumed.lines.first?.contains(#""type":"run.resumed""#) == true, "\(resumed.lines.first ?? "")")
            #expect(resumed.lines.last?.contains(#""end":"finished""#) == true)
            #expect(resumed.lines.last?.contains(#""turns":4"#) == true)
            let (run, record) = try record(home)
            #expect(record.turns.count == 4 && record.resumptions == 1 && record.damage == nil)
            #expect(resumed.lines.contains { $0.hasPrefix(#"{"type":"run.reopened","branches":"#) })
            // A large output lies in a file of its own, and is whole for all that.
            #expect(record.turns[1].calls.first?.output.text.hasSuffix("\n4000\n") == true)
            let log = try String(contentsOfFile: directory(home).eventsPath(of: run), encoding: .utf8)
            #expect(log.contains(#""outputFile":""#) && !log.contains(#"\n3999"#))
            let again = try await Program.run(["resume", run.description], in: home)
            #expect(again.status == 2 && again.error.contains("forerun fork"), "\(again.error)")
        }
    }

    @Test func whoGoesOnWithARunDoesSoAlone() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let running = try await begin(home, flags)
            running.send(SIGKILL)
            _ = try await running.end()
            try home.write("go", "")
            // One that has read the log, and waits for the other end of a pipe before it begins.
            #expect(mkfifo(home.path + "/pipe", 0o600) == 0)
            let early = try Running(["resume", "--playback", home.path + "/pipe"], home)
            let (run, _) = try record(home)
            let directory = try directory(home)
            for _ in 0..<6_000 where !directory.isBeingWritten(run) { try await Task.sleep(for: .milliseconds(10)) }
            let late = try await Program.run(["resume"], in: home)
            #expect(late.status == 1 && late.error.contains("still going on"), "\(late.error)")
            #expect(home.read("b.txt") == "1\n")
            early.send(SIGKILL)
            _ = try await early.end()
            let resumed = try await Program.run(["resume"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(home.read("b.txt") == "1\n2\n3\n")
        }
    }

    @Test func anExternalCallIsNotMadeTwice() async throws {
        let home = try TemporaryHome()
        let script = """
            models:
              actor:
                turns:
                  - calls: [{name: run_command, arguments: {command: "echo sent >> \(home.path)/outside; touch b.txt; sleep 60"}}]
                  - text: All is done.
            """
        let external = ["--set", "effects.run_command=external", "--set", "environment.sandbox=off"]
        try await withEndpoint(script) { flags in
            let running = try Running(["run", "coder", "Send it.", "--json"] + flags + external, home)
            while !FileManager.default.fileExists(atPath: home.path + "/outside") {
                try await Task.sleep(for: .milliseconds(10))
            }
            running.send(SIGKILL)
            _ = try await running.end()
            let resumed = try await Program.run(["resume"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(resumed.error.contains("is not made again"), "\(resumed.error)")
            #expect(try String(contentsOfFile: home.path + "/outside", encoding: .utf8) == "sent\n")
            let (_, record) = try record(home)
            #expect(record.turns[0].calls.first?.output == .unknown)
        }
    }

    /// - Parameter padding: bytes by which the lines of the log come earlier to the end of the disk.
    @Test(arguments: [0, 40, 80, 120, 160, 200])
    func aFullDiskEndsTheRunAndItGoesOnLater(padding: Int) async throws {
        let home = try TemporaryHome()
        var turns = (0..<40).map { number in
            "      - calls: [{name: run_command, arguments: {command: \"echo \(number) >> b.txt; wc -l < b.txt\"}}]"
        }
        turns.append("      - text: All is done.")
        let script = "models:\n  actor:\n    turns:\n" + turns.joined(separator: "\n")
        try await withEndpoint(script) { flags in
            // No file may grow beyond 32 KiB; the signal that says so is not wanted.
            let full = ["sh", "-c", #"trap "" XFSZ; ulimit -f 64; exec "$@""#, "sh"]
            let task = "Do it." + String(repeating: "!", count: padding)
            let run = try await Program.run(["run", "coder", task] + flags, in: home, through: full)
            #expect(run.status == 1, "\(run.status) \(run.error)")
            #expect(
                run.error.contains("event log cannot be written") && run.error.contains("forerun resume"),
                "\(run.error)")
            let count = home.read("b.txt")?.split(separator: "\n").count ?? 0
            #expect(count > 2 && count < 40)
            let resumed = try await Program.run(["resume"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(home.read("b.txt") == (0..<40).map { "\($0)\n" }.joined())
        }
    }

    @Test func aForkBeginsFromAnEarlierTurn() async throws {
        let home = try TemporaryHome()
        try home.write("go", "")
        try await withEndpoint(Self.steps) { flags in
            let run = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(run.status == 0, "\(run.error)")
            let (name, _) = try record(home)
            #expect(home.read("b.txt") == "1\n2\n3\n")
            // From its end, with a new task.
            let on = try await Program.run(["fork", name.description, "--at", "4", "And more."], in: home)
            #expect(on.status == 0 && on.output.contains("That, too."), "\(on.error)")
            // From its first turn: the rest is taken back first.
            let fork = try await Program.run(["fork", name.description, "--at", "1", "Again.", "--json"], in: home)
            #expect(fork.status == 0, "\(fork.error)")
            #expect(home.read("b.txt") == "1\n2\n3\n")
            let directory = try directory(home)
            let forks = try directory.runs().filter { $0 != name }.map { try RunRecord($0, in: directory) }
            let record = try #require(forks.first { $0.started?["forkOf"]?["turns"]?.intValue == 1 })
            #expect(record.damage == nil)
            #expect(record.turns.map(\.messages) == [[], ["Again."], [], []])
            #expect(try RunRecord(name, in: directory).turns.count == 4, "its log stays as it is")
            // What nobody has is refused, and nothing is changed.
            let far = try await Program.run(["fork", name.description, "--at", "9"], in: home)
            #expect(far.status == 2 && far.error.contains("--at 0 to --at 4"), "\(far.error)")
            let silent = try await Program.run(["fork", name.description, "--at", "4"], in: home)
            #expect(silent.status == 2 && silent.error.contains("last word"), "\(silent.error)")
        }
    }

    @Test func aForkThatLacksTurnsIsNotGoneOnWith() async throws {
        let home = try TemporaryHome()
        try home.write("go", "")
        try await withEndpoint(Self.steps) { flags in
            let run = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(run.status == 0, "\(run.error)")
            let (name, _) = try record(home)
            // The output of the second turn does not fit into 12 KiB.
            let full = ["sh", "-c", #"trap "" XFSZ; ulimit -f 24; exec "$@""#, "sh"]
            let cut = try await Program.run(["fork", name.description, "--at", "2"], in: home, through: full)
            #expect(cut.status == 1 && cut.error.contains("File too large"), "\(cut.error)")
            #expect(home.read("b.txt") == "1\n2\n")
            let resumed = try await Program.run(["resume"], in: home)
            #expect(resumed.status == 1 && resumed.error.contains("forerun fork \(name) --at 2"), "\(resumed.error)")
            #expect(home.read("b.txt") == "1\n2\n")
            let again = try await Program.run(["fork", name.description, "--at", "2"], in: home)
            #expect(again.status == 0, "\(again.error)")
            #expect(home.read("b.txt") == "1\n2\n3\n")
        }
    }

    @Test func whatCannotGoOnSaysWhy() async throws {
        let home = try TemporaryHome()
        let none = try await Program.run(["resume"], in: home)
        #expect(none.status == 1 && none.error.contains("no run is recorded"), "\(none.error)")
        try await withEndpoint(Self.steps) { flags in
            let running = try await begin(home, flags)
            running.send(SIGKILL)
            _ = try await running.end()
        }
        let (run, _) = try record(home)
        let unknown = try await Program.run(["resume", "20200101"], in: home)
        #expect(unknown.status == 2 && unknown.error.contains("forerun runs"), "\(unknown.error)")
        let both = try await Program.run(["resume", run.description, "--last"], in: home)
        #expect(both.status == 2, "\(both.error)")
        // A spoilt line in the middle.
        let path = try directory(home).eventsPath(of: run)
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let line = try #require(lines.firstIndex { $0.contains("call.taken") })
        lines[line] = String(lines[line].prefix(20))
        let spoilt = lines.joined(separator: "\n") + "\n"
        try spoilt.write(toFile: path, atomically: true, encoding: .utf8)
        let damaged = try await Program.run(["resume"], in: home)
        #expect(damaged.status == 1 && damaged.error.contains("line \(line + 1)"), "\(damaged.error)")
        // What became of a commit that was on its way may be added; nothing is overwritten.
        let left = try String(contentsOfFile: path, encoding: .utf8)
        #expect(left.hasPrefix(spoilt), "\(left)")
        let added = left.dropFirst(spoilt.count).split(separator: "\n")
        #expect(added.allSatisfy { $0.contains("branch.landed") || $0.contains("branch.takenBack") }, "\(added)")
    }
}
