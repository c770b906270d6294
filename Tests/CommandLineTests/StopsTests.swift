import Testing

/// Answers that break off, in every protocol: an error that names cause and remedy, and nothing in the workspace.
struct StopsTests {
    /// The first answer writes a file; the second does not get that far.
    private func script(_ fault: String) -> String {
        """
        models:
          actor:
            chunk: 2
            turns:
              - calls: [{name: write_file, arguments: {path: b.txt, content: "kept\\n"}}]
              - text: Now the other one.
                calls: [{name: write_file, arguments: {path: c.txt, content: "lost\\n"}}]
              - text: Done.
            fault: {kind: \(fault), at: 1, times: always}
        """
    }

    @Test(arguments: ["chat", "responses", "anthropic"], ["length", "content_filter", "context_overflow"])
    func endTheRun(_ dialect: String, _ fault: String) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(script(fault)) { flags in
            let result = try await Program.run(
                ["run", "coder", "Write.", "--set", "endpoints.mock.protocol=\(dialect)"] + flags, in: home)
            #expect(result.status == 6, "\(result.error)")
            let cause = ["length": "answer cut off", "content_filter": "answer withheld"][fault] ?? "context too long"
            #expect(result.error.contains("forerun: error: \(cause)"), "\(result.error)")
            let remedy = ["length": "sampling.maxTokens", "content_filter": "another model"][fault] ?? "longer context"
            #expect(result.error.contains(remedy), "\(result.error)")
            // What was committed stays; nothing of the answer that broke off happened.
            #expect(home.read("b.txt") == "kept\n")
            #expect(home.read("c.txt") == nil)
        }
    }
}
