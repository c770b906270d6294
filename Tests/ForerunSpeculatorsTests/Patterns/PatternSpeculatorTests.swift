import ForerunCore
import ForerunSpeculators
import Synchronization
import Testing

struct PatternSpeculatorTests {
    private static let role = ModelRequest.Role(
        name: "actor", tools: [Tool(name: "read", description: ""), Tool(name: "test", description: "")])

    private func context(_ entries: [Transcript.Entry], width: Int = 3) -> SpeculationContext {
        SpeculationContext(
            request: ModelRequest(role: Self.role, transcript: Transcript(entries)), turnNumber: 0, width: width)
    }

    private func predict(_ speculator: PatternSpeculator, _ context: SpeculationContext) async -> [Prediction] {
        let batches = Mutex<[[Prediction]]>([])
        await speculator.predict(context) { batch in batches.withLock { $0.append(batch) } }
        return batches.withLock { $0.flatMap { $0 } }
    }

    @Test func itLearnsWithinTheRun() async {
        let speculator = PatternSpeculator()
        #expect(speculator.source == "pattern")
        #expect(speculator.endpoint == nil)
        var entries: [Transcript.Entry] = [.message("go")]
        #expect(await predict(speculator, context(entries)).isEmpty)
        entries += [.turn(Turn(calls: [Call("test")])), .output(call: 0, Output(#"{"files":["a.c","b.c","c.c"]}"#))]
        for file in ["a.c", "b.c"] {
            let turn = Turn(calls: [Call("read", ["path": .string(file)])])
            await speculator.observe(turn, after: context(entries))
            entries += [.turn(turn), .output(call: 0, Output("text"))]
        }
        let predictions = await predict(speculator, context(entries))
        #expect(predictions.contains { $0.turn.calls.first == Call("read", ["path": "c.c"]) })
        #expect(predictions.map(\.rank) == Array(predictions.indices))
        #expect(predictions.allSatisfy { (0...1).contains($0.confidence ?? -1) })
        #expect(await predict(speculator, context(entries, width: 1)).count == 1)
    }

    @Test func whatOneRunLearntTheNextKnows() async throws {
        let first = PatternSpeculator()
        let so = context([.message("go"), .turn(Turn(calls: [Call("read")])), .output(call: 0, Output("text"))])
        for _ in 0..<5 { await first.observe(Turn(calls: [Call("test")]), after: so) }
        let second = try PatternSpeculator(snapshot: first.model.snapshot())
        let known = await predict(second, so)
        #expect(known.first?.turn == Turn(calls: [Call("test")]))
        #expect(throws: SnapshotError.self) { try PatternSpeculator(snapshot: [1, 2, 3]) }
    }

    @Test func manyRunsLearnAtATime() async {
        let speculator = PatternSpeculator()
        let start = context([.message("go")])
        let read = Turn(calls: [Call("read", ["path": "a"])])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { await speculator.observe(read, after: start) }
                group.addTask { _ = await predict(speculator, start) }
            }
        }
        #expect(speculator.model.callCount == 50)
        #expect(await predict(speculator, start).first?.turn.calls == read.calls)
    }
}
