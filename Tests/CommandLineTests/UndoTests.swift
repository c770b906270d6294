import Testing

/// `forerun undo`.
struct UndoTests {
    @Test func aRunIsTakenBack() async throws {
        let home = try TemporaryHome(files: ["a.txt": "one\n"])
        let before = home.contents
        try await withEndpoint(Scripts.writing) { flags in
            let run = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(run.status == 0, "\(run.error)")
        }
        let after = home.contents
        #expect(after != before)
        let list = try await Program.run(["undo"], in: home)
        #expect(list.lines.count == 1, "\(list.output)")
        let name = String(list.output.prefix { $0 != " " })
        let undone = try await Program.run(["undo", name], in: home)
        #expect(undone.status == 0, "\(undone.error)")
        #expect(undone.output.contains("restored "))
        #expect(home.contents == before)
        // Undoing is undone in the same way.
        let again = try await Program.run(["undo", "undo \(name)"], in: home)
        #expect(again.status == 0, "\(again.error)")
        #expect(home.contents == after)
        let unknown = try await Program.run(["undo", "no-such-run"], in: home)
        #expect(unknown.status != 0 && unknown.error.contains("no-such-run"))
    }
}
