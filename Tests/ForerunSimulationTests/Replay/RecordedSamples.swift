import ForerunCore
import ForerunLearning
import Foundation
import Testing

@testable import ForerunSimulation

/// Small recorded runs, and what is needed to replay them.
enum RecordedSamples {
    /// The agent looks up two things, one after the other, and says what it found.
    static let lookups = run(
        "lookups",
        .message("What does Ann's order cost?"),
        turn([("find", ["name": "Ann"], "id 7")]),
        turn([("price", ["id": 7], "12")]),
        turn("It costs 12."))

    static func run(_ id: String, agent: String = "shop", _ steps: RecordedStep...) -> RecordedRun {
        let names = Set(steps.flatMap(\.calls).map(\.call.name)).sorted()
        return RecordedRun(
            format: "sample", id: id, agent: agent,
            statedEffects: Dictionary(uniqueKeysWithValues: names.map { ($0, $0.hasPrefix("set") ? "write" : "read") }),
            steps: steps)
    }

    static func turn(_ calls: [(String, JSON, String?)], text: String = "") -> RecordedStep {
        .turn(
            RecordedTurn(
                text: text,
                calls: calls.map { name, arguments, output in
                    RecordedCall(Call(name, arguments), output: output.map { Output($0) })
                }))
    }

    static func turn(_ text: String) -> RecordedStep { .turn(RecordedTurn(text: text)) }

    static func book(_ run: RecordedRun, assumesContained: Bool = false) -> ReplayBook {
        ReplayBook(stated: run.statedEffects, assumesContained: assumesContained)
    }

    static func path(
        _ run: RecordedRun, commentary: Commentary = .keep, assumesContained: Bool = false
    ) throws -> ReplayPath {
        try ReplayPath(
            run, role: ModelRequest.Role(name: "actor", tools: run.knownTools), commentary: commentary,
            book: book(run, assumesContained: assumesContained))
    }

    /// The actor takes a second, a call half a second.
    static func setup(
        _ run: RecordedRun, _ mode: SpeculationPolicy.Mode, actor: ReplayLaw = .fixed(1), tool: ReplayLaw = .fixed(0.5),
        assumesContained: Bool = false
    ) throws -> ReplaySetup {
        ReplaySetup(
            path: try path(run, assumesContained: assumesContained),
            book: book(run, assumesContained: assumesContained),
            latencies: ReplayLatencies(seed: 1, actor: actor, tool: tool, recorded: RecordedLatencies()),
            records: nil, policy: SpeculationPolicy(mode: mode, rule: .threshold, depth: 4))
    }

    static func oracle(
        _ run: RecordedRun, _ mode: SpeculationPolicy.Mode, actor: ReplayLaw = .fixed(1), tool: ReplayLaw = .fixed(0.5),
        assumesContained: Bool = false
    ) throws -> ReplaySetup {
        var setup = try setup(run, mode, actor: actor, tool: tool, assumesContained: assumesContained)
        setup.speculators = ReplayLessons().speculators([.oracle], for: setup.path)
        setup.isOracle = true
        return setup
    }

    static func pass(_ setup: ReplaySetup, scores: Bool = false) async -> ReplayPass {
        var driver = ReplayDriver(setup, scores: scores)
        return await driver.run()
    }
}

/// The recorded runs beside the repository; tests that need them are skipped where they are missing.
enum SharedTraces {
    static let folder: String = {
        var url = URL(filePath: #filePath)
        while url.path != "/" {
            url.deleteLastPathComponent()
            let folder = url.path + "/shared/traces"
            if FileManager.default.isReadableFile(atPath: folder + "/retail.dev.jsonl.gz") { return folder }
        }
        return "/shared/traces"
    }()

    static let areThere = FileManager.default.isReadableFile(atPath: folder + "/env/taubench.retail.orders.json.gz")
    static let reason: Comment = "needs ../shared/traces"
}
