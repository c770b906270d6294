import ForerunCore
import Testing

@testable import ForerunRuntime

struct LearnedStateTests {
    @Test func whatOneRunTaughtTheNextOneKnows() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let first = try await runtime.prepare(try scene.request())
        #expect(try scene.learned() == nil)
        LearnedState(agent: "blank", variables: scene.variables, isKept: true).save(Experience())
        let report = try await first.run()
        #expect(report.end == .finished)

        let kept = try #require(try scene.learned())
        #expect(kept["version"] == 1)
        #expect(kept["calibration"]?["version"] == 2)
        #expect(kept["estimates"]?["latencies"]?.arrayValue?.isEmpty == false)
        #expect(kept["switchboard"]?["version"] == 1)
        #expect(kept["graph"] != nil && kept["commands"] != nil)
        #expect(kept["transitions"] != (try scene.learned("blank"))?["transitions"])
        let second = try await runtime.prepare(try scene.request())
        #expect(second.assembly.learned.experience.ensemble.snapshot == kept["calibration"])
        // Saved as it was read, it is the same.
        second.assembly.learned.save(second.assembly.learned.experience)
        #expect(try scene.learned() == kept)
        // It goes on learning from there.
        _ = try await second.run()
        #expect(try scene.learned()?["transitions"] != kept["transitions"])
    }

    @Test func eachAgentLearnsForItself() async throws {
        let scene = try AgentScene()
        try scene.agent("other", "tools: [list_directory]")
        let runtime = AgentRuntime()
        _ = try await runtime.prepare(try scene.request()).run()
        #expect(try scene.learned() != nil)
        #expect(try scene.learned("other") == nil)
        let other = try await runtime.prepare(try scene.request("other"))
        #expect(other.assembly.learned.experience.ensemble == Ensemble())
    }

    @Test(arguments: ["", "[]", #"{"version":1,"transitions":3,"calibration":{"a":1}}"#])
    func aDamagedFileIsIgnoredAndReplaced(text: String) async throws {
        let scene = try AgentScene()
        try scene.scene.write("data/forerun/learned/looker.json", text)
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        #expect(run.assembly.learned.experience.ensemble == Ensemble())
        #expect(try await run.run().end == .finished)
        #expect(try scene.learned()?["version"] == 1)
    }

    @Test func aFileThatCannotBeWrittenStopsNothing() async throws {
        let scene = try AgentScene()
        try scene.scene.write("data", "a file where a directory should be")
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        #expect(try await run.run().end == .finished)
    }

    @Test func nothingIsKeptWithoutSpeculationOrWithoutALog() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        _ = try await runtime.prepare(try scene.request(settings: "speculation.mode=off")).run()
        #expect(try scene.learned() == nil)
        _ = try await runtime.prepare(try scene.request().unrecorded).run()
        #expect(try scene.learned() == nil)
    }

    @Test func aComparisonTeachesNothing() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let comparison = try await runtime.compare(try scene.request())
        #expect(comparison.identical)
        #expect(try scene.learned() == nil, "it changes nothing")
    }
}
