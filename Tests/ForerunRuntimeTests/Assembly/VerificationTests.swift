import ForerunCore
import Testing

@testable import ForerunRuntime

struct VerificationTests {
    @Test func aFinishedRunIsPlayedAgain() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        var request = try scene.request()
        request.keepsSnapshot = true
        let run = try await runtime.prepare(request)
        _ = try await run.run()
        let questions = scene.questions
        let verification = try await run.verify()
        #expect(verification.differences == [])
        #expect(verification.json == ["type": "verification", "identical": true, "differences": []])
        #expect(scene.questions == questions, "answers come from the record")
    }

    @Test func whatWasTamperedWithIsFound() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        let snapshot = try await WorkspaceSnapshot(of: scene.scene.project)
        let report = try await run.run()
        let honest = try await Verification.replay(run, report, from: snapshot)
        #expect(honest.isIdentical)

        var forged = report
        let entries = report.transcript.entries
        let index = try #require(entries.firstIndex { if case .output = $0 { true } else { false } })
        var changed = entries
        changed[index] = .output(call: 0, Output("an empty directory"))
        forged.transcript = Transcript(changed)
        let found = try await Verification.replay(run, forged, from: snapshot)
        #expect(!found.isIdentical)
        #expect(found.differences.first?.hasPrefix("entry \(index + 1) of the transcript: ") == true)
        #expect(found.differences.first?.contains("an empty directory") == true)
    }

    @Test(.enabled(if: QuickGame.hasEngine, "no stockfish here; install it with: apt install stockfish"))
    func aGameIsPlayedAgain() async throws {
        let scene = try Scene()
        let run = try await AgentRuntime().prepare(try QuickGame.request(scene))
        let report = try await run.run()
        #expect(try await run.verify().differences == [])

        // Another first move: from then on the board is another one.
        var entries = report.transcript.entries
        let index = try #require(entries.firstIndex { if case .turn = $0 { true } else { false } })
        entries[index] = .turn(Turn(calls: [Call("move", ["uci": "a2a3"])]))
        var forged = report
        forged.transcript = Transcript(entries)
        let found = try await Verification.replay(run, forged, from: nil)
        #expect(found.differences.contains { $0.hasPrefix("entry \(index + 2) of the transcript: ") })
    }

    @Test(arguments: ["limits.steps=1", "limits.tokens=1"])
    func aRunThatMetALimitIsAsGood(limit: String) async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        var request = try scene.request(settings: limit)
        request.keepsSnapshot = true
        let run = try await runtime.prepare(request)
        #expect(try await run.run().transcript.turns == 1)
        #expect(try await run.verify().differences == [])
    }

    @Test func thereMustBeSomethingToVerify() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        await #expect(throws: RunFailure.self) { try await run.verify() }
        _ = try await run.run()
        // Without a copy of the workspace as it was, nothing can be played again.
        let error = await #expect(throws: RunFailure.self) { try await run.verify() }
        #expect(error.map { "\($0)" }?.contains("--verify") == true)
    }
}
