import ForerunCore
import Testing

/// `forerun doctor`.
struct DoctorTests {
    @Test func aServedModelIsFound() async throws {
        try await withEndpoint(Scripts.answering) { flags in
            let result = try await Program.run(["doctor", "coder"] + flags, in: try TemporaryHome())
            #expect(result.status == 0, "\(result.output)")
            #expect(result.output.contains("ok    model mock/actor"))
        }
    }

    @Test func whatFailsHasARemedyAndAnExitCode() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.answering, actor: "nobody") { flags in
            let unknown = try await Program.run(["doctor", "coder"] + flags, in: home)
            #expect(unknown.status == 6)
            #expect(unknown.output.contains("It lists: actor"))
        }
        let refused = try await Program.run(
            ["doctor", "coder", "--set", "endpoints.mock.baseURL=http://127.0.0.1:1/v1", "--actor", "mock/m"], in: home)
        #expect(refused.status == 6)
        #expect(refused.output.contains("fail  endpoint mock"))
        let keyless = try await Program.run(["doctor", "coder", "--actor", "openai/gpt-5"], in: home)
        #expect(keyless.status == 4)
        #expect(keyless.output.contains("OPENAI_API_KEY"))
        try home.configure("defualts: {}\n")
        let broken = try await Program.run(["doctor"], in: home)
        #expect(broken.status == 3)
        #expect(broken.output.contains("defaults"))
    }

    @Test func theJSONFormIsOneObject() async throws {
        let result = try await Program.run(["doctor", "--json"], in: try TemporaryHome())
        #expect(result.lines.count == 1)
        let report = try JSON(parsing: result.lines[0])
        #expect(report["type"]?.stringValue == "doctor")
        #expect(report["status"]?.intValue == Int(result.status))
        #expect(report["checks"]?.arrayValue?.isEmpty == false)
    }
}
