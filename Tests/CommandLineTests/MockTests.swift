import ForerunCore
import Glibc
import Testing

/// `forerun mock`.
struct MockTests {
    @Test func itPrintsItsAddressAndEndsWithASignal() async throws {
        let home = try TemporaryHome(files: ["script.yaml": Scripts.writing])
        let server = try Running(["mock", "script.yaml", "--log", "requests.jsonl", "--print-url"], home)
        try await server.waitForOutput { $0.hasSuffix("/v1\n") }
        let url = server.output.split(separator: "\n").map(String.init)
        #expect(url.count == 1)
        let result = try await Program.run(
            ["run", "coder", "Do it.", "--set", "endpoints.mock.baseURL=\(url[0])", "--actor", "mock/actor"], in: home)
        #expect(result.status == 0, "\(result.error)")
        server.send(SIGINT)
        let end = try await server.end()
        #expect(end.status == 0)
        #expect(end.error.isEmpty)
        #expect(home.read("requests.jsonl")?.split(separator: "\n").count == 3)
    }

    @Test func scriptsAreChecked() async throws {
        let home = try TemporaryHome(files: ["script.yaml": "models:\n  actor: {kind: scrpt, turns: []}\n"])
        let wrong = try await Program.run(["mock", "script.yaml"], in: home)
        #expect(wrong.status == 3)
        #expect(wrong.error.contains("script.yaml:2: models.actor.kind"))
        let missing = try await Program.run(["mock", "none.yaml"], in: home)
        #expect(missing.status == 3)
        #expect(missing.error.contains("there is no such file"))
    }

    @Test func aPortThatIsTakenIsSaid() async throws {
        let home = try TemporaryHome(files: ["script.yaml": Scripts.answering])
        try await withEndpoint(Scripts.answering) { flags in
            let address = flags[1].split(separator: ":").last?.split(separator: "/").first ?? ""
            let result = try await Program.run(["mock", "script.yaml", "--port", String(address)], in: home)
            #expect(result.status == 1)
            #expect(result.error.contains("cannot serve"))
        }
    }
}
