import ForerunCore
import ForerunLearning
import ForerunRecords
import Foundation
import Testing

@testable import ForerunSimulation

struct ReplayTests {
    @Test func aReportEndsWithASummaryAndASentence() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let messages = """
            [{"role": "user", "content": "What does it cost?"},
             {"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
               "function": {"name": "read_file", "arguments": "{\\"path\\": \\"prices\\"}"}}]},
             {"role": "tool", "tool_call_id": "a", "content": "12"},
             {"role": "assistant", "content": "It costs 12 <euros> & more."}]
            """
        try messages.write(to: file, atomically: true, encoding: .utf8)
        var options = ReplayOptions(paths: [file.path])
        options.actorLatency = .fixed(1)
        options.toolLatency = .fixed(0.5)
        options.sources = [.oracle]
        let report = try await Replay(options).run()
        let domain = try #require(report.domains.first)
        #expect(report.domains.count == 1 && domain.runs.count == 1 && domain.callsAhead == 1)
        #expect(domain.sequential.seconds == 2.5 && abs(domain.speculative.seconds - 1.501) < 1e-9)
        let summary = try #require(report.objects.last)
        #expect(summary["type"] == "summary" && summary["verdict"] == "helps" && summary["runs"] == 1)
        #expect(try JSON(parsing: summary.text) == summary)
        #expect(report.objects.map { $0["type"]?.stringValue } == ["run", "domain", "summary"])
        #expect(
            report.lines.last == "Perfect guesses would save 40.0 % of the time of these runs, at no extra token."
        )
        let plots = report.plots
        #expect(plots.hasPrefix("<?xml") && plots.contains("</svg>") && plots.contains("<rect"))
        _ = try XMLCheck(plots)
    }

    @Test func whereItDoesNotPayTheReportSaysWhy() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let messages = """
            [{"role": "user", "content": "Send it."},
             {"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
               "function": {"name": "send_mail", "arguments": "{}"}}]},
             {"role": "tool", "tool_call_id": "a", "content": "sent"}, {"role": "assistant", "content": "Sent."}]
            """
        try messages.write(to: file, atomically: true, encoding: .utf8)
        let report = try await Replay(ReplayOptions(paths: [file.path])).run()
        let sentence = try #require(report.lines.last)
        #expect(sentence.hasPrefix("Speculation does not pay here") && sentence.contains("may run ahead"))
        // The log says nothing of times, and that is said.
        #expect(report.lines.contains { $0.contains("no times of answers") })
    }

    /// Logs of one call each, the first of which is always the same.
    private static func logs(_ count: Int, in folder: URL) throws -> [String] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return try (0..<count).map { number in
            let file = folder.appending(path: "\(number).json")
            let messages = """
                [{"role": "user", "content": "What does it cost?"},
                 {"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function",
                   "function": {"name": "read_file", "arguments": "{\\"path\\": \\"prices\\"}"}}]},
                 {"role": "tool", "tool_call_id": "a", "content": "12"},
                 {"role": "assistant", "content": "It costs \(number)."}]
                """
            try messages.write(to: file, atomically: true, encoding: .utf8)
            return file.path
        }
    }

    @Test func onlyRunsThatAreReplayedAreNotLearnt() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = ReplayOptions(paths: try Self.logs(8, in: folder))
        options.training = options.paths
        options.limit = 2
        options.actorLatency = .fixed(1)
        options.toolLatency = .fixed(0.5)
        let report = try await Replay(options).run()
        let domain = try #require(report.domains.first)
        #expect(domain.runs.count == 2 && domain.trainingRuns == 6 && domain.leftOut == 2)
        #expect(report.lines.last?.hasPrefix("Speculation would help: it saves") == true, "\(report.lines)")
        let decision = try #require(report.lines.first { $0.contains("decision, by pattern ") })
        #expect(decision.contains("100.0 % / 100.0 %"))
        #expect(report.lines[1].contains("is known from the start") && report.lines[1].contains("extra tokens"))
        options.sources = [.transition]
        options.mode = .tools
        let other = try await Replay(options).run()
        #expect(!other.lines.contains { $0.contains("by pattern") })
        #expect(other.lines[1].contains("is known from the start") && !other.lines[1].contains("extra tokens"))
    }

    @Test func anInterruptionWhileLogsAreReadIsNoError() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "replay-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var options = ReplayOptions(paths: try Self.logs(2, in: folder))
        options.domain = "another"
        let replay = try Replay(options)
        let report = try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await replay.run()
        }.value
        #expect(report.isInterrupted && report.domains.isEmpty)
        #expect(report.objects.last?["interrupted"] == true)
        #expect(report.lines.contains { $0.contains("interrupted") })
    }

    @Test func whatCannotBeReplayedIsRefusedWithARemedy() async throws {
        let nothing = try Replay(ReplayOptions(paths: ["/dev/null"]))
        await #expect(throws: ReplayError.self) { try await nothing.run() }
        var options = ReplayOptions(paths: [])
        options.records = "/no/such/directory"
        let error = #expect(throws: ReplayError.self) { try Replay(options) }
        #expect(error?.isUsage == true && error?.message.contains("/no/such/directory") == true)
        options.records = nil
        options.sources = []
        #expect(throws: ReplayError.self) { try Replay(options) }
    }
}

/// Recorded runs of tau-bench's shop, on its database.
@Suite(.enabled(if: SharedTraces.areThere, SharedTraces.reason))
struct ReplayRecordsTests {
    @Test func shopRunsAreReplayedOnTheirDatabaseAndNoneIsSlower() async throws {
        var options = ReplayOptions(paths: [SharedTraces.folder + "/retail.dev.jsonl.gz"])
        options.records = SharedTraces.folder + "/env"
        options.limit = 3
        options.mode = .tools
        options.actorLatency = .logNormal(median: 1.25, p90: 2.09)
        options.toolLatency = .fixed(0.5)
        let report = try await Replay(options).run()
        let domain = try #require(report.domains.first)
        #expect(domain.runs.count == 3 && domain.failures.isEmpty && domain.hasRecords)
        // The harness of these runs let some look-ups fail; apart from those, the database knows what was recorded.
        #expect(domain.sequential.comparisons > 10)
        #expect(domain.sequential.differences < domain.sequential.comparisons / 5)
        for run in domain.runs {
            #expect(run.saved > -1e-9 && run.savedByOracle > -1e-9)
            #expect(run.observed.seconds == run.sequential.seconds)
        }
        #expect(domain.oracle.seconds < domain.speculative.seconds)
        // Runs are replayed side by side; the report does not show it.
        options.limit = 2
        let texts = try await [Replay(options).run(), Replay(options).run()].map { $0.objects.map(\.text) }
        #expect(texts[0] == texts[1])
    }

    @Test func wrongReadsGetTrueAnswersAndRecordedOnesTheRecorded() async throws {
        let folder = try RecordsFolder(SharedTraces.folder + "/env")
        let records = try #require(try await folder.open(RetailTools()))
        let cancel: JSON = ["order_id": "#W5918442", "reason": "no longer needed"]
        let run = RecordedSamples.run(
            "shop", agent: "retail", .message("Cancel it."),
            RecordedSamples.turn([("get_order_details", ["order_id": "#W5918442"], "as recorded")]),
            RecordedSamples.turn([("cancel_pending_order", cancel, "cancelled, as recorded")]),
            RecordedSamples.turn("Done."), .message("Sure?"),
            RecordedSamples.turn([("get_order_details", ["order_id": "#W5918442"], "later, as recorded")]),
            RecordedSamples.turn("Yes."))
        let book = ReplayBook(tools: RetailTools().tools, stated: [:], assumesContained: false)
        let path = try ReplayPath(
            run, role: ModelRequest.Role(name: "actor"), commentary: .keep, book: book)
        let latencies = ReplayLatencies(seed: 1, actor: .fixed(1), tool: .fixed(1), recorded: RecordedLatencies())
        var worlds = ReplayWorlds(path, book: book, latencies: latencies, records: records)
        try await worlds.open()
        let read = Call("get_order_details", ["order_id": "#W5918442"])
        let other = Call("get_order_details", ["order_id": "#W0000000"])
        #expect(await worlds.perform(read, in: .initial, turn: 0).result.output.text == "as recorded")
        // It will say something else after the change: it does not outlive it. What never comes again is as the database says.
        #expect(await worlds.perform(read, in: .initial, turn: 0).result.reads == .everything)
        #expect(await worlds.perform(other, in: .initial, turn: 0).result.reads != .everything)
        let missing = await worlds.perform(other, in: .initial, turn: 0).result.output
        #expect(missing.isError && missing.text == "Error: order not found")
        // A branch sees its own change, others do not; the recorded branch says what was recorded.
        try await worlds.fork(WorldID(5), from: .initial)
        let done = await worlds.perform(Call("cancel_pending_order", cancel), in: WorldID(5), turn: 0)
        #expect(done.result.output.text == "cancelled, as recorded" && done.result.writes != .nothing)
        #expect(await worlds.perform(read, in: WorldID(5), turn: 2).result.output.text == "later, as recorded")
        let after = await worlds.perform(read, in: WorldID(5), turn: 4).result.output.text
        #expect(after.contains(#""status": "cancelled""#))
        let before = await worlds.perform(read, in: .initial, turn: 2).result.output.text
        #expect(before.contains(#""status": "pending""#))
        #expect(worlds.differences == 4 && worlds.comparisons == 4)
        await worlds.close()
        await records.environment.close()
    }
}

/// Tags that are opened and closed in order.
private struct XMLCheck {
    struct Malformed: Error {}

    init(_ text: String) throws {
        var open: [Substring] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { throw Malformed() }
            } else {
                open.append(tag.prefix { !$0.isWhitespace })
            }
        }
        guard open.isEmpty else { throw Malformed() }
    }
}
