import ForerunCore

/// A run as one page of HTML that needs nothing else: no script, no network.
///
/// The timeline beside the transcript: a lane for the actor, one for each branch that lived at a time, calls and answers as bars,
/// each guess with its source and probability.
package struct RunPage: Sendable {
    private let run: RunSummary
    let timeline: RunTimeline

    package init(_ run: RunSummary, _ timeline: RunTimeline) {
        self.run = run
        self.timeline = timeline
    }

    private var name: String { run.name.description }

    var record: RunRecord { timeline.record }

    package var html: String {
        PageShell.html(
            title: name,
            body: """
                \(header)
                <main>
                <section class="time" aria-label="Timeline">
                \(lanes)
                \(figures)
                </section>
                <section class="transcript" aria-label="Transcript">
                \(transcript)
                </section>
                </main>
                """)
    }

    /// Behind a click: what came of it by tool and source, with plots.
    private var figures: String {
        let tally = timeline.tally
        guard !tally.tools.isEmpty || !tally.sources.isEmpty else { return "" }
        let curve = ReportPlots.curve(
            timeline.savedByTurn, title: "seconds saved, turn by turn", horizontal: "turn")
        return "<details class=\"report\" open><summary>by tool and by source of guesses</summary>"
            + TallyTables.html(
                tools: tally.tools.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) },
                sources: tally.sources.sorted { ($1.value.guesses, $0.key) < ($0.value.guesses, $1.key) })
            + "<div class=\"plots\">\(curve)</div></details>"
    }

    // MARK: - What it came to

    private var header: String {
        let completed = record.completed
        let speculation = completed?["speculation"]
        var facts: [(name: String, value: String)] = [
            ("agent", record.started?["agent"]?.stringValue ?? "–"),
            ("end", run.end),
            ("time", Self.seconds(completed?["seconds"]?.doubleValue ?? timeline.end)),
        ]
        if let saved = speculation?["savedSeconds"]?.doubleValue { facts.append(("saved", Self.seconds(saved))) }
        let calls = record.turns.flatMap(\.calls)
        facts.append(("turns", "\(record.turns.count), \(record.turns.count(where: \.isHit)) asked ahead"))
        facts.append(("calls", "\(calls.count), \(calls.count(where: \.isHit)) made ahead"))
        if let wasted = speculation?["wastedTokens"]?.intValue { facts.append(("wasted", "\(wasted) tokens")) }
        facts.append(("mode", record.started?["mode"]?.stringValue ?? "–"))
        facts.append(("workspace", record.started?["workspace"]?.stringValue ?? "–"))
        if record.resumptions > 0 { facts.append(("gone on with", "\(record.resumptions) times")) }
        var text = "<header><h1>\(Markup.escaped(name))</h1><dl>\(PageShell.facts(facts))</dl>"
        if let damage = record.damage {
            text +=
                "<p class=\"damage\" role=\"alert\">The log can be read up to \(Markup.escaped(damage.description))</p>"
        }
        for note in timeline.notes { text += "<p class=\"note\">\(Markup.escaped(note))</p>" }
        return text + "</header>"
    }

    // MARK: - What was said

    private var transcript: String {
        var parts: [String] = []
        for message in record.opened?["opening"]?.arrayValue ?? [] { parts.append(said(message.stringValue ?? "")) }
        for (number, turn) in record.turns.enumerated() {
            parts += turn.messages.map(said)
            parts.append(article(number, turn))
        }
        parts += record.messages.map(said)
        return parts.joined(separator: "\n")
    }

    private func said(_ text: String) -> String { "<div class=\"said\"><pre>\(Markup.escaped(text))</pre></div>" }

    private func article(_ number: Int, _ turn: Resumption.TakenTurn) -> String {
        let ahead = turn.isHit ? " <span class=\"ahead\">asked ahead</span>" : ""
        var text = """
            <article id="turn\(number)"><h2>\(Markup.escaped(turn.role)) · turn \(number + 1)\(ahead) \
            <small>\(Self.seconds(turn.seconds))</small></h2>
            """
        if !turn.answer.text.isEmpty { text += "<pre class=\"words\">\(Markup.escaped(turn.answer.text))</pre>" }
        text += guessTable(number)
        for (index, call) in turn.answer.calls.enumerated() {
            text += block(call, turn.calls.first { $0.index == index })
        }
        return text + "</article>"
    }

    private func block(_ call: Call, _ taken: Resumption.TakenCall?) -> String {
        let mark = taken.map { $0.output.isError ? "✗" : "✓" } ?? "…"
        let kind = taken.map { $0.output.isError ? "bad" : "good" } ?? "open"
        let ahead = taken?.isHit == true ? " <span class=\"ahead\">made ahead</span>" : ""
        let seconds = taken.map { " <small>\(Self.seconds($0.seconds))</small>" } ?? ""
        let arguments = call.malformed ?? call.arguments.text
        return """
            <details class="call"><summary><span class="\(kind)">\(mark)</span> <b>\(Markup.escaped(call.name, limit: 80))</b> \
            <code>\(Markup.escaped(arguments, limit: 120))</code>\(ahead)\(seconds)</summary>\
            <pre>\(Markup.escaped(arguments))</pre><pre class="output">\(Markup.escaped(taken?.output.text ?? ""))</pre></details>
            """
    }

    private func guessTable(_ number: Int) -> String {
        let guesses = timeline.guesses(about: number)
        guard !guesses.isEmpty else { return "" }
        let rows = guesses.map { guess in
            let verdict =
                switch timeline.cameTrue(guess) {
                case true?: "<td class=\"good\">came true</td>"
                case false?: "<td class=\"miss\">no</td>"
                case nil: "<td>–</td>"
                }
            let words = guess.calls.isEmpty ? "no call" : guess.calls.map(Self.line).joined(separator: "; ")
            let percent = Markup.number(guess.probability * 100, decimals: 1)
            return """
                <tr><td class="number">\(percent) %</td><td>\(Markup.escaped(guess.source))</td>\
                <td><code>\(Markup.escaped(words, limit: 160))</code></td>\(verdict)</tr>
                """
        }.joined()
        return """
            <details class="guesses"><summary>\(guesses.count) guess\(guesses.count == 1 ? "" : "es")</summary><table><thead><tr>\
            <th>probability</th><th>source</th><th>guess</th><th></th></tr></thead><tbody>\(rows)</tbody></table></details>
            """
    }

    static func line(_ call: Call) -> String { "\(call.name) \(call.malformed ?? call.arguments.text)" }

    static func seconds(_ value: Double) -> String { "\(Markup.number(value, decimals: 2)) s" }
}
