import ForerunBrowser
import ForerunCore
import ForerunDashboard
import ForerunStore
import Testing

/// The pages in a real browser.
@Suite(
    .enabled(if: Browser.isThere, "needs chromium and chromium-driver: make deps installs them"), .serialized,
    .timeLimit(.minutes(20)))
struct PageTests {
    /// Says so where it is taken for more than text.
    private static let evil = #"<img src=x onerror="window.owned=1"><script>window.owned=1</script>"#

    @Test func aLiveRunIsFollowedFromItsStartToItsEnd() async throws {
        let runs = try RecordedRuns()
        try await withDashboard(runs) { server in
            try await withBrowser { browser in
                try await browser.open(server.address)
                try await browser.wait(for: "document.querySelector('.empty:not([hidden])')")
                var (run, log): (RunName, EventLog?) = try runs.begin("Count the files.")
                // The list hears of it, and leads to it.
                try await browser.wait(for: "document.querySelector('.runs .chip.live')")
                try await browser.run("document.querySelector('.runs a').click()")
                try await browser.wait(for: "document.querySelector('.run-head .chip.live')")
                #expect(try await browser.run("return location.pathname") == .string("/runs/\(run)"))
                for turn in 0..<3 {
                    for line in Lines.turn(turn) { try log?.append(line) }
                    try log?.flush(durable: false)
                    try await browser.wait(for: "document.querySelectorAll('.turn').length === \(turn + 1)")
                }
                #expect(try await browser.run("return document.querySelectorAll('.turn .call .chip.good').length") == 3)
                try log?.append(["type": "branch.forked", "world": 99, "from": 0, "work": 99, "time": 3])
                try log?.append(["type": "branch.committed", "world": 99, "turn": 2, "index": 0, "time": 3])
                try log?.append(Lines.completed(turns: 3))
                try log?.flush(durable: false)
                log = nil
                try await browser.wait(
                    for: "document.querySelector('.run-head .chip.good')?.textContent === 'finished'")
                try await browser.wait(for: "document.querySelector('.hero .verdict')?.textContent.includes('saved')")
                run = try runs.record("Another.")
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func whatToolsAndModelsWriteIsShownAsText() async throws {
        let runs = try RecordedRuns()
        let call: JSON = [
            "name": .string(Self.evil), "arguments": ["path": .string(Self.evil), "content": .string(Self.evil)],
        ]
        let run = try runs.record(
            lines: [
                ["type": "note", "text": .string(Self.evil)],
                ["type": "answer.asked", "work": 1, "turn": 0, "lane": "active", "attempt": 0, "time": 0],
                [
                    "type": "prediction", "turn": 0, "source": .string(Self.evil), "rank": 0, "calls": [call],
                    "probability": 0.5, "time": 0.1,
                ],
                ["type": "branch.forked", "world": 2, "from": 0, "work": 2, "time": 0.1],
                ["type": "call.started", "work": 2, "call": call, "world": 2, "lane": "shadow", "time": 0.1],
                ["type": "call.finished", "work": 2, "lane": "shadow", "seconds": 0.5, "isError": false, "time": 0.6],
                [
                    "type": "turn.taken", "turn": 0, "role": .string(Self.evil), "text": .string(Self.evil),
                    "calls": [call], "finish": "stop", "usage": Lines.usage, "ahead": false, "seconds": 1, "time": 1,
                ],
                [
                    "type": "cost", "work": 1, "turn": 0, "role": "actor", "model": .string(Self.evil),
                    "outcome": "committed", "usage": Lines.usage, "money": 1, "currency": .string(Self.evil), "time": 1,
                ],
                [
                    "type": "call.taken", "turn": 0, "index": 0, "call": call, "output": .string(Self.evil),
                    "isError": true, "ends": false, "ahead": true, "seconds": 0.5, "work": 2, "time": 1,
                ],
                ["type": "message.joined", "turn": 1, "text": .string(Self.evil), "time": 1],
            ], task: Self.evil, agent: Self.evil)
        let sources = DashboardSources(patterns: { () throws(DashboardSources.Refusal) in
            [["agent": .string(Self.evil), "runs": 1, "calls": 1, "bytes": 1, "patterns": [.string(Self.evil)]]]
        })
        try await withDashboard(runs, sources: sources) { server in
            try await withBrowser { browser in
                let texts = ["/": 2, "/runs/\(run)": 9, "/insights": 3, "/patterns": 2]
                for (path, least) in texts.sorted(by: { $0.key < $1.key }) {
                    try await browser.open(server.address + path)
                    try await browser.wait(for: "document.body.textContent.includes('onerror')")
                    if path.hasPrefix("/runs") {
                        try await browser.run("document.querySelector('.canvas-box canvas').focus()")
                        try await browser.type("nn")
                        try await browser.wait(for: "document.querySelector('.inspector .diff')")
                        try await browser.run("[...document.querySelectorAll('.tools button')].at(-1).click()")
                    }
                    try await browser.run("document.querySelectorAll('details').forEach((node) => (node.open = true))")
                    let shown = try await browser.run("return document.body.textContent.split('onerror=').length - 1")
                    #expect((shown.intValue ?? 0) >= least, "\(path)")
                    let made = "return document.querySelectorAll('main img, main script').length + (window.owned ?? 0)"
                    #expect(try await browser.run(made) == 0, "\(path)")
                }
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func theTimelineObeysKeysAndHasATable() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record(turns: 20)
        try await withDashboard(runs) { server in
            try await withBrowser { browser in
                try await browser.open("\(server.address)/runs/\(run)")
                try await browser.wait(for: "document.querySelectorAll('.turn').length === 20")
                let picture = "document.querySelector('.canvas-box canvas').toDataURL()"
                // Drawn before the next frame.
                let drawn = "requestAnimationFrame(() => requestAnimationFrame(() => done(\(picture))))"
                try await browser.run("document.querySelector('.canvas-box canvas').focus()")
                var seen: Set<String> = []
                // Right and End of WebDriver's keys.
                for key in ["", "+", "\u{E014}", "\u{E010}", "0", "n"] {
                    if !key.isEmpty { try await browser.type(key) }
                    let now = try await browser.run("return new Promise((done) => \(drawn))").stringValue ?? ""
                    if key == "0" { #expect(seen.contains(now)) } else { #expect(seen.insert(now).inserted, "\(key)") }
                }
                try await browser.wait(for: "document.querySelector('.inspector:not([hidden]) h2')")
                try await browser.wait(for: "document.getElementById('announcer').textContent.includes('turn 1')")
                try await browser.run("[...document.querySelectorAll('.tools button')].at(-1).click()")
                #expect(try await browser.run("return document.querySelectorAll('.work-table tbody tr').length") == 60)
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func everythingHasANameAndFits() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record(String(repeating: "a-very-long-task-without-a-space", count: 20))
        try await withDashboard(runs) { server in
            try await withBrowser { browser in
                for (width, path) in [390, 1600].flatMap({ width in
                    ["/", "/runs/\(run)", "/insights", "/patterns"].map { (width, $0) }
                }) {
                    try await browser.resize(width, 900)
                    try await browser.open(server.address + path)
                    try await browser.wait(for: "document.querySelector('main h1')")
                    let nameless = """
                        return [...document.querySelectorAll('button, a, input, select, canvas, [role=img], section, th')].filter((node) =>
                            !(node.textContent.trim() || node.getAttribute('aria-label'))).map((node) => node.outerHTML.slice(0, 200))
                        """
                    #expect(try await browser.run(nameless) == [], "\(path)")
                    #expect(try await browser.run("return document.querySelectorAll('main h1').length") == 1)
                    let overflow = "return document.documentElement.scrollWidth - innerWidth"
                    let beyond = try await browser.run(overflow).intValue ?? 99
                    #expect(beyond <= 0, "\(path) at \(width)")
                }
                #expect(try await browser.complaints() == [])
            }
        }
    }

    @Test func aTokenIsGivenOnceAndLeavesTheAddress() async throws {
        let runs = try RecordedRuns()
        let run = try runs.record()
        let token = DashboardAccess.makeToken()
        try await withDashboard(runs, access: DashboardAccess(token: token)) { server in
            try await withBrowser { browser in
                try await browser.open("\(server.address)/?token=\(token)")
                try await browser.wait(for: "document.querySelector('.runs a')")
                #expect(try await browser.run("return location.href") == .string(server.address + "/"))
                #expect(try await browser.run("return document.cookie") == "")
                try await browser.open("\(server.address)/runs/\(run)")
                try await browser.wait(for: "document.querySelectorAll('.turn').length === 3")
                #expect(try await browser.complaints() == [])
            }
        }
    }
}
