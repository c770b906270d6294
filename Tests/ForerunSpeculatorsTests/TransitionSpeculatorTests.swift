import ForerunCore
import ForerunSpeculators
import Synchronization
import Testing

struct TransitionSpeculatorTests {
    private static let role = ModelRequest.Role(
        name: "actor", tools: [Tool(name: "read", description: ""), Tool(name: "test", description: "")])

    private func context(_ entries: [Transcript.Entry], width: Int = 3) -> SpeculationContext {
        SpeculationContext(
            request: ModelRequest(role: Self.role, transcript: Transcript(entries)), turnNumber: 0, width: width)
    }

    private func predict(_ speculator: TransitionSpeculator, _ context: SpeculationContext) async -> [Prediction] {
        let batches = Mutex<[[Prediction]]>([])
        await speculator.predict(context) { batch in batches.withLock { $0.append(batch) } }
        return batches.withLock { $0.flatMap { $0 } }
    }

    private static let read = Turn(text: "First a look.", calls: [Call("read", ["path": "a"])])
    private static let test = Turn(calls: [Call("test")])

    @Test func whatWasObservedIsPredictedAndRanked() async {
        let speculator = TransitionSpeculator()
        #expect(speculator.source == "transition")
        #expect(speculator.endpoint == nil)
        let start = context([.message("go")])
        #expect(await predict(speculator, start).isEmpty)
        for turn in [Self.read, Self.read, Self.test] { await speculator.observe(turn, after: start) }
        let predictions = await predict(speculator, start)
        #expect(predictions.map(\.turn) == [Turn(calls: Self.read.calls), Self.test])
        #expect(predictions.map(\.rank) == [0, 1])
        #expect(predictions.allSatisfy { ($0.confidence ?? 0) > 0 })
        #expect(await predict(speculator, context([.message("go")], width: 1)).count == 1)
    }

    @Test func whatOneRunLearntTheNextKnows() async throws {
        let first = TransitionSpeculator()
        let so = context([.message("go"), .turn(Self.read), .output(call: 0, Output("text"))])
        await first.observe(Self.test, after: so)
        let second = try TransitionSpeculator(snapshot: JSON(parsing: first.snapshot.text))
        #expect(await predict(second, so).map(\.turn) == [Self.test])
    }

    @Test func manyRunsLearnAtATime() async {
        let speculator = TransitionSpeculator()
        let start = context([.message("go")])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { await speculator.observe(Self.read, after: start) }
                group.addTask { _ = await predict(speculator, start) }
            }
        }
        #expect(speculator.snapshot["observations"]?.intValue == 50)
        #expect(await predict(speculator, start).first?.turn.calls == Self.read.calls)
    }
}
