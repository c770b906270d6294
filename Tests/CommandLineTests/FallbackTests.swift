import ForerunCore
import Testing

/// Models that take over from one that fails: said in the log, on the screen and in the report.
struct FallbackTests {
    private static let script = """
        models:
          first:
            turns:
              - calls: [{name: write_file, arguments: {path: b.txt, content: "new\\n"}}]
              - text: Never said.
            fault: {kind: status, at: 1, times: always, status: 529, retry_after: 0}
          second:
            turns:
              - text: Never said either.
              - text: All is done.
        """

    @Test(arguments: ["chat", "responses", "anthropic"])
    func theSecondModelGoesOnWhereTheFirstFailed(_ dialect: String) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script) { flags in
            let flags =
                Array(flags.dropLast()) + ["[mock/first, mock/second]", "--set", "endpoints.mock.protocol=\(dialect)"]
            let result = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output == "All is done.\n")
            #expect(home.read("b.txt") == "new\n")
            #expect(result.error.contains("turn 2: mock/second plays actor from here on instead of mock/first"))
            #expect(
                result.error.contains("mock/second from turn 2 on: mock/first failed (overloaded)"), "\(result.error)")
            let again = try await Program.run(["run", "coder", "Do it.", "--json", "--verify"] + flags, in: home)
            #expect(again.status == 0, "\(again.error)")
            let events = try again.lines.map { try JSON(parsing: $0) }
            #expect(events.count { $0["type"] == "answer.failed" } == 4)
            let replaced = try #require(events.first { $0["type"] == "model.replaced" })
            #expect(replaced["from"] == "mock/first" && replaced["to"] == "mock/second")
            #expect(events.last?["fallbacks"]?.arrayValue?.count == 1)
        }
    }

    @Test func withoutASecondTheRunFails() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script, actor: "first") { flags in
            let result = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(result.status == 6)
            #expect(result.error.contains("forerun: error: overloaded (HTTP 529)"), "\(result.error)")
        }
    }

    @Test func aModelThatIsNamedTwiceIsAMistake() async throws {
        let result = try await Program.run(
            ["run", "coder", "Do it.", "--actor", "[openai/a, openai/a]"], in: try TemporaryHome())
        #expect(result.status == 3)
        #expect(result.error.contains("actor names openai/a twice"), "\(result.error)")
    }
}
