import ForerunCore
import ForerunMockServer
import ForerunStore
import ForerunTesting
import Foundation
import Glibc
import Testing

/// Runs that are killed at random moments and gone on with come out as the run that nobody killed.
@Suite(.serialized) struct ResumeSoakTests {
    private static let isSoak = getenv("FORERUN_SOAK") != nil

    /// Thirty turns: what is written twice, or not at all, shows in `log.txt`.
    private static let long: String = {
        var turns: [String] = []
        for number in 0..<10 {
            turns.append(
                """
                      - text: Step \(number).
                        calls:
                          - {name: write_file, arguments: {path: f\(number).txt, content: "\(number)\\n"}}
                          - {name: run_command, arguments: {command: "echo \(number) >> log.txt; wc -l < log.txt"}}
                      - calls:
                          - {name: read_file, arguments: {path: log.txt}}
                          - {name: read_file, arguments: {path: f\(number).txt}}
                      - calls: [{name: run_command, arguments: {command: "cat f*.txt | sort -n | tail -3"}}]
                """)
        }
        return """
            models:
              actor:
                latency: {law: fixed, mean: 0.02}
                turns:
            \(turns.joined(separator: "\n"))
                  - text: All ten are written.
              small: {kind: speculator, of: actor, hit_top: [0.6, 0.2], width: 2, wrong: turns}
            """
    }()

    @Test func aLongScriptedRun() async throws {
        try await check(
            Case(kills: Self.isSoak ? 260 : 18, span: 2.0, arguments: ["coder", "Write."], script: Self.long))
    }

    @Test func theCoderOfTheDemo() async throws {
        let demo = Program.root + "/Agents/Demos/coder"
        var script = try String(contentsOfFile: demo + "/script.yaml", encoding: .utf8)
        for (slow, quick) in [
            ("mean: 1.7", "mean: 0.03"), ("mean: 0.25", "mean: 0.01"),
            ("tokens_per_second: 60", "tokens_per_second: 0"),
            ("tokens_per_second: 400", "tokens_per_second: 0"),
        ] {
            #expect(script.contains(slow))
            script = script.replacingOccurrences(of: slow, with: quick)
        }
        try await check(
            Case(
                kills: Self.isSoak ? 120 : 5, span: 6, arguments: ["coder", "Repair it."], script: script,
                files: demo + "/repository"))
    }

    @Test(
        .enabled(
            if: ["/usr/games/stockfish", "/usr/bin/stockfish", "/usr/local/bin/stockfish"].contains(
                where: FileManager.default.isExecutableFile),
            "no stockfish here; install it with: apt install stockfish"))
    func aGameOfChess() async throws {
        try await check(
            Case(
                kills: Self.isSoak ? 120 : 7, span: 2.5,
                arguments: ["chess", "--set", "engine.nodes=4000", "--set", "environment.maxPlies=30"]))
    }

    // MARK: - The check

    struct Case: Sendable {
        /// Processes to kill, in as many runs as it takes.
        var kills: Int
        /// Kills come after up to so many seconds.
        var span: Double
        var arguments: [String]
        /// Of the models; `nil`: it needs none.
        var script: String?
        /// A directory that the workspace begins as.
        var files: String?
    }

    /// What a run came to.
    private struct Outcome: Equatable {
        var transcript: Transcript
        var usage: JSON?
        var turns: JSON?
        var digest: JSON?
        var world: [String: String]
    }

    private func check(_ item: Case) async throws {
        guard let script = item.script else { return try await check(item, []) }
        try await withEndpoint(script) { flags in
            var flags = flags + ["--set", "endpoints.mock.concurrency=4"]
            if script.contains("\n  small:") { flags += ["--speculator", "mock/small"] }
            if script.contains("\n  speculator:") { flags += ["--speculator", "mock/speculator"] }
            try await check(item, flags)
        }
    }

    private func check(_ item: Case, _ flags: [String]) async throws {
        let home = try TemporaryHome()
        try reset(home, item)
        let whole = try await Program.run(["run"] + item.arguments + flags + ["--quiet"], in: home)
        try #require(whole.status == 0, "\(whole.error)")
        let expected = try outcome(in: home)
        try #require(expected.transcript.turns > 5)
        // The seed says after how long; what the process is doing then is the machine's to say.
        var random = SeededGenerator(seed: 7)
        var kills = 0
        while kills < item.kills {
            try reset(home, item)
            var name: String?
            for attempt in 0... {
                try #require(attempt < 400, "it comes to no end")
                let words = name.map { ["resume", $0] } ?? (["run"] + item.arguments + flags)
                let running = try Running(words + ["--quiet"], home)
                let limit = kills < item.kills ? Double.random(in: 0.05...item.span, using: &random) : 60
                guard let result = try await end(running, after: limit) else {
                    kills += 1
                    name = try resumable(in: home)
                    // Its last word was written: it was killed on its way out.
                    if try name.flatMap(RunName.init).map({ try RunRecord($0, in: runs(home)).isFinished }) ?? false {
                        break
                    }
                    continue
                }
                try #require(result.status == 0, "after \(kills) kills: \(result.error)")
                break
            }
            let came = try outcome(in: home)
            #expect(came == expected, "after \(kills) kills: \(difference(came, expected))")
            if came != expected { return }
        }
    }

    /// Kills a process after `limit` seconds. - Returns: `nil`, or what it came to before.
    private func end(_ running: Running, after limit: Double) async throws -> Program.Result? {
        let kill = Task {
            try await Task.sleep(for: .seconds(limit))
            running.send(SIGKILL)
        }
        defer { kill.cancel() }
        let result = try await running.end()
        return result.status == 128 + SIGKILL ? nil : result
    }

    private func reset(_ home: TemporaryHome, _ item: Case) throws {
        try FileManager.default.removeItem(atPath: home.workspace)
        if let files = item.files {
            try FileManager.default.copyItem(atPath: files, toPath: home.workspace)
        } else {
            try FileManager.default.createDirectory(atPath: home.workspace, withIntermediateDirectories: true)
        }
        // What a run taught would change what the next one guesses, not what it comes to; but its log would be the last.
        try? FileManager.default.removeItem(atPath: home.path + "/.local/state/forerun")
    }

    private func runs(_ home: TemporaryHome) throws -> RunStateDirectory {
        try RunStateDirectory(environment: { home.variables[$0] })
    }

    /// The run that can be gone on with: one that was killed before its first line can not.
    private func resumable(in home: TemporaryHome) throws -> String? {
        let directory = try runs(home)
        for run in try directory.runs() where FileManager.default.fileExists(atPath: directory.eventsPath(of: run)) {
            if try RunRecord(run, in: directory).started != nil { return run.description }
        }
        return nil
    }

    private func outcome(in home: TemporaryHome) throws -> Outcome {
        let directory = try runs(home)
        let name = try #require(try resumable(in: home).flatMap(RunName.init))
        let record = try RunRecord(name, in: directory)
        #expect(record.damage == nil)
        let path = try #require(record.resumption(isWorldKept: true))
        #expect(path.turns.count == record.turns.count, "everything has landed")
        return Outcome(
            transcript: path.transcript { .turn($0) }, usage: record.completed?["usage"],
            turns: record.completed?["turns"],
            digest: record.completed?["digest"], world: home.contents)
    }

    private func difference(_ a: Outcome, _ b: Outcome) -> String {
        if a.transcript != b.transcript {
            let pair = zip(a.transcript.entries, b.transcript.entries).first { $0 != $1 }
            return "\(a.transcript.count) entries, not \(b.transcript.count): \(String(describing: pair))"
        }
        if a.world != b.world {
            let names = Set(a.world.keys).union(b.world.keys).filter { a.world[$0] != b.world[$0] }
            return "\(names.sorted()): \(names.map { (a.world[$0] ?? "nothing", b.world[$0] ?? "nothing") })"
        }
        return "\(String(describing: a.usage)) \(String(describing: b.usage)), \(String(describing: a.digest))"
    }
}
