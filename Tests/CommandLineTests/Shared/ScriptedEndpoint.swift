import ForerunMockServer

/// A server with scripted models, for the time of `body`, which gets the flags that point a run at it.
func withEndpoint(
    _ yaml: String, actor: String = "actor", _ body: @Sendable ([String]) async throws -> Void
) async throws {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let server = MockServer(try MockScript(yaml: yaml))
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run(onReady: { ready.yield($0) }) }
        for await port in ports {
            try await body(["--set", "endpoints.mock.baseURL=http://127.0.0.1:\(port)/v1", "--actor", "mock/\(actor)"])
            break
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

enum Scripts {
    /// Reads a file, writes one, and answers.
    static let writing = """
        models:
          actor:
            turns:
              - text: First I look.
                calls: [{name: read_file, arguments: {path: a.txt}}]
              - calls: [{name: write_file, arguments: {path: b.txt, content: "new\\n"}}]
              - text: All is done.
        """

    /// Answers at once.
    static let answering = """
        models:
          actor:
            turns: [{text: Hello.}]
        """

    /// One call, then an answer.
    static func calling(_ name: String, _ arguments: String) -> String {
        """
        models:
          actor:
            turns:
              - calls: [{name: \(name), arguments: \(arguments)}]
              - text: That was it.
        """
    }

    /// An answer that meets a fault.
    static func failing(_ fault: String) -> String {
        """
        models:
          actor:
            fault: \(fault)
            turns: [{text: A somewhat longer answer that can be cut in two.}]
        """
    }
}
