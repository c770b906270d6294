import ForerunCore
import ForerunRuntime
import ForerunTesting
import ForerunWorkspace
import Foundation
import Synchronization
import Testing

/// Whether the program that makes branches was built.
private let hasBranchProgram: Bool = {
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    return FileManager.default.isExecutableFile(atPath: own.appendingPathComponent("forerun-branch").path)
}()

/// Commands in branches, speculated and in turn: the same transcript and the same world, whatever the commands run into.
@Suite(.enabled(if: hasBranchProgram, "branches do not work here: see forerun doctor"))
struct LosslessWorkspaceTests {
    struct Scenario: Sendable, CustomTestStringConvertible {
        var name: String
        var commands: [String]
        var seconds = 120
        var network = false
        /// How often an output ahead must not be used.
        var isTainted = false
        /// What another one does while the model thinks about its second turn.
        var others: String?
        var testDescription: String { name }
    }

    static let scenarios = [
        Scenario(
            name: "files",
            commands: ["echo 1 > a; ls", "cat a; echo 2 >> a", "cat a; rm a; mkdir d; echo x > d/x", "ls -R"]),
        Scenario(
            name: "/tmp",
            commands: [
                "echo t > /tmp/note; ls /tmp/note", "cat /tmp/note; echo u >> /tmp/note", "cp /tmp/note kept",
                "cat kept; rm /tmp/note",
                "cat /tmp/note 2>&1",
            ]),
        Scenario(
            name: "network",
            commands: [
                "echo begin > log", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT; head -1 <&3' | tee got", "cat got log",
            ],
            network: true, isTainted: true),
        Scenario(name: "time limit", commands: ["echo 1 > a", "echo 2 > a; sleep 100", "cat a"], seconds: 1),
        Scenario(
            name: "disk instead of memory",
            commands: ["head -c 30000000 /dev/zero > big; wc -c < big", "cksum big; rm big"]),
        Scenario(name: "much output", commands: ["seq 1 100000", "yes | head -c 3000000; echo end", "echo small"]),
        Scenario(name: "failures", commands: ["false", "exit 7", "no-such-program", "kill -9 $$", "echo on"]),
        Scenario(
            name: "open files",
            commands: [
                "ulimit -n",
                "bash -c 'for i in $(seq 5000); do eval \"exec $((i+9))>f\" || exit 3; done' 2>/dev/null; echo $?",
                "ls",
            ]),
        Scenario(
            name: "changes by others", commands: ["ls", "cat shared; ls", "cat shared made 2>&1; echo m > mine", "ls"],
            others: "echo changed > shared; echo made > made"),
        Scenario(
            name: "removals by others", commands: ["ls", "cat shared 2>&1; ls", "ls"],
            others: "rm shared; mkdir -p deep/er; echo x > deep/er/x"),
    ]

    @Test(arguments: scenarios)
    func theSameEndState(_ scenario: Scenario) async throws {
        let server = try LoopbackServer(greeting: "greetings\n") { _, _ in }
        defer { server.close() }
        let sequential = try await run(scenario, .off, server)
        let speculative = try await run(scenario, .full, server)
        #expect(speculative.report.end == sequential.report.end)
        #expect(
            speculative.report.transcript == sequential.report.transcript,
            "\(Self.texts(speculative.report))\n\(Self.texts(sequential.report))")
        #expect(speculative.files == sequential.files)
        #expect(speculative.report.statistics.performedAhead > 0, "nothing was speculated")
        if scenario.isTainted { #expect(Self.texts(speculative.report).contains { $0.contains("greetings") }) }
        if scenario.others == nil, !scenario.isTainted, scenario.name != "time limit" {
            #expect(speculative.report.statistics.callHits > 0, "no output from ahead was used")
        }
    }

    private struct Outcome {
        var report: RunReport
        var files: [String: String]
    }

    private func run(
        _ scenario: Scenario, _ mode: SpeculationPolicy.Mode, _ server: LoopbackServer
    ) async throws -> Outcome {
        // Always the same place: commands print it.
        let place =
            FileManager.default.temporaryDirectory.path + "/forerun-tests-\(getpid())-\(abs(scenario.name.hashValue))"
        try FileManager.default.createDirectory(atPath: place + "/ws", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try "shared\n".write(toFile: place + "/ws/shared", atomically: false, encoding: .utf8)
        var options = WorkspaceOptions(
            network: scenario.network, commandTimeout: scenario.seconds, temporaryDirectory: place + "/private")
        options.layerMemory = 16 << 20
        let environment = WorkspaceEnvironment(place + "/ws", options: options)
        let turns = scenario.commands.map {
            let command = $0.split(separator: "PORT", omittingEmptySubsequences: false).joined(
                separator: "\(server.port)")
            return Turn(calls: [Call("run_command", ["command": .string(command)])])
        }
        let others = scenario.others
        let progress = Progress()
        let model = InterruptedModel(ScriptedModel(turns + [Turn(text: "done")], delay: .milliseconds(30))) {
            guard let others else { return }
            // After the first call, and after the second one was performed ahead.
            await progress.wait(ahead: mode == .off ? 0 : 2)
            await Shell.run("cd '\(place)/ws' && \(others)")
        }
        let guesses = ScriptedSpeculator { context in
            context.turnNumber < turns.count ? [Turn(calls: turns[context.turnNumber].calls)] : []
        }
        let role = ModelRequest.Role(name: "actor", tools: environment.tools)
        let plan = RunPlan(
            program: ReActProgram(role: role), environment: environment,
            book: try ToolBook(
                tools: environment.tools, environment: environment, permissions: Permissions([.init("*", .allow)])),
            actors: ["actor": RunPlan.ActorPlan(model, resource: .endpoint("actor"))],
            speculators: [RunPlan.SpeculatorPlan(guesses)],
            policy: SpeculationPolicy(mode: mode, depth: 4, maxExtraCost: .unlimited), limits: Limits(), task: "Do it.")
        let live = LiveRun(plan, slots: SlotKeeper(capacities: [.endpoint("actor"): 8])) { progress.note($0) }
        let report = await live.run()
        var files: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: place + "/ws") {
            files[name] = (try? String(contentsOfFile: "\(place)/ws/\(name)", encoding: .utf8)) ?? "-"
        }
        return Outcome(report: report, files: files)
    }

    private static func texts(_ report: RunReport) -> [String] {
        report.transcript.entries.compactMap { entry in
            if case .output(_, let output) = entry { String(output.text.prefix(200)) } else { nil }
        }
    }

    /// While it thinks about the second turn, somebody else does something.
    private final class InterruptedModel: Model {
        let id = "interrupted/actor"
        private let script: ScriptedModel
        private let interruption: @Sendable () async -> Void

        init(_ script: ScriptedModel, interruption: @escaping @Sendable () async -> Void) {
            self.script = script
            self.interruption = interruption
        }

        func answer(
            _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
        ) async throws(ModelFailure) -> Answer {
            if request.transcript.turns == 1 { await interruption() }
            return try await script.answer(request, emit: emit)
        }
    }
}

/// How far a run has got.
private final class Progress: Sendable {
    private let counts = Mutex((taken: 0, ahead: 0))

    func note(_ notice: RunNotice) {
        guard case .event(let event, _) = notice else { return }
        switch event {
        case .callTaken: counts.withLock { $0.taken += 1 }
        case .callFinished: counts.withLock { $0.ahead += 1 }
        default: break
        }
    }

    /// Until one call was taken and some have finished; two minutes at most.
    func wait(ahead: Int) async {
        for _ in 0..<24_000 where !counts.withLock({ $0.taken >= 1 && $0.ahead >= ahead }) {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Programs of the test itself.
private enum Shell {
    static func run(_ command: String) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                _ = system(command)
                continuation.resume()
            }
        }
    }
}
