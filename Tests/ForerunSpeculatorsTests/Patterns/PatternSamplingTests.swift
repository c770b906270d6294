import ForerunCore
import Testing

@testable import ForerunSpeculators

struct PatternSamplingTests {
    private static func run(_ tool: String) -> [[PatternStep]] {
        [[.message("go")], [.turn(Turn(calls: [Call(tool, ["id": "x"])]))]]
    }

    @Test func whatIsKnownWellIsMostlyOnlyCounted() {
        let known = Self.run("get")
        var model = PatternModel()
        for _ in 0...PatternModel.fullCalls {
            #expect(model.isLearntInFull(known))
            model.count(known, from: 0)
        }
        for _ in 0..<(PatternModel.fullCalls * (PatternModel.leastShare + 1)) { model.count(known, from: 0) }
        let calls = model.callCount
        var full = 0
        for _ in 0..<2_000 {
            if model.isLearntInFull(known) { full += 1 }
            model.count(known, from: 0)
        }
        #expect(model.callCount == calls + 2_000)
        // One in twenty, and never none at all.
        #expect((50...200).contains(full), "\(full)")
        // What is new is learnt in full, also beside what is known.
        #expect(model.isLearntInFull(known + Self.run("put")))
        #expect(model.isLearntInFull([[.turn(Turn(text: "fine"))]]))
    }

    @Test func countingLearnsNamesAndConstants() {
        var model = PatternModel()
        for _ in 0..<3 { model.count(Self.run("get"), from: 0) }
        model.count(Self.run("get"), from: 2)
        #expect(model.runs == 3 && model.callCount == 3)
        #expect(model.tools.map(\.calls) == [3] && model.tools[0].sets.map(\.names) == [["id"]])
        let argument = model.knowledge(of: Naming.argument(Naming.name("id"), of: Naming.name("get")))
        #expect(argument.map { model.arguments[$0].offered.count } == 1)
    }
}
