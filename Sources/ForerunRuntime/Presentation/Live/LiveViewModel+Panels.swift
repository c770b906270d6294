import ForerunCore
import ForerunStore

extension LiveViewModel {
    /// What a key opens beside the rows.
    enum Panel: Sendable, CaseIterable {
        case details, timeline, cost, help

        var key: Character {
            switch self {
            case .details: "d"
            case .timeline: "t"
            case .cost: "c"
            case .help: "?"
            }
        }

        var title: String {
            switch self {
            case .details: "guesses, by turn, source and tool"
            case .timeline: "timeline"
            case .cost: "cost, limits, rate limits"
            case .help: "keys and marks"
            }
        }
    }

    /// A key was pressed. Those that mean nothing are passed over.
    ///
    /// - Parameters:
    ///   - width: of the terminal, in columns; with `height` it says how far there is to scroll.
    ///   - now: seconds since the run began.
    package mutating func press(_ key: ViewKey, width: Int, height: Int, at now: Double) {
        switch key {
        case .character("h"): toggle(.help)
        case .character("+"), .character("="): zoom(by: 0.5, now)
        case .character("-"): zoom(by: 2, now)
        case .character("k"), .up: scroll(by: -1, width, height, now)
        case .character("j"), .down: scroll(by: 1, width, height, now)
        case .pageUp: scroll(by: -max(1, height / 2), width, height, now)
        case .pageDown, .character(" "): scroll(by: max(1, height / 2), width, height, now)
        case .home: scroll = 0
        case .end: scroll(by: .max / 2, width, height, now)
        case .escape: panel = nil
        case .character(let character):
            if let panel = Panel.allCases.first(where: { $0.key == character }) { toggle(panel) }
        }
    }

    private mutating func toggle(_ other: Panel) {
        panel = panel == other ? nil : other
        scroll = 0
    }

    private mutating func zoom(by factor: Double, _ now: Double) {
        guard panel == .timeline else { return }
        window = min(max(2, span(now) * factor), max(2, now))
    }

    private mutating func scroll(by count: Int, _ width: Int, _ height: Int, _ now: Double) {
        guard panel != nil else { return }
        let all = content(max(1, width - 1), now).count
        scroll = min(max(0, scroll + count), max(0, all - 1))
    }

    /// The open panel: its title, and as much of it as there is room for.
    func panelRows(_ columns: Int, _ room: Int, _ now: Double) -> [String] {
        guard let panel, room > 1 else { return [] }
        let all = content(columns, now)
        let space = room - 1
        let first = min(scroll, max(0, all.count - space))
        let shown = all[first..<min(all.count, first + space)]
        let place = all.count > space ? "\(first + 1) to \(first + shown.count) of \(all.count)" : ""
        let close = "\(panel.key) closes"
        let rule = style.unicode ? "── " : "-- "
        let title = TextRow(
            [(rule, .dim), (panel.title, .bold)], remark: (place, .dim), right: (close, .dim))
        return [title.text(columns, style)] + shown
    }

    private func content(_ columns: Int, _ now: Double) -> [String] {
        switch panel {
        case .details: detailRows.map { $0.text(columns, style) }
        case .timeline: timelineRows(columns, now)
        case .cost: costRows(now).map { $0.text(columns, style) }
        case .help: helpRows.map { $0.text(columns, style) }
        case nil: []
        }
    }

    // MARK: - Guesses

    private var detailRows: [TextRow] {
        var rows: [TextRow] = []
        for change in guesses.switchedOff.values.sorted(by: { ($0.source ?? "") < ($1.source ?? "") }) {
            rows.append(TextRow([("\(style.symbol(.failed)) \(change.summary)", .warning)]))
        }
        if guesses.guesses.isEmpty { rows.append(TextRow([("nothing was guessed yet", .dim)])) }
        for (turn, guesses) in guesses.byTurn(due: turns) {
            rows.append(TextRow([("turn \(turn + 1)", .bold)]))
            rows += guesses.map(row)
        }
        if !progress.tally.sources.isEmpty { rows.append(TextRow([("sources of guesses", .bold)])) }
        for (name, source) in progress.tally.sources.sorted(by: { $0.key < $1.key }) {
            rows.append(
                TextRow(
                    [("  " + DisplayText.line(name, limit: 30), .plain)],
                    remark: ("\(source.hits) of \(source.guesses) came true, \(Self.said(source))", .plain),
                    right: (Self.seconds(source.aheadSeconds, source.wastedSeconds), .dim)))
        }
        if !progress.tally.tools.isEmpty { rows.append(TextRow([("tools", .bold)])) }
        for (name, tool) in progress.tally.tools.sorted(by: { $0.key < $1.key }) {
            rows.append(
                TextRow(
                    [("  " + DisplayText.line(name, limit: 30), .plain)],
                    remark: ("\(tool.hits) of \(PresentedNumber.count(tool.calls, "call")) ahead", .plain),
                    right: (Self.seconds(tool.aheadSeconds, tool.wastedSeconds), .dim)))
        }
        return rows
    }

    private func row(_ guess: GuessBook.Guess) -> TextRow {
        let (mark, tint): (ViewStyle.Symbol, ViewStyle.Tint) =
            switch guess.cameTrue {
            case true?: (.done, .good)
            case false?: (.failed, .dim)
            case nil: (.dot, .ahead)
            }
        let percent = PresentedNumber.fixed(guess.probability * 100, 0)
        let gap = String(repeating: " ", count: max(0, 3 - percent.count))
        let words =
            guess.calls.isEmpty ? "no call" : guess.calls.map { $0.summary(limit: 80) }.joined(separator: "; ")
        return TextRow(
            [("  \(style.symbol(mark)) ", tint), ("\(gap)\(percent) %  ", tint), (words, tint)],
            right: (DisplayText.line(guess.source, limit: 24, mark: style.symbol(.cut)), .dim))
    }

    private static func said(_ source: RunTally.Source) -> String {
        guard source.guesses > 0 else { return "" }
        return "said \(PresentedNumber.fixed(source.expected / Double(source.guesses) * 100, 0)) %"
    }

    private static func seconds(_ ahead: Double, _ wasted: Double) -> String {
        "\(PresentedNumber.seconds(ahead)) used, \(PresentedNumber.seconds(wasted)) in vain"
    }

    // MARK: - Timeline

    private func span(_ now: Double) -> Double { window ?? min(max(now, 2), 60) }

    private func timelineRows(_ columns: Int, _ now: Double) -> [String] {
        let end = max(now, 0.001)
        let chart = LaneChart(style)
        let rows = chart.rows(lanes.bars(at: now), from: max(0, end - span(now)), to: end, columns: columns)
        guard !rows.isEmpty else { return [TextRow([("the terminal is too narrow", .dim)]).text(columns, style)] }
        return rows + [TextRow(chart.legend).text(columns, style)]
    }

    // MARK: - Cost

    private func costRows(_ now: Double) -> [TextRow] {
        var rows: [TextRow] = []
        for (key, sum) in costs.sums.sorted(by: { $0.key < $1.key }) {
            var tokens = "\(sum.usage.input) in"
            if sum.usage.cached > 0 { tokens += " (\(sum.usage.cached) cached)" }
            tokens += ", \(sum.usage.output) out"
            let money = sum.money.map { $0 > 0 ? costs.money($0) : "" } ?? "price unknown"
            rows.append(
                TextRow(
                    [
                        ("  \(DisplayText.line(key.role, limit: 24)) ", .plain), (Self.name(key.outcome), .dim),
                    ],
                    remark: ("\(PresentedNumber.count(sum.requests, "request")), \(tokens)", .plain),
                    right: (money, .plain)))
        }
        if rows.isEmpty { rows.append(TextRow([("  nothing is known yet of what it took", .dim)])) }
        rows.append(TextRow([("limits of the run", .bold)]))
        rows += limitRows(now)
        rows.append(TextRow([("limits of speculation", .bold)]))
        rows += extraRows
        rows.append(TextRow([("rate limits", .bold)]))
        if rates.isEmpty { rows.append(TextRow([("  no endpoint has said anything of one", .dim)])) }
        for level in rates {
            let whole = level.wholeIn > 0 ? ", whole again in \(PresentedNumber.seconds(level.wholeIn))" : ""
            rows.append(
                gauge(
                    DisplayText.line(level.name, limit: 40), used: Double(level.limit - level.remaining),
                    of: Double(level.limit), "\(level.remaining) of \(level.limit) requests left\(whole)"))
        }
        return rows
    }

    private func limitRows(_ now: Double) -> [TextRow] {
        let limits = facts.limits
        var rows: [TextRow] = []
        if let most = limits.steps {
            rows.append(gauge("turns", used: Double(turns), of: Double(most), "\(turns) of \(most)"))
        }
        if let most = limits.seconds {
            let text = "\(PresentedNumber.seconds(now)) of \(PresentedNumber.seconds(most))"
            rows.append(gauge("time", used: now, of: most, text))
        }
        if let most = limits.tokens {
            let used = costs.own.usage.total
            rows.append(gauge("tokens", used: Double(used), of: Double(most), "\(used) of \(most)"))
        }
        if let most = limits.money {
            guard let used = costs.own.money else {
                return rows + [TextRow([("  money  ", .plain), ("a price is unknown", .warning)])]
            }
            rows.append(gauge("money", used: used, of: most, "\(costs.money(used)) of \(costs.money(most))"))
        }
        return rows.isEmpty ? [TextRow([("  none", .dim)])] : rows
    }

    private var extraRows: [TextRow] {
        var rows: [TextRow] = []
        let used = costs.inVain
        if let ratio = facts.extra.ratio {
            let share = "\(PresentedNumber.fixed(ratio * 100, 0)) % of what the run costs"
            rows.append(
                TextRow([("  in vain  ", .plain), (costs.text(used), .plain)], right: ("at most \(share)", .dim)))
        }
        if let most = facts.extra.tokens {
            let tokens = used.usage.total
            rows.append(gauge("tokens", used: Double(tokens), of: Double(most), "\(tokens) of \(most)"))
        }
        if let most = facts.extra.money, let money = used.money {
            rows.append(gauge("money", used: money, of: most, "\(costs.money(money)) of \(costs.money(most))"))
        }
        return rows.isEmpty ? [TextRow([("  none", .dim)])] : rows
    }

    private func gauge(_ name: String, used: Double, of most: Double, _ text: String) -> TextRow {
        let share = most > 0 ? used / most : 1
        let tint: ViewStyle.Tint = share >= 0.9 ? .warning : .good
        return TextRow(
            [("  \(name)  ", .plain), (text, .plain)], right: (Sparkline.bar(share, columns: 20, style), tint))
    }

    private static func name(_ outcome: Charge.Outcome) -> String {
        switch outcome {
        case .committed: "asked in turn"
        case .ahead: "asked ahead, used"
        case .wasted: "asked ahead in vain"
        case .guesses: "guesses"
        case .unfinished: "not answered"
        }
    }

    // MARK: - Help

    private var helpRows: [TextRow] {
        let keys = [
            ("d", "guesses and sources, what is off and why"), ("t", "timeline; + and - zoom"),
            ("c", "tokens, money, limits, rate limits"), ("arrows, PgUp, PgDn", "scroll"),
            ("Esc", "closes what is open"), ("Ctrl-C", "ends the run; what is committed stays"),
        ]
        let marks = [
            (style.symbol(.active), "the actor: what it does counts"),
            (style.symbol(.branch), "work ahead of it, and the guess behind it"),
            (style.symbol(.done), "hit: the actor wanted it"), (style.symbol(.failed), "missed: it did not"),
            (style.symbol(.turnHit), "a turn whose answer was asked ahead"),
            (style.symbol(.turnMiss), "a turn that was asked in turn"),
        ]
        let width = 20
        func row(_ item: (String, String)) -> TextRow {
            let gap = String(repeating: " ", count: max(1, width - DisplayText.width(of: item.0)))
            return TextRow([("  " + item.0, .bold), (gap + item.1, .plain)])
        }
        return keys.map(row) + [TextRow([("", .plain)])] + marks.map(row)
    }
}
