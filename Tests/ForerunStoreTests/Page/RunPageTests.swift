import ForerunCore
import Testing

@testable import ForerunStore

struct RunPageTests {
    /// Everything that others wrote, in all places where they can.
    private func page(_ evil: String) throws -> String {
        let text = JSON.string(evil)
        let call: JSON = ["name": text, "arguments": ["path": text, evil: 1]]
        let events: [JSON] = [
            [
                "type": "run.started", "version": 2, "id": text, "agent": text, "task": text, "workspace": text,
                "mode": text,
            ],
            [
                "type": "run.opened", "opening": [text, "Do it."], "branches": true, "kept": true, "roles": [],
                "time": 0,
            ],
            ["type": "note", "text": text],
            ["type": "answer.asked", "work": 1, "turn": 0, "lane": "active", "attempt": 0, "time": 0],
            [
                "type": "prediction", "turn": 0, "source": text, "rank": 0, "calls": [call], "probability": 0.625,
                "time": 0.2,
            ],
            ["type": "branch.forked", "world": 3, "from": 0, "work": 3, "time": 0.3],
            [
                "type": "call.started", "work": 3, "call": call, "world": 3, "lane": "shadow", "effect": "contained",
                "time": 0.3,
            ],
            ["type": "call.finished", "work": 3, "lane": "shadow", "seconds": 0.2, "isError": false, "time": 0.5],
            ["type": "answer.finished", "work": 1, "lane": "active", "seconds": 1, "time": 1],
            [
                "type": "turn.taken", "turn": 0, "role": text, "text": text, "calls": [call], "finish": "tool_calls",
                "usage": nil, "ahead": false, "seconds": 1, "time": 1,
            ],
            ["type": "work.promoted", "work": 3, "time": 1],
            ["type": "branch.committed", "world": 3, "turn": 0, "index": 0, "time": 1],
            [
                "type": "call.taken", "turn": 0, "index": 0, "call": call, "output": text, "isError": true,
                "ends": false,
                "ahead": true, "seconds": 0.2, "effect": "contained", "work": 3, "time": 1,
            ],
            ["type": "message.joined", "turn": 1, "text": text, "time": 1],
            ["type": "run.completed", "end": text, "seconds": 2, "turns": 1],
        ]
        var timeline = RunTimeline()
        for (number, event) in events.enumerated() { timeline.add(.event(event), line: number + 1) }
        timeline.finish()
        #expect(timeline.record.damage == nil)
        let name = try #require(RunName("20261101-000000-0001"))
        return RunPage(RunSummary(name: name, json: ["end": text]), timeline).html
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "</title></style></pre></details><img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "' style='background:url(//evil)", "<!--", "]]>", "javascript:alert(1)", "&lt;b&gt;", "\u{202e}gnp.exe",
        "a\u{1b}[31mb",
        "<svg/onload=alert(1)>", "`${alert(1)}`",
    ])
    func whatOthersWroteIsShownAsText(evil: String) throws {
        let html = try page(evil)
        let plain = try page("harmless")
        // Whatever they write, the tags are the same.
        #expect(tags(html) == tags(plain))
        #expect(!html.contains("\u{202e}") && !html.contains("\u{1b}"))
        #expect(!html.contains("<script") && html.contains("default-src 'none'"))
    }

    /// The tags with their attributes, but for values in which text stands.
    private func tags(_ html: String) -> [String] {
        html.split(separator: "<").dropFirst().map { part in
            let tag = part.prefix { $0 != ">" }
            var text = ""
            var isQuoted = false
            for character in tag {
                if character == "\"" { isQuoted.toggle() } else if !isQuoted { text.append(character) }
            }
            return text
        }
    }

    @Test func thePageShowsAllThereIs() throws {
        let html = try page("words & more")
        for part in [
            "words &amp; more", "came true", "62.5 %", "class=\"bar used ahead error call\"", "made ahead",
            "href=\"#turn0\"",
            "id=\"turn0\"", "world 3, a copy of 0",
        ] { #expect(html.contains(part), "\(part)") }
        for part in ["http:", "https:", "src=", "url(", "@import"] {
            #expect(!html.contains(part), "it needs nothing else")
        }
    }

    @Test func aTimelineTellsFates() throws {
        var timeline = RunTimeline()
        let call: JSON = ["name": "read", "arguments": [:]]
        for (number, line)
            in ([
                [
                    "type": "call.started", "work": 1, "call": call, "world": 0, "lane": "shadow", "effect": "readOnly",
                    "time": 1,
                ],
                [
                    "type": "call.started", "work": 2, "call": call, "world": 0, "lane": "shadow", "effect": "readOnly",
                    "time": 1,
                ],
                [
                    "type": "call.started", "work": 3, "call": call, "world": 0, "lane": "shadow", "effect": "readOnly",
                    "time": 1,
                ],
                ["type": "call.finished", "work": 1, "lane": "shadow", "seconds": 1, "isError": false, "time": 2],
                ["type": "work.cancelled", "work": 2, "seconds": 1, "time": 2],
                ["type": "branch.forked", "world": 5, "from": 0, "work": 5, "time": 2],
                ["type": "run.resumed", "turns": 0, "calls": [], "time": 4],
                [
                    "type": "call.started", "work": 6, "call": call, "world": 0, "lane": "active", "effect": "readOnly",
                    "time": 5,
                ],
            ] as [JSON]).enumerated()
        {
            timeline.add(.event(line), line: number + 1)
        }
        timeline.finish()
        #expect(timeline.spans.map(\.fate) == [.unused, .cancelled, .open, .open])
        #expect(timeline.spans.map(\.end) == [2, 2, 4, 5])
        #expect(timeline.branches.map(\.fate) == [.lost])
        #expect(timeline.resumed == [4])
    }
}
