import ForerunCore
import Testing

@testable import ForerunRuntime

struct ComparisonTests {
    @Test(.enabled(if: QuickGame.hasEngine, "no stockfish here; install it with: apt install stockfish"))
    func aGameComesOutTheSame() async throws {
        let scene = try Scene()
        let comparison = try await AgentRuntime().compare(try QuickGame.request(scene))
        #expect(comparison.differences == [])
        #expect(comparison.identical)
        #expect(comparison.sequential.end == .finished)
        #expect(comparison.sequential.transcript == comparison.speculative.transcript)
        #expect(comparison.sequential.transcript.turns == 6)
        #expect(comparison.sequential.statistics.predicted == 0)
        #expect(comparison.json["identical"] == true)
        #expect(comparison.json["sequential"]?["digest"] == comparison.json["speculative"]?["digest"])
    }

    @Test func aWorkspaceIsLeftAlone() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let comparison = try await runtime.compare(try scene.request())
        #expect(comparison.differences == [])
        #expect(comparison.sequential.finalText == "There is a.txt.")
        #expect(scene.questions >= 4, "both sides ask for themselves")
        #expect(try FileAccess.text(of: scene.scene.project + "/a.txt") == "one\n")
    }

    @Test(arguments: [
        ("tools: [list_directory, run_command]", "environment.network=true", "run_command"),
        ("tools: [list_directory, run_command]", "environment.sandbox=off", "run_command"),
        ("tools: [list_directory, write_file]", "effects.write_file=external", "write_file"),
    ])
    func anAgentWhoseEffectsLeaveTheBranchIsRefused(tools: String, setting: String, named: String) async throws {
        let scene = try AgentScene()
        try scene.agent("sender", tools)
        let request = try scene.request("sender", settings: setting)
        let error = await #expect(throws: RunFailure.self) { try await AgentRuntime().compare(request) }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("cannot be compared"))
        #expect(text.contains(named))
        #expect(scene.questions == 0, "nothing was run")
    }

    @Test func differencesAreToldInWords() {
        let one = Samples.report(digest: "a")
        #expect(Difference.between(one, one) == [])
        #expect(
            Difference.between(one, Samples.report(digest: "b")) == ["the transcripts are the same, the worlds are not"]
        )
        #expect(
            Difference.between(one, Samples.report(.limit(.steps), digest: "a"))
                == ["one run ended finished, the other limit steps"])
        var other = one
        other.transcript = Transcript([.message("Go."), .turn(Turn(text: "No."))])
        let changed = Difference.between(one, other)
        #expect(changed.count == 1)
        #expect(changed.first?.hasPrefix("entry 2 of the transcript: ") == true)
        other.transcript = one.transcript.dropLast
        #expect(Difference.between(one, other) == ["the transcripts have 2 and 1 entries"])
    }
}
