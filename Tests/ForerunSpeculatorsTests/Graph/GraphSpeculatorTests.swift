import ForerunCore
import Synchronization
import Testing

@testable import ForerunSpeculators

struct GraphSpeculatorTests {
    private static let role = ModelRequest.Role(
        name: "actor",
        tools: [
            Tool(name: "list", description: ""),
            Tool(
                name: "read", description: "",
                parameters: ["type": "object", "properties": ["path": ["type": "string"]], "required": ["path"]]),
        ])

    private func context(_ entries: [Transcript.Entry], view: ModelRequest.View = .whole) -> SpeculationContext {
        SpeculationContext(
            request: ModelRequest(role: Self.role, transcript: Transcript(entries), view: view), turnNumber: 0, width: 3
        )
    }

    private func predict(_ speculator: GraphSpeculator, _ context: SpeculationContext) async -> [Prediction] {
        let all = Mutex<[Prediction]>([])
        await speculator.predict(context) { batch in all.withLock { $0 += batch } }
        return all.withLock { $0 }
    }

    private func entries(_ file: String) -> [Transcript.Entry] {
        [
            .message("go"), .turn(Turn(calls: [Call("list")])),
            .output(call: 0, Output(#"{"files":["\#(file)"]}"#)),
        ]
    }

    @Test func aRunIsOneHoweverOftenItShowsAValue() async throws {
        let turn = Turn(calls: [Call("read", ["path": "Berlin"])])
        var model = GraphModel()
        model.learn([.message("go"), .turn(turn)])
        let second = GraphSpeculator(model: model)
        for _ in 0..<3 { await second.observe(turn, after: context([.message("go")])) }
        #expect(second.snapshot["runs"] == 2)
        #expect(!second.snapshot.text.contains("Berlin"), "what may be a name is kept once it came in three runs")
        for _ in 0..<2 { model.learn([.message("go"), .turn(turn)]) }
        #expect(model.snapshot.text.contains("Berlin"))
    }

    @Test func whatWasObservedIsPredictedInTheNextRun() async throws {
        let first = GraphSpeculator()
        #expect(first.source == "graph" && first.endpoint == nil)
        for number in 0..<4 {
            let here = entries("src/file\(number).swift")
            await first.observe(Turn(calls: [Call("list")]), after: context([here[0]]))
            await first.observe(
                Turn(calls: [Call("read", ["path": .string("src/file\(number).swift")])]), after: context(here))
        }
        let second = try GraphSpeculator(snapshot: JSON(parsing: first.snapshot.text))
        let guesses = await predict(second, context(entries("other/name9.swift")))
        #expect(guesses.first?.turn == Turn(calls: [Call("read", ["path": "other/name9.swift"])]))
        #expect(guesses.map(\.rank) == Array(guesses.indices))
        #expect(guesses.allSatisfy { (0...1).contains($0.confidence ?? -1) })
        #expect(second.snapshot["runs"]?.intValue == 1, "one process is one run")
    }

    @Test func aRoleThatSeesTheLastEntryOnlyIsGuessedFromIt() async {
        let speculator = GraphSpeculator()
        for _ in 0..<3 {
            await speculator.observe(Turn(calls: [Call("list")]), after: context([.message("go")], view: .lastEntry))
        }
        let guesses = await predict(speculator, context([.message("stop"), .message("go")], view: .lastEntry))
        #expect(guesses.first?.turn.calls == [Call("list")])
    }
}
