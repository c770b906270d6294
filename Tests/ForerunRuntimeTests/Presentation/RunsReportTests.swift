import ForerunCore
import ForerunRuntime
import ForerunStore
import Foundation
import Testing

/// What many runs came to, as text and as a page.
struct RunsReportTests {
    private func run(_ number: Int, saved: Double, tool: JSON = "read_file", agent: String = "coder") throws
        -> RunSummary
    {
        RunSummary(
            name: try #require(RunName("20261101-00000\(number)-0001")),
            json: [
                "agent": .string(agent), "seconds": 8, "savedSeconds": .seconds(saved), "wastedSeconds": 1, "calls": 4,
                "callHits": .int(number), "turns": 3, "turnHits": 1, "inputTokens": 100, "outputTokens": 10,
                "wastedTokens": 5, "cost": 0.5, "extraCost": 0.25,
                "tools": [
                    [
                        "name": tool, "calls": 4, "hits": .int(number), "errors": 1, "seconds": 2, "aheadSeconds": 1.5,
                        "wastedSeconds": 0.25,
                    ]
                ],
                "sources": [
                    [
                        "source": "small", "guesses": 4, "hits": 2, "expected": 1, "aheadSeconds": 1.5,
                        "wastedSeconds": 0.25, "tokens": 40, "money": 0.01,
                    ]
                ],
            ])
    }

    @Test func runsAreAddedUp() throws {
        let report = RunsReport([try run(3, saved: 8), try run(2, saved: 2), try run(1, saved: 0)])
        #expect(
            report.lines(ViewStyle(unicode: false)) == [
                "runs    3",
                "time    24.0 s, 10.0 s saved (29 %)",
                "hits    6 of 12 calls (50 %), 3 of 9 turns (33 %)",
                "wasted  3.00 s of work, 15 tokens",
                "used    330 tokens",
                "cost    1.5000, 0.7500 of it for nothing",
                "        _=@  share of time saved, run by run",
                "        -*@  share of calls that were hits",
                "",
                "tools",
                "  read_file: 6 of 12 calls (50 %) ahead, 4.50 s used, 0.75 s in vain, 3 errors",
                "",
                "sources of guesses",
                "  small: 6 of 12 came true (50 %, said 25 %), 4.50 s used, 0.75 s in vain, 120 tokens, 0.0300 of money",
            ])
        #expect(report.json["tools"]?.arrayValue?.first?["aheadSeconds"] == 4.5)
    }

    @Test func theReportIsAPageWithPlots() throws {
        let evil: JSON = "<script>alert(1)</script>\u{202E}"
        let report = RunsReport([
            try run(3, saved: 8, tool: evil), try run(2, saved: -2), try run(1, saved: 0, agent: "\" onload=\"x"),
        ])
        let page = RunsPage(report, selection: "agent <b>").html
        #expect(page.contains("default-src 'none'"))
        #expect(page.components(separatedBy: "<svg ").count == 5, "two by run, one by tool, one by source")
        #expect(page.contains("<title>20261101-000003-0001: 50 %</title>"))
        #expect(page.contains("Runs: agent &lt;b&gt;"))
        #expect(!page.contains("<script") && !page.contains("\" onload") && !page.contains("\u{202E}"))
        #expect(!page.contains("http:") && !page.contains("https:"), "it needs nothing else")
    }

    @Test func nothingIsAPageToo() {
        #expect(RunsPage(RunsReport([]), selection: "").html.contains("<h1>All runs</h1>"))
        #expect(RunsReport([]).lines(ViewStyle()).first == "runs    0")
    }
}
