import ForerunStore

/// What many runs came to together, as one page of HTML that needs nothing else.
package struct RunsPage: Sendable {
    private let report: RunsReport
    /// Which runs, in words; empty: all.
    private let selection: String

    package init(_ report: RunsReport, selection: String) {
        self.report = report
        self.selection = selection
    }

    package var html: String {
        let title = selection.isEmpty ? "All runs" : "Runs: \(DisplayText.line(selection, limit: 200))"
        return PageShell.html(
            title: title,
            body: """
                <header><h1>\(Markup.escaped(title))</h1><dl>\(PageShell.facts(facts))</dl></header>
                <section class="sums">
                <div class="plots">\(savings)\(hits)</div>
                \(TallyTables.html(tools: tools, sources: sources))
                \(agents)
                </section>
                """)
    }

    private var facts: [(name: String, value: String)] {
        let total = report.total
        let whole = total.seconds + total.saved
        let share = whole > 0 ? " (\(PresentedNumber.fixed(total.saved / whole * 100, 0)) %)" : ""
        var facts = [
            ("runs", "\(total.runs)"), ("time", PresentedNumber.seconds(total.seconds)),
            ("saved", PresentedNumber.seconds(total.saved) + share),
            ("calls ahead", PresentedNumber.share(total.callHits, of: total.calls, "call")),
            ("turns ahead", PresentedNumber.share(total.turnHits, of: total.turns, "turn")),
            (
                "in vain",
                "\(PresentedNumber.seconds(total.wasted)), \(PresentedNumber.count(total.wastedTokens, "token"))"
            ),
            ("used", PresentedNumber.count(total.tokens, "token")),
        ]
        if let cost = total.cost, cost > 0 {
            facts.append(
                (
                    "cost",
                    "\(PresentedNumber.fixed(cost, 4)), beside it \(PresentedNumber.fixed(total.extraCost ?? 0, 4)) in vain"
                ))
        }
        return facts
    }

    private var savings: String {
        ReportPlots.shares(
            report.points.map { ($0.saved, $0.name) }, title: "share of time saved, run by run",
            horizontal: "\(PresentedNumber.count(report.points.count, "run")), the oldest on the left")
    }

    private var hits: String {
        ReportPlots.shares(
            report.points.compactMap { point in point.callHits.map { ($0, point.name) } },
            title: "share of calls that were hits, run by run", horizontal: "runs with calls, the oldest on the left")
    }

    private var tools: [(String, RunTally.Tool)] { report.sorted(report.tools, by: \.calls).map { ($0.key, $0.value) } }

    private var sources: [(String, RunTally.Source)] {
        report.sorted(report.sources, by: \.guesses).map { ($0.key, $0.value) }
    }

    private var agents: String {
        PageShell.table(
            ["agent", "runs", "time", "saved", "calls", "ahead", "turns", "ahead", "tokens", "in vain"],
            report.sorted(report.agents, by: \.runs).map { name, tally in
                [
                    name, "\(tally.runs)", PresentedNumber.seconds(tally.seconds), PresentedNumber.seconds(tally.saved),
                    "\(tally.calls)", "\(tally.callHits)", "\(tally.turns)", "\(tally.turnHits)", "\(tally.tokens)",
                    "\(tally.wastedTokens)",
                ]
            })
    }
}
