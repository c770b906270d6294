import Glibc
import Testing

/// `forerun branch`.
struct BranchTests {
    @Test func aBranchIsTriedLookedAtAndCommitted() async throws {
        let home = try TemporaryHome(files: ["work/a": "one\n", "work/keep": "same\n"])
        func branch(_ arguments: String...) async throws -> Program.Result {
            try await Program.run(["branch"] + arguments, in: home)
        }
        let first = try await branch(
            "exec", "-w", "work", "--", "sh", "-c", "echo two > a; echo new > b; touch keep /tmp/x; echo out; exit 3")
        #expect(first.status == 3, "\(first.error)")
        #expect(first.output == "out\n")
        #expect(home.read("work/a") == "one\n")
        // The next command goes on where that one ended.
        let second = try await branch("exec", "-w", "work", "--", "sh", "-c", "cat a b; ls /tmp/x; rm a")
        #expect(second.output == "two\nnew\n/tmp/x\n")
        #expect(try await branch("diff", "-w", "work", "--name-only").output == "a\nb\nkeep\n")
        let diff = try await branch("diff", "-w", "work").output
        #expect(diff.contains("-one\n") && diff.contains("+new\n") && !diff.contains("same"))
        let committed = try await branch("commit", "-w", "work")
        #expect(committed.status == 0 && committed.error.hasPrefix("3 paths committed; forerun undo branch-"))
        #expect(home.read("work/a") == nil)
        #expect(home.read("work/b") == "new\n")
        let again = try await branch("commit", "-w", "work")
        #expect(again.error == "nothing to commit\n")
        let name = try #require(committed.error.split(separator: " ").first { $0.hasPrefix("branch-") })
        let undone = try await Program.run(["undo", String(name), "-w", "work"], in: home)
        #expect(undone.status == 0, "\(undone.error)")
        #expect(home.read("work/a") == "one\n" && home.read("work/b") == nil)
    }

    @Test func whatOthersChangedMeanwhileIsNotOverwritten() async throws {
        let home = try TemporaryHome(files: ["work/a": "one\n", "work/b": "one\n"])
        _ = try await Program.run(
            ["branch", "exec", "-w", "work", "--", "sh", "-c", "echo two > a; echo two > b"], in: home)
        try home.write("work/a", "theirs\n")
        let refused = try await Program.run(["branch", "commit", "-w", "work"], in: home)
        #expect(refused.status == 1)
        #expect(refused.error.contains("a was changed by somebody else") && refused.error.contains("branch discard"))
        #expect(home.read("work/a") == "theirs\n")
        #expect(home.read("work/b") == "one\n")
        let discarded = try await Program.run(["branch", "discard", "-w", "work"], in: home)
        #expect(discarded.error == "changes of 2 paths discarded\n")
        #expect(try await Program.run(["branch", "diff", "-w", "work"], in: home).output == "")
    }

    @Test func itSaysWhatIsMissing() async throws {
        let home = try TemporaryHome(files: ["work/a": "one\n"])
        let nothing = try await Program.run(["branch", "exec", "-w", "work"], in: home)
        #expect(nothing.status == 2 && nothing.error.contains("name a program after --"))
        let nowhere = try await Program.run(["branch", "diff", "-w", "none"], in: home)
        #expect(nowhere.status == 3 && nowhere.error.contains("there is no directory none"))
        let unknown = try await Program.run(["branch", "exec", "-w", "work", "--", "no-such-program"], in: home)
        #expect(unknown.status == 127 && unknown.error.contains("cannot run no-such-program"), "\(unknown)")
        let text = try await Program.run(["branch", "exec", "-w", "work", "--", "./a"], in: home)
        #expect(text.status == 126 && text.error.contains("cannot run ./a"), "\(text)")
    }

    /// Ctrl-C ends the program and what it started; what it had changed is there to be looked at.
    @Test func anInterruptionEndsTheProgram() async throws {
        let home = try TemporaryHome(files: ["work/a": "one\n"])
        let script = "trap '' INT TERM; echo two > a; echo begun; sleep 1000 & wait"
        let running = try Running(["branch", "exec", "-w", "work", "--", "sh", "-c", script], home)
        try await running.waitForOutput { $0.contains("begun") }
        running.send(SIGINT)
        let ended = try await running.end()
        #expect(ended.status == 130 && ended.error.contains("interrupted"), "\(ended)")
        #expect(home.read("work/a") == "one\n")
        #expect(try await Program.run(["branch", "diff", "-w", "work", "--name-only"], in: home).output == "a\n")
    }
}
