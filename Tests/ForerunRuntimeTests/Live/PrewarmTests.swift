import ForerunCore
import ForerunEndpoints
import ForerunRuntime
import ForerunTesting
import Synchronization
import Testing

struct PrewarmTests {
    /// A model whose connection is never ready.
    private final class ColdModel: Model {
        let inner: ScriptedModel
        let warmed = Atomic(0)

        init(_ turns: [Turn]) { inner = ScriptedModel(turns) }

        var id: String { inner.id }
        func prewarm() async {
            warmed.add(1, ordering: .relaxed)
            try? await Task.sleep(for: .seconds(3600))
        }
        func answer(
            _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
        ) async throws(ModelFailure) -> Answer { try await inner.answer(request, emit: emit) }
    }

    /// A speculator that only counts.
    private final class ColdSpeculator: Speculator {
        let warmed = Atomic(0)
        var source: String { "cold" }
        func prewarm() async { warmed.add(1, ordering: .relaxed) }
        func predict(
            _ context: SpeculationContext, emit: @escaping @Sendable ([Prediction]) -> Void
        ) async -> Usage? { nil }
    }

    @Test func modelsAndSpeculatorsAreWarmedOnceAndNobodyWaits() async throws {
        let (model, speculator) = (ColdModel(LiveRunTests.script), ColdSpeculator())
        let outcome = try await LiveRunTests().run(speculators: [speculator], model: model)
        #expect(outcome.report.end == .finished && outcome.report.statistics.turns == 5)
        #expect(model.warmed.load(ordering: .relaxed) == 1)
        #expect(speculator.warmed.load(ordering: .relaxed) == 1)
    }

    /// Without TLS there is nothing to agree on: servers see no request that nobody needs.
    @Test func whatIsNotWorthWarmingIsLeftAlone() async throws {
        let server = try LoopbackServer { _, connection in connection.respond(200) }
        defer { server.close() }
        let model = try OpenAIChatModel("m", at: EndpointConfiguration(name: "test", baseURL: server.url))
        await model.prewarm()
        #expect(server.counts.requests == 0)
    }
}
