import Testing

/// `forerun learn` and `forerun patterns`.
struct LearnTests {
    @Test func whatWasLearntFromOwnLogsIsUsed() async throws {
        let home = try TemporaryHome(files: ["a.txt": "one\n"])
        let nothing = try await Program.run(["patterns"], in: home)
        #expect(nothing.status == 0 && nothing.error.contains("nothing was learnt yet"))
        try await withEndpoint(Scripts.writing) { flags in
            let run = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(run.status == 0 && !run.error.contains("patterns learnt"), "\(run.error)")
            let learnt = try await Program.run(["learn", home.path + "/.local/state"], in: home)
            #expect(
                learnt.status == 0 && learnt.output.contains("learnt from 1 runs"), "\(learnt.output)\(learnt.error)")
            let again = try await Program.run(["learn", home.path + "/.local/state"], in: home)
            #expect(again.output.contains("learnt from 0 runs"), "\(again.output)")
            let list = try await Program.run(["patterns"], in: home)
            #expect(list.output.contains("coder  1 runs") && list.output.contains("(all agents)"), "\(list.output)")
            let next = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(next.status == 0, "\(next.error)")
            #expect(
                (next.output + next.error).contains("patterns learnt from 1 runs of coder"),
                "\(next.output)\(next.error)")
        }
        let forgotten = try await Program.run(["patterns", "--forget"], in: home)
        #expect(forgotten.status == 0)
        #expect(try await Program.run(["patterns"], in: home).error.contains("nothing was learnt yet"))
    }

    @Test func badInputIsNamed() async throws {
        let home = try TemporaryHome(files: ["bad.jsonl": "{\"role\": \n"])
        let missing = try await Program.run(["learn", "no-such-file"], in: home)
        #expect(missing.status == 2 && missing.error.contains("no-such-file"), "\(missing.error)")
        let bad = try await Program.run(["learn", "bad.jsonl"], in: home)
        #expect(bad.status == 0 && bad.output.contains("bad.jsonl"), "\(bad.output)\(bad.error)")
        let unknown = try await Program.run(["patterns", "nobody"], in: home)
        #expect(unknown.status == 1 && unknown.error.contains("nobody"))
    }
}
