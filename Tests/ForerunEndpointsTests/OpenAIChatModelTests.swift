import ForerunCore
import ForerunEndpoints
import ForerunTesting
import ForerunTransport
import Synchronization
import Testing

struct OpenAIChatModelTests {
    @Test func streamsTextCallsAndUsage() async throws {
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            for chunk in Recording.twoCalls { connection.chunk("data: \(chunk)\n\n") }
            connection.chunk("data: [DONE]\n\n")
            connection.endChunks()
        }
        defer { server.close() }
        let model = try OpenAIChatModel("m", at: EndpointConfiguration(name: "test", baseURL: server.url + "/v1/"))
        #expect(model.id == "test/m")
        let deltas = Mutex<[AnswerDelta]>([])
        let request = ModelRequest(
            role: ModelRequest.Role(name: "actor"), transcript: Transcript([.message("Hello")]))
        let answer = try await model.answer(request) { delta in deltas.withLock { $0.append(delta) } }
        #expect(answer.turn == Recording.twoCallsTurn)
        #expect(answer.usage == Usage(input: 20, cached: 8, output: 9, reasoning: 3))
        #expect(deltas.withLock { $0 } == Recording.twoCallsDeltas)
    }
}
