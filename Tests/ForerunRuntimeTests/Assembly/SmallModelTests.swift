import ForerunCore
import Testing

@testable import ForerunRuntime

/// Small models that guess, as agents name them.
struct SmallModelTests {
    @Test func theyGuessWholeCallsOrPartsOfThem() async throws {
        let scene = try AgentScene()
        let run = try await AgentRuntime().prepare(
            try scene.request(
                settings:
                    "speculation.speculators=[{kind: parts, model: local/m}, {kind: model, model: local/m, logprobs: true}]"
            ))
        #expect(run.assembly.speculators.map(\.speculator.source) == ["parts:local/m", "model:local/m"])
    }

    @Test(arguments: ["anthropic", "responses"])
    func whatTellsNoLogprobsIsRefused(_ wire: String) async throws {
        let scene = try AgentScene()
        let request = try scene.request(
            settings: "endpoints.other={baseURL: 'http://127.0.0.1:1/v1', protocol: \(wire)}",
            "speculation.speculators=[{kind: model, model: other/m, logprobs: true}]")
        let failure = await #expect(throws: RunFailure.self) { try await AgentRuntime().prepare(request) }
        #expect(
            Complaint(try #require(failure)).cause
                == "other/m tells no log-probabilities: its protocol is \(wire)")
    }
}
