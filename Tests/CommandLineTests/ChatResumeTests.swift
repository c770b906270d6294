import ForerunCore
import ForerunStore
import ForerunTesting
import Foundation
import Glibc
import Testing

/// A conversation that is killed at any moment and gone on with comes to what it comes to unkilled.
struct ChatResumeTests {
    private static let script = """
        models:
          actor:
            latency: {law: fixed, mean: 0.05}
            turns:
              - text: Hello.
              - calls: [{name: read_file, arguments: {path: a.txt}}, {name: run_command, arguments: {command: "echo 1 >> b.txt"}}]
              - calls: [{name: run_command, arguments: {command: "echo 2 >> b.txt; cat b.txt"}}]
              - text: Two are written.
              - calls: [{name: write_file, arguments: {path: c.txt, content: "c\\n"}}]
              - calls: [{name: run_command, arguments: {command: "cat b.txt c.txt > d.txt; wc -l d.txt"}}]
              - text: All is done.
        """
    private static let lines = ["Hi.", "Write.", "Go on."].map { #"{"type":"message","text":"\#($0)"}"# + "\n" }
        .joined()
    private static let seeds: ClosedRange<UInt64> =
        ProcessInfo.processInfo.environment["FORERUN_SOAK"] == nil ? 1...8 : 1...200

    private struct Outcome: Equatable {
        var turns: [Resumption.TakenTurn]
        var files: [String: String]
    }

    private func outcome(_ home: TemporaryHome) throws -> Outcome {
        let records = try ChatTests.records(home)
        #expect(records.count == 1 && records[0].record.damage == nil && records[0].record.isFinished)
        var turns = records[0].record.turns
        // What depends on the clock and on what ran ahead.
        for number in turns.indices {
            turns[number].seconds = 0
            turns[number].isHit = false
            turns[number].cost = nil
            for call in turns[number].calls.indices {
                turns[number].calls[call].seconds = 0
                turns[number].calls[call].isHit = false
            }
        }
        return Outcome(turns: turns, files: home.contents)
    }

    @Test func killsChangeNothing() async throws {
        try await withEndpoint(Self.script) { flags in
            let flags = flags + ["--set", "endpoints.mock.concurrency=4"]
            let calm = try TemporaryHome()
            let whole = try await Program.run(["chat", "coder", "--json"] + flags, in: calm, input: .text(Self.lines))
            #expect(whole.status == 0, "\(whole.error)")
            let expected = try outcome(calm)
            #expect(expected.turns.count == 7 && expected.files["d.txt"] != nil)
            var cuts = 0
            for seed in Self.seeds {
                var random = SeededGenerator(seed: seed)
                let home = try TemporaryHome()
                let running = try Running(["chat", "coder", "--json"] + flags, home, .text(Self.lines))
                // From here on everything that was said is in the log.
                try await running.waitForOutput { $0.components(separatedBy: "message.queued").count > 3 }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...700, using: &random)))
                running.send(SIGKILL)
                _ = try await running.end()
                for _ in 0..<20 {
                    let again = try Running(["chat", "--resume", "--json"], home, .text(""))
                    let isKilled = Bool.random(using: &random)
                    if isKilled {
                        try await Task.sleep(for: .milliseconds(Int.random(in: 100...700, using: &random)))
                        again.send(SIGKILL)
                    }
                    let result = try await again.end()
                    if result.status == 0 { break }
                    #expect(isKilled, "seed \(seed): \(result.error)")
                    cuts += 1
                }
                let found = try outcome(home)
                #expect(found == expected, "seed \(seed)")
            }
            #expect(cuts > 0, "some of those that went on were killed as well")
        }
    }
}
