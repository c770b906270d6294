import Forerun
import ForerunMockServer
import ForerunTesting
import FoundationEssentials
import Testing

/// The example of the README: compiled, and run against a real server.
struct ReadmeExampleTests {
    private func example(_ url: String) async throws -> AgentResult {
        let server = try Endpoint(url, concurrency: 8)
        let weather = Toolbox([
            .tool("temperature", "Degrees in a city.", effect: .readOnly, concurrency: 8) { _ in "-3" }
        ])
        let agent = Agent(
            instructions: "Be brief.", actor: try server.model("big"), environment: weather,
            guessing: [try server.model("small")])
        return try await agent.run("How cold is it in Oslo?")
    }

    private static let script = """
        models:
          big:
            kind: script
            latency: {law: fixed, mean: 0.5}
            turns:
              - calls: [{name: temperature, arguments: {city: Oslo}}]
              - text: It is -3 °C.
          small:
            kind: speculator
            of: big
            hit: 1
            width: 1
        """

    @Test func theExampleRuns() async throws {
        let result = try await withMockServer(Self.script) { try await example($0) }
        #expect(result.text == "It is -3 °C.")
        #expect(result.turns == 2)
        #expect(result.callHits == 1)
    }

    /// What the README shows is what is compiled here, but for the address and the last line.
    @Test func theReadmeShowsThisExample() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let readme = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let block = try #require(
            readme.split(separator: "```swift\nimport Forerun\n").last?.split(separator: "```").first)
        func plain(_ line: Substring) -> String { line.split(separator: " ").joined(separator: " ") }
        let lines = Set(source.split(separator: "\n").map(plain))
        let shown = block.split(separator: "\n").map(plain).filter { !$0.isEmpty }
        #expect(shown.count == 9)
        for line in shown.dropFirst().dropLast(2) { #expect(lines.contains(line), "not compiled: \(line)") }
    }

    @Test func failuresAreTyped() async throws {
        let agent = Agent(actor: EndpointModel(ScriptedModel([])))
        let error = await #expect(throws: AgentError.self) { _ = try await agent.run("Hello?") }
        #expect(error?.code == .endpoint)
    }

    @Test func keysAreNeverWrittenDown() {
        let error = #expect(throws: AgentError.self) {
            _ = try Endpoint("http://127.0.0.1:1/v1", key: "sk-very-secret")
        }
        #expect(error?.description.contains("sk-very-secret") == false)
    }
}

/// Runs a mock server on a free port of the loopback for as long as `body` takes.
private func withMockServer<Result: Sendable>(
    _ script: String, body: @Sendable @escaping (String) async throws -> Result
) async throws -> Result {
    let server = MockServer(try MockScript(yaml: script, file: "script.yaml")) { _ in }
    let (ports, ready) = AsyncStream<Int>.makeStream()
    return try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask {
            try await server.run(host: "127.0.0.1", port: 0) { ready.yield($0) }
            return nil
        }
        group.addTask {
            for await port in ports { return try await body("http://127.0.0.1:\(port)/v1") }
            return nil
        }
        defer { group.cancelAll() }
        for try await case let result? in group { return result }
        throw CancellationError()
    }
}
