import ForerunCore
import Testing

@testable import ForerunRuntime

struct LearnedStateTests {
    @Test func whatOneRunTaughtTheNextOneKnows() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let first = try await runtime.prepare(try scene.request())
        let blank = first.assembly.learned.transitions.snapshot
        #expect(try scene.learned() == nil)
        let report = try await first.run()
        #expect(report.end == .finished)

        let kept = try #require(try scene.learned())
        #expect(kept["version"] == 1)
        #expect(kept["transitions"] != blank)
        let second = try await runtime.prepare(try scene.request())
        #expect(second.assembly.learned.transitions.snapshot == kept["transitions"])
        #expect(second.assembly.learned.calibration.snapshot == kept["calibration"])
        // It goes on learning from there.
        _ = try await second.run()
        #expect(try scene.learned()?["transitions"] != kept["transitions"])
        await runtime.shutDown()
    }

    @Test func eachAgentLearnsForItself() async throws {
        let scene = try AgentScene()
        try scene.agent("other", "tools: [list_directory]")
        let runtime = AgentRuntime()
        _ = try await runtime.prepare(try scene.request()).run()
        #expect(try scene.learned() != nil)
        #expect(try scene.learned("other") == nil)
        let other = try await runtime.prepare(try scene.request("other"))
        #expect(other.assembly.learned.calibration == Calibration())
        await runtime.shutDown()
    }

    @Test(arguments: ["", "{", "[]", "null", #"{"version":1,"transitions":3,"calibration":{"a":1}}"#, "\u{0}\u{1}"])
    func aDamagedFileIsIgnoredAndReplaced(text: String) async throws {
        let scene = try AgentScene()
        try scene.scene.write("data/forerun/learned/looker.json", text)
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        #expect(run.assembly.learned.calibration == Calibration())
        #expect(try await run.run().end == .finished)
        #expect(try scene.learned()?["version"] == 1)
        await runtime.shutDown()
    }

    @Test func aFileThatCannotBeWrittenStopsNothing() async throws {
        let scene = try AgentScene()
        try scene.scene.write("data", "a file where a directory should be")
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        #expect(try await run.run().end == .finished)
        await runtime.shutDown()
    }

    @Test func nothingIsKeptWithoutSpeculationOrWithoutALog() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        _ = try await runtime.prepare(try scene.request(settings: "speculation.mode=off")).run()
        #expect(try scene.learned() == nil)
        _ = try await runtime.prepare(try scene.request().unrecorded).run()
        #expect(try scene.learned() == nil)
        await runtime.shutDown()
    }

    @Test func aComparisonTeachesNothing() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let comparison = try await runtime.compare(try scene.request())
        #expect(comparison.identical)
        #expect(try scene.learned() == nil, "it changes nothing")
        await runtime.shutDown()
    }
}
