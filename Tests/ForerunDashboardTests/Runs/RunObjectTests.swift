import ForerunCore
import ForerunStore
import ForerunTesting
import ForerunTransport
import Testing

@testable import ForerunDashboard

/// What pages are told.
@Suite(.timeLimit(.minutes(20)))
struct RunObjectTests {
    @Test func theListHasRunsLiveAndPast() async throws {
        let runs = try RecordedRuns()
        for index in 0..<5 { try runs.record("task \(index)", agent: index == 0 ? "chess" : "coder") }
        let (live, log) = try runs.begin("goes on")
        try await withDashboard(runs) { server in
            let all = try await server.json("/api/runs")
            #expect(all["total"] == 6)
            let first = try #require(all["runs"]?.arrayValue?.first)
            #expect(first["run"]?.stringValue == live.description)
            #expect(first["end"] == "running")
            #expect(all["agents"] == ["chess", "coder"])
            let page = try await server.json("/api/runs?limit=2&offset=1")
            #expect(page["total"] == 6)
            #expect(page["runs"]?.arrayValue?.map { $0["task"]?.stringValue } == ["task 4", "task 3"])
            #expect(try await server.json("/api/runs?end=running")["runs"]?.arrayValue?.count == 1)
            #expect(try await server.json("/api/runs?agent=chess")["total"] == 1)
            #expect(try await server.json("/api/runs?words=task")["total"] == 5)
        }
        withExtendedLifetime(log) {}
    }

    @Test func aRunIsToldWithItsWorkGuessesAndBranches() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            let object = try await server.json("/api/runs/\(run)")
            #expect(object["live"] == false)
            #expect(object["turns"]?["count"] == 3)
            #expect(object["spans"]?["count"] == 9)
            #expect(object["branches"]?["items"]?.arrayValue?.allSatisfy { $0["fate"] == "discarded" } == true)
            let guesses = try #require(object["guesses"]?["items"]?.arrayValue)
            #expect(guesses.count == 6)
            #expect(guesses.count { $0["cameTrue"] == true } == 3)
            let turn = try #require(object["turns"]?["items"]?.arrayValue?.first)
            #expect(turn["calls"]?.arrayValue?.first?["output"] == "content of 0")
            #expect(try await server.json("/api/runs/\(run)/outputs/1/0")["output"] == "content of 1")
        }
    }

    @Test func aBranchTellsWhatItChanged() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        try await withDashboard(runs) { server in
            let change = try await server.json("/api/runs/\(run)/branches/3")
            let step = try #require(change["steps"]?.arrayValue?.first)
            #expect(step["path"] == "file-0.c")
            #expect(step["lines"] == [[" ", "one"], ["-", "two"], ["+", "2"]])
            #expect(try await server.get("/api/runs/\(run)/branches/4").status == 404)
        }
    }

    @Test func branchesThatBuildOnOthersTellTheirChanges() throws {
        func fork(_ world: Int, _ from: Int, _ path: String) -> [JSON] {
            let call: JSON = [
                "name": "write_file", "arguments": ["path": .string(path), "content": .string("\(world)\n")],
            ]
            return [
                [
                    "type": "branch.forked", "world": .int(world), "from": .int(from), "work": .int(world),
                    "time": .int(world),
                ],
                [
                    "type": "call.started", "work": .int(world), "call": call, "world": .int(world), "lane": "shadow",
                    "time": .int(world),
                ],
            ]
        }
        let runs = try RecordedRuns()
        let run = try runs.record(lines: fork(1, 0, "a") + fork(2, 1, "a") + fork(3, 2, "b") + fork(4, 0, "c"))
        let timeline = try RunTimeline(run, in: runs.directory)
        let steps = try #require(BranchChange(timeline, world: 3)?.json["steps"]?.arrayValue)
        #expect(steps.map { $0["path"] } == ["a", "a", "b"])
        #expect(steps[1]["lines"] == [["-", "1"], ["+", "2"]])
        #expect(BranchChange(timeline, world: 4)?.json["steps"]?.arrayValue?.count == 1)
    }

    @Test func aReportAddsThemUp() async throws {
        let runs = try RecordedRuns()
        for _ in 0..<4 { try runs.record() }
        try await withDashboard(runs) { server in
            let report = try await server.json("/api/report")
            #expect(report["total"]?["runs"] == 4)
            #expect(report["total"]?["savedSeconds"] == 2)
            #expect(report["days"]?.arrayValue?.count == 1)
            let bins = try #require(report["calibration"]?.arrayValue)
            #expect(bins[7] == ["count": 12, "expected": 9, "hits": 12])
            #expect(bins[2] == ["count": 12, "expected": 3, "hits": 0])
            #expect(report["costs"]?.arrayValue?.first?["money"] == ["USD": 6])
            #expect(try await server.json("/api/report?agent=nobody")["total"]?["runs"] == 0)
        }
    }

    @Test func differencesGiveBothTextsBack() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            let words = (0..<2).map { _ in
                (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                    ["a", "b", "", "c"][Int.random(in: 0...3, using: &generator)]
                }
            }
            let (old, new) = (words[0].map { $0 + "\n" }.joined(), words[1].map { $0 + "\n" }.joined())
            let lines = LineDifference.lines(old, new)
            #expect(lines.filter { $0.mark != "+" }.map { $0.text + "\n" }.joined() == old)
            #expect(lines.filter { $0.mark != "-" }.map { $0.text + "\n" }.joined() == new)
        }
    }
}
