import ForerunCore
import Testing

@testable import ForerunSpeculators

struct FadingTests {
    @Test func countsLoseHalfInAHalfLife() {
        var unit = FadingUnit()
        #expect(unit.advance(to: Int32(FadingUnit.halfLife)) == 1)
        #expect(abs(unit.value - 2) < 1e-4)
        // Time does not run backwards.
        #expect(unit.advance(to: 5) == 1 && abs(unit.value - 2) < 1e-4)
        let divisor = unit.advance(to: Int32(FadingUnit.halfLife) * 20)
        #expect(divisor > 100_000 && unit.value == 1)
    }

    @Test func whatWasRightLatelyIsBestHoweverOftenSomethingElseWas() {
        var index = RunIndex()
        index.message("aa-11111 and 22222-bb")
        let (old, new) = (JSON.string("aa-11111"), JSON.string("22222-bb"))
        var knowledge = ArgumentKnowledge(tool: "get", argument: "id")
        func learn(_ value: JSON, now: Int32) {
            let hash = ValueHash.of(value)
            knowledge.learn(index.derivations(of: value, hash), in: index, now: now)
            knowledge.learn(value, hash, run: now, now: now)
        }
        func best() -> String { knowledge.derivations[Int(knowledge.best[0])].derivation.source.path }
        for time in 0..<200 { learn(old, now: Int32(time)) }
        #expect(best() == "a-99999")
        #expect(abs(knowledge.count(of: ValueHash.of(old)) - 200) < 3)
        let later = Int32(FadingUnit.halfLife) * 8
        for time in 0..<5 { learn(new, now: later + Int32(time)) }
        #expect(best() == "99999-a")
        #expect(knowledge.count(of: ValueHash.of(old)) < 1)
        #expect(abs(knowledge.count(of: ValueHash.of(new)) - 5) < 0.1)
        #expect(knowledge.offered.first.map { knowledge.constants[Int($0)].hash } == ValueHash.of(new))
    }

    @Test func argumentNamesFadeToo() {
        var tool = ToolKnowledge(name: "get")
        for time in 0..<50 { tool.count(["id"], now: Int32(time)) }
        for time in 0..<3 { tool.count(["id", "depth"], now: Int32(FadingUnit.halfLife) * 8 + Int32(time)) }
        #expect(tool.sets.map(\.names) == [["id", "depth"], ["id"]])
        #expect(tool.share(ofSet: 0) > 0.9 && tool.calls == 53)
    }
}
