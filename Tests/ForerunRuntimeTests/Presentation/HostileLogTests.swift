import ForerunCore
import ForerunTesting
import Foundation
import OrderedCollections
import Testing

@testable import ForerunRuntime
@testable import ForerunStore

/// Logs in which numbers are what they cannot be: whoever reads them comes to an end, and names the damage.
struct HostileLogTests {
    private static let call: JSON = ["name": "write", "arguments": ["path": "a", "limit": 3]]

    /// All that a run can have in its log.
    private static let events: [JSON] = [
        [
            "type": "run.started", "version": 2, "id": "20261121-093012-4f2a", "agent": "coder", "task": "Do it.",
            "workspace": "/", "mode": "full", "request": ["set": [["key": "limits.steps", "value": 7]]],
            "forkOf": ["id": "20261121-093012-4f2b", "turns": 0], "time": 0,
        ],
        [
            "type": "run.opened", "opening": ["You are here."], "branches": true, "kept": true, "environment": "chess",
            "roles": [["name": "actor", "model": "a/one"]], "time": 0,
        ],
        RunEvent.asked(work: 1, turn: 0, lane: .active, attempt: 0).json,
        [
            "type": "prediction", "turn": 0, "source": "small", "rank": 0, "calls": [call], "probability": 0.75,
            "confidence": -1.5, "time": 0.25,
        ],
        ["type": "branch.forked", "world": 3, "from": 0, "work": 3, "time": 0.25],
        [
            "type": "call.started", "work": 3, "call": call, "world": 3, "lane": "shadow", "effect": "contained",
            "time": 0.25,
        ],
        ["type": "answer.failed", "turn": 0, "kind": "server", "message": "m", "attempt": 1, "of": 4, "wait": 0.5],
        ["type": "answer.finished", "work": 1, "lane": "active", "seconds": 0.5, "time": 0.5],
        [
            "type": "cost", "work": 1, "turn": 0, "role": "actor", "model": "a/one", "outcome": "committed",
            "usage": ["input": 10, "cached": 1, "written": 1, "output": 2, "reasoning": 1], "money": 0.25,
            "currency": "USD", "estimated": false, "time": 0.5,
        ],
        [
            "type": "turn.taken", "turn": 0, "role": "actor", "text": "I write.", "calls": [call],
            "finish": "tool_calls", "usage": ["input": 10, "cached": 1, "output": 2, "reasoning": 1], "ahead": false,
            "seconds": 0.5, "echo": ["model": "a/one", "parts": [["calls": 0, "text": 3, "json": "{}"]]], "time": 0.5,
        ],
        ["type": "work.promoted", "work": 3, "time": 0.5],
        ["type": "call.finished", "work": 3, "lane": "active", "seconds": 0.5, "isError": false, "time": 0.75],
        ["type": "branch.committed", "world": 3, "turn": 0, "index": 0, "time": 0.75],
        [
            "type": "call.taken", "turn": 0, "index": 0, "call": call, "output": "made", "outputBytes": 4,
            "isError": false, "ends": false, "ahead": true, "seconds": 0.5, "effect": "contained", "work": 3,
            "time": 0.75,
        ],
        ["type": "branch.landed", "world": 3],
        ["type": "message.joined", "turn": 1, "text": "Hurry.", "time": 1],
        ["type": "answer.asked", "work": 4, "turn": 1, "lane": "shadow", "attempt": 0, "time": 1],
        ["type": "work.cancelled", "work": 4, "seconds": 0.5, "time": 1.5],
        ["type": "branch.forked", "world": 5, "from": 3, "work": 5, "time": 1.5],
        ["type": "branch.discarded", "world": 5, "time": 1.5],
        [
            "type": "run.resumed", "version": 2, "id": "20261121-093012-4f2a", "turns": 1, "calls": [0], "unknown": [1],
            "mode": "full", "time": 2,
        ],
        [
            "type": "turn.taken", "turn": 1, "role": "actor", "text": "Done.", "calls": [], "finish": "stop",
            "usage": ["input": 20, "cached": 2, "output": 4, "reasoning": 2], "ahead": true, "seconds": 0.5,
            "time": 2.5,
        ],
        [
            "type": "run.completed", "end": "finished", "seconds": 2.5, "turns": 2,
            "usage": ["input": 30, "output": 6],
            "cost": 0.5,
            "speculation": [
                "callHits": 1, "savedSeconds": -0.5, "wastedSeconds": 0.5, "wastedTokens": 3, "extraCost": 0.25,
                "brier": 0.5,
            ],
            "time": 2.5,
        ],
    ]

    private static let hostile: [JSON] =
        [
            -1, -5, 0, 1, 2, 0.5, .int(.max), .int(.min), .int(.max - 1), .int(EventNumbers.limit),
            .int(EventNumbers.limit + 1), 1e300, -1e300, 1e15, -1e15, 1e-300,
        ] + ["1e9000", "-1e9000", "9223372036854775808"].compactMap { try? JSON(parsing: $0) }

    /// `value` with a number put in somewhere.
    private static func spoilt(_ value: JSON, _ random: inout some RandomNumberGenerator) -> JSON {
        switch value {
        case .object(var members) where !members.isEmpty:
            let name = members.keys[Int.random(in: 0..<members.count, using: &random)]
            members[name] = spoilt(members[name] ?? .null, &random)
            return .object(members)
        case .array(var elements) where !elements.isEmpty && Bool.random(using: &random):
            let index = elements.indices.randomElement(using: &random) ?? 0
            elements[index] = spoilt(elements[index], &random)
            return .array(elements)
        case .number: return hostile.randomElement(using: &random) ?? .null
        // Where something else stands, a number comes less often.
        default:
            return Int.random(in: 0..<4, using: &random) == 0 ? hostile.randomElement(using: &random) ?? .null : value
        }
    }

    private static let seed = getenv("FORERUN_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0 ... .max)
    private static let rounds = getenv("FORERUN_SOAK") == nil ? 600 : 100_000

    @Test(arguments: [seed]) func everyReaderComesToAnEnd(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let home = try TemporaryState()
        let directory = try RunStateDirectory(environment: { home.variables[$0] })
        let run = try directory.makeRun()
        let path = directory.eventsPath(of: run)
        var summaries: [RunSummary] = []
        for round in 0..<Self.rounds {
            if round % 20 == 0 { await Task.yield() }
            var lines = Self.events
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = lines.indices.randomElement(using: &random) ?? 0
                lines[index] = Self.spoilt(lines[index], &random)
            }
            try Data(lines.map { $0.text + "\n" }.joined().utf8).write(to: URL(filePath: path))

            let record = try RunRecord(run, in: directory)
            let timeline = try RunTimeline(run, in: directory)
            #expect(timeline.record.damage == record.damage, "seed \(seed), round \(round)")
            for isKept in [true, false] {
                let resumption = record.resumption(isWorldKept: isKept)
                #expect((resumption?.turns.count ?? 0) <= 2 && (resumption?.firstNumber ?? 1) > 0)
            }
            let summary = try RunSummary(run, in: directory)
            summaries.append(summary)
            let text = RunText(ViewStyle(), isFull: true).lines(summary, timeline)
            #expect(!text.isEmpty && !RunText(ViewStyle()).lines(summary, timeline).isEmpty)
            #expect(RunPage(summary, timeline).html.hasSuffix("</html>\n"))
            for line in RunObjects.lines(summary, timeline) { #expect((try? JSON(parsing: line.text)) != nil) }
            let book = try CostBook([run.description], variables: home.variables)
            #expect(!CostText.lines(book).isEmpty && CostText.objects(book).count == 2)
        }
        let report = RunsReport(summaries)
        #expect(!report.lines(ViewStyle()).isEmpty && (try? JSON(parsing: report.json.text)) != nil)
        #expect(RunListing(ViewStyle(), columns: 80).lines(summaries).count == summaries.count + 1)
        let index = try RunIndex(of: directory)
        #expect(try index.refresh().runs == 1)
        #expect(try index.runs().count == 1)
    }
}

/// A directory of state that disappears with its owner.
private final class TemporaryState {
    private let path = FileManager.default.temporaryDirectory.appending(path: "forerun-hostile-\(UUID().uuidString)")
        .path
    var variables: [String: String] { ["XDG_STATE_HOME": path, "HOME": path] }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
