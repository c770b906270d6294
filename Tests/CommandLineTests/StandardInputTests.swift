import ForerunCore
import Testing

/// When standard input is read, and when not.
struct StandardInputTests {
    /// The task as the run was told.
    private func task(_ arguments: [String], _ input: Program.Input) async throws -> String? {
        let home = try TemporaryHome()
        try home.write("../input.txt", "from a file\n")
        var input = input
        if case .file = input { input = .file(home.path + "/input.txt") }
        let given = input
        let (tasks, found) = AsyncStream.makeStream(of: String?.self)
        try await withEndpoint(Scripts.answering) { flags in
            let result = try await Program.run(
                ["run", "coder"] + arguments + ["--json"] + flags, in: home, input: given, limit: 20)
            #expect(result.status == 0, "\(result.error)")
            found.yield(try JSON(parsing: result.lines.first ?? "")["task"]?.stringValue)
        }
        for await task in tasks { return task }
        return nil
    }

    @Test func aTaskAloneIsTheTask() async throws {
        #expect(try await task(["Do it."], .null) == "Do it.")
    }

    @Test func pipedInputIsAppendedToATask() async throws {
        #expect(try await task(["Do it."], .text("some text\n")) == "Do it.\n\n<stdin>\nsome text\n</stdin>")
        #expect(try await task(["Do it."], .file("")) == "Do it.\n\n<stdin>\nfrom a file\n</stdin>")
    }

    @Test func aSilentPipeIsLeftAlone() async throws {
        #expect(try await task(["Do it."], .silence) == "Do it.")
    }

    @Test func inputIsTheTaskWhereThereIsNone() async throws {
        #expect(try await task([], .text("from a pipe\n")) == "from a pipe")
        #expect(try await task([], .file("")) == "from a file")
        #expect(try await task(["-"], .text("from a pipe\n")) == "from a pipe")
    }

    @Test func withoutATaskTheUsageIsWrong() async throws {
        for input in [Program.Input.null, .silence, .text("")] {
            let result = try await Program.run(["run", "coder"], in: try TemporaryHome(), input: input, limit: 20)
            #expect(result.status == 2)
            #expect(result.error.contains("needs a task"))
        }
        let empty = try await Program.run(
            ["run", "coder", "-"], in: try TemporaryHome(), input: .text(" \n"), limit: 20)
        #expect(empty.status == 2)
    }
}
