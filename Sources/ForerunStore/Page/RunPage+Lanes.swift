import ForerunCore

extension RunPage {
    /// A bar or a branch on its row.
    private struct Bar {
        var start: Double
        var end: Double
        var kinds: String
        var label: String
        var title: String
        /// The turn that it leads to.
        var turn: Int?
    }

    /// The timeline: the actor's lane first, then branches, packed into as few rows as hold them.
    var lanes: String {
        let end = max(timeline.end, 0.001)
        var rows: [(name: String, bars: [Bar])] = [("actor", []), ("calls", [])]
        var ahead: [Bar] = []
        for span in timeline.spans {
            let bar = bar(span)
            // What began ahead is shown among the branches until it was promoted.
            if span.isAhead {
                ahead.append(bar)
            } else if case .answer = span.subject {
                rows[0].bars.append(bar)
            } else {
                rows[1].bars.append(bar)
            }
        }
        let worked = Set(timeline.spans.map(\.work))
        for branch in timeline.branches where !worked.contains(branch.work) || branch.end > branch.start {
            ahead.append(bar(branch))
        }
        rows += packed(ahead).enumerated().map { ("ahead \($0 + 1)", $1) }
        let ticks = (0...10).map { tick -> String in
            let share = Double(tick) * 10
            return
                "<span style=\"left:\(Markup.number(share, decimals: 1))%\">\(Self.seconds(end * share / 100))</span>"
        }.joined()
        let marks = timeline.resumed.map { time in
            "<i class=\"resumed\" style=\"left:\(Markup.number(time / end * 100))%\" title=\"gone on with\"></i>"
        }.joined()
        let body = rows.map { row in
            "<div class=\"row\"><b>\(row.name)</b><div class=\"track\">"
                + row.bars.map { html($0, end) }.joined() + marks + "</div></div>"
        }.joined(separator: "\n")
        return """
            <form class="zoom" aria-label="Zoom">\(Self.zooms)</form>
            <div class="scroll" tabindex="0" role="group" aria-label="Lanes"><div class="lanes">
            <div class="row ticks"><b></b><div class="track">\(ticks)</div></div>
            \(body)
            </div></div>
            <p class="legend"><span class="bar used">used</span> <span class="bar used ahead">used, began ahead</span> \
            <span class="bar unused">finished, not used</span> <span class="bar cancelled">cancelled</span> \
            <span class="bar branch">branch</span></p>
            """
    }

    private static let zooms = ["1", "4", "16", "64"].map { factor in
        "<label><input type=\"radio\" name=\"zoom\" value=\"\(factor)\"\(factor == "1" ? " checked" : "")> ×\(factor)</label>"
    }.joined(separator: " ")

    private func bar(_ span: RunTimeline.Span) -> Bar {
        let fate =
            switch span.fate {
            case .used: "used"
            case .unused: "unused"
            case .cancelled: "cancelled"
            case .open: "open"
            }
        var kinds = fate + (span.isAhead ? " ahead" : "") + (span.isError ? " error" : "")
        let label: String
        let what: String
        var turn: Int?
        switch span.subject {
        case .answer(let number):
            kinds += " answer"
            label = "turn \(number + 1)"
            what = "answer of turn \(number + 1)"
            turn = number
        case .call(let call, let world):
            kinds += " call"
            label = call.name
            what = Self.line(call) + "\nin world \(world)"
        }
        var title = "\(what)\n\(fate), \(Self.seconds(span.end - span.start)) from \(Self.seconds(span.start))"
        if let promoted = span.promoted { title += "\npromoted at \(Self.seconds(promoted))" }
        return Bar(start: span.start, end: span.end, kinds: kinds, label: label, title: title, turn: turn)
    }

    private func bar(_ branch: RunTimeline.Branch) -> Bar {
        Bar(
            start: branch.start, end: branch.end, kinds: "branch \(branch.fate.rawValue)", label: "",
            title: "world \(branch.world), a copy of \(branch.parent)\n\(branch.fate.rawValue)", turn: nil)
    }

    private func packed(_ bars: [Bar]) -> [[Bar]] {
        let bars = bars.sorted { $0.start < $1.start }
        let numbers = LanePacking.rows(bars.map { ($0.start, $0.end) })
        var rows: [[Bar]] = []
        for (bar, row) in zip(bars, numbers) {
            if row == rows.count { rows.append([]) }
            rows[row].append(bar)
        }
        return rows
    }

    private func html(_ bar: Bar, _ end: Double) -> String {
        let left = Markup.number(bar.start / end * 100)
        let width = Markup.number(max(bar.end - bar.start, 0) / end * 100)
        let inner = Markup.escaped(bar.label, limit: 40)
        let title = Markup.escaped(bar.title, limit: 600)
        let style = "left:\(left)%;width:\(width)%"
        guard let turn = bar.turn, record.turns.indices.contains(turn) else {
            return "<span class=\"bar \(bar.kinds)\" style=\"\(style)\" title=\"\(title)\">\(inner)</span>"
        }
        return
            "<a class=\"bar \(bar.kinds)\" href=\"#turn\(turn)\" style=\"\(style)\" title=\"\(title)\">\(inner)</a>"
    }

    static let style = """
        :root{--page:#fff;--text:#1b1f24;--dim:#5b6570;--line:#d5dae0;--panel:#f5f7f9;--used:#2f6f4f;--ahead:#0b6e99;\
        --unused:#8a6d1f;--cancelled:#a33a3a;--branch:#c9d3dd;--ink:#fff}
        @media(prefers-color-scheme:dark){:root{--page:#15181c;--text:#e4e8ec;--dim:#9aa4ae;--line:#333a42;--panel:#1d2126;\
        --used:#4f9f78;--ahead:#3f9dc9;--unused:#b9974a;--cancelled:#cf6a6a;--branch:#3a4550;--ink:#101214}}
        *{box-sizing:border-box}body{margin:0;font:14px/1.5 system-ui,sans-serif;color:var(--text);background:var(--page)}
        header{padding:12px 20px;border-bottom:1px solid var(--line)}h1{font-size:18px;margin:0 0 6px}
        dl{display:flex;flex-wrap:wrap;gap:4px 24px;margin:0}dl div{display:flex;gap:6px}dt{color:var(--dim)}dd{margin:0}
        .damage{color:var(--cancelled);font-weight:600}.note{color:var(--dim);margin:4px 0}
        main{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,2fr);gap:0;height:calc(100vh - 90px)}
        @media(max-width:900px){main{grid-template-columns:minmax(0,1fr);height:auto}}
        section{overflow:auto;padding:12px 20px}.time{border-right:1px solid var(--line)}
        .scroll{overflow-x:auto}.lanes{width:100%;min-width:600px}
        .time:has(input[value="4"]:checked) .lanes{width:400%}.time:has(input[value="16"]:checked) .lanes{width:1600%}
        .time:has(input[value="64"]:checked) .lanes{width:6400%}
        .zoom{margin-bottom:8px;color:var(--dim)}
        .row{display:flex;height:24px;border-bottom:1px solid var(--line)}.row b{position:sticky;left:0;width:64px;flex:none;\
        background:var(--page);font-weight:400;color:var(--dim);z-index:2;font-size:12px}
        .track{position:relative;flex:1}.ticks span{position:absolute;font-size:11px;color:var(--dim);border-left:1px solid \
        var(--line);padding-left:3px;white-space:nowrap}
        .bar{font-size:11px;line-height:18px;color:var(--ink);border-radius:3px;padding:0 3px;overflow:hidden;\
        white-space:nowrap;text-decoration:none;background:var(--dim)}.track .bar{position:absolute;top:2px;height:18px;min-width:2px;\
        padding:0}.bar:focus{outline:2px solid var(--text)}
        .used{background:var(--used)}.used.ahead{background:var(--ahead)}.unused{background:var(--unused)}
        .cancelled{background:var(--cancelled)}.bar.branch{background:var(--branch);color:var(--text)}\
        .track .branch{height:6px;top:8px}.branch.discarded{opacity:.6}.resumed{position:absolute;top:0;bottom:0;width:2px;\
        background:var(--text)}
        .legend{display:flex;flex-wrap:wrap;gap:8px}article{border-top:1px solid var(--line);padding:6px 0}
        article:target{background:var(--panel)}h2{font-size:14px;margin:4px 0}small{color:var(--dim);font-weight:400}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0;font:13px/1.45 ui-monospace,monospace}
        .words{font-family:inherit}.said pre,.output{background:var(--panel);padding:6px 8px;border-radius:4px}
        .output{max-height:320px;overflow:auto}.call,.guesses{margin:4px 0}summary{cursor:pointer;overflow-wrap:anywhere}
        .good{color:var(--used)}.bad{color:var(--cancelled)}.ahead:not(.bar){color:var(--ahead);font-weight:400;font-size:12px}
        table{border-collapse:collapse;font-size:13px}td,th{text-align:left;padding:1px 10px 1px 0;vertical-align:top;font-weight:400}
        th,.miss{color:var(--dim)}.number{font-variant-numeric:tabular-nums;text-align:right}
        code{font:12px ui-monospace,monospace}
        .plots{display:flex;flex-wrap:wrap;gap:16px;margin:8px 0}.plots svg{max-width:100%;height:auto}
        .figures{margin:8px 0}.figures th{border-bottom:1px solid var(--line)}.report{margin:12px 0}
        .sums{padding:12px 20px;max-width:1000px}
        """
}
