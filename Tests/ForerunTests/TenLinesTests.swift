import Forerun
import ForerunTesting
import Testing

/// The example of the README, compiled and run.
struct TenLinesTests {
    @Test func anAgentRunInTenLines() async throws {
        let call = Call("temperature", ["city": "Oslo"])
        let big = EndpointModel(ScriptedModel([Turn(calls: [call]), Turn(text: "It is -3 °C.")]), concurrency: 4)
        let small = ScriptedSpeculator { $0.turnNumber == 0 ? [Turn(calls: [call])] : [] }

        let weather = Toolbox([
            .tool("temperature", "Degrees in a city.", effect: .readOnly, concurrency: 8) { _ in "-3" }
        ])
        let agent = Agent(instructions: "Be brief.", actor: big, environment: weather, speculators: [small])
        let result = try await agent.run("How cold is it in Oslo?")

        #expect(result.text == "It is -3 °C.")
        #expect(result.turns == 2)
    }

    @Test func failuresAreTyped() async throws {
        let agent = Agent(actor: EndpointModel(ScriptedModel([])))
        let error = await #expect(throws: AgentError.self) { _ = try await agent.run("Hello?") }
        #expect(error?.code == .endpoint)
    }
}
