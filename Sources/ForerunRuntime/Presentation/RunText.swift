import ForerunCore
package import ForerunStore

/// A recorded run as text: what it came to, and turn by turn what was guessed, said and done.
package struct RunText: Sendable {
    private let style: ViewStyle
    /// Whole texts and outputs, and all guesses.
    private let isFull: Bool

    package init(_ style: ViewStyle, isFull: Bool = false) {
        self.style = style
        self.isFull = isFull
    }

    package func lines(_ run: RunSummary, _ timeline: RunTimeline) -> [String] {
        let record = timeline.record
        var lines = head(run, timeline)
        lines += parts(timeline)
        let opening = record.opened?["opening"]?.arrayValue?.compactMap(\.stringValue) ?? []
        for message in opening { lines += said(message) }
        for (number, turn) in record.turns.enumerated() {
            for message in turn.messages { lines += said(message) }
            lines += self.turn(number, turn, timeline)
        }
        for message in record.messages { lines += said(message) }
        if let damage = record.damage {
            lines.append(
                style.paint("the log can be read up to \(DisplayText.line(damage.description, limit: 300))", .bad))
        } else if record.completed == nil {
            lines.append(
                run.end == RunSummary.running
                    ? "it goes on"
                    : style.paint(
                        "cut off here: forerun \(record.isConversation ? "chat --resume" : "resume") \(run.name)",
                        .warning))
        }
        return lines
    }

    private func head(_ run: RunSummary, _ timeline: RunTimeline) -> [String] {
        let record = timeline.record
        let completed = record.completed
        let calls = record.turns.flatMap(\.calls)
        var time = PresentedNumber.seconds(completed?["seconds"]?.doubleValue ?? timeline.end)
        if let saved = completed?["speculation"]?["savedSeconds"]?.doubleValue {
            time += ", \(PresentedNumber.seconds(saved)) saved"
        }
        let hits =
            "\(PresentedNumber.share(calls.count(where: \.isHit), of: calls.count, "call")), "
            + PresentedNumber.share(record.turns.count(where: \.isHit), of: record.turns.count, "turn")
        var rows = [
            ("run", "\(run.name)  \(run.text("agent") ?? "")  \(run.end)"),
            ("where", record.started?["workspace"]?.stringValue ?? ""), ("time", time), ("hits", hits),
        ]
        if let fork = record.started?["forkOf"] {
            rows.append(("from", "\(fork["id"]?.stringValue ?? ""), \(fork["turns"]?.intValue ?? 0) turns"))
        }
        if record.resumptions > 0 {
            rows.append(("resumed", PresentedNumber.count(record.resumptions, "time")))
        }
        return rows.map { row in
            style.paint(row.0 + String(repeating: " ", count: 9 - row.0.count), .dim)
                + DisplayText.line(row.1, limit: 300)
        } + [""]
    }

    /// How the time saved grew, and what came of calls and guesses.
    private func parts(_ timeline: RunTimeline) -> [String] {
        var rows: [(String, String)] = []
        let curve = timeline.savedByTurn.suffix(60)
        if curve.count > 2, (curve.last ?? 0) > 0.005 {
            rows.append(("", Sparkline.text(curve, style) + "  saved, turn by turn"))
        }
        if !timeline.guesses.isEmpty { rows += ReportParts.rows(timeline.tally) }
        guard !rows.isEmpty else { return [] }
        return rows.map { style.paint($0.0 + String(repeating: " ", count: 9 - $0.0.count), .dim) + $0.1 } + [""]
    }

    private func said(_ text: String) -> [String] { indented(text, "you     ", limit: isFull ? nil : 3) }

    private func turn(_ number: Int, _ turn: Resumption.TakenTurn, _ timeline: RunTimeline) -> [String] {
        let at = timeline.turnTimes[number].map { "  at " + PresentedNumber.seconds($0) } ?? ""
        var title = "turn \(number + 1)\(at), \(PresentedNumber.seconds(turn.seconds))"
        if turn.role != "actor" { title += "  \(DisplayText.line(turn.role, limit: 40))" }
        var lines = [style.paint(title, .bold) + (turn.isHit ? "  " + style.paint("asked ahead", .ahead) : "")]
        for failure in timeline.failures[number] ?? [] {
            lines.append("  " + style.paint("failed", .bad) + " " + DisplayText.line(failure, limit: 200))
        }
        lines += guesses(number, timeline)
        if !turn.answer.text.isEmpty { lines += indented(turn.answer.text, "  ", limit: isFull ? nil : 4) }
        for (index, call) in turn.answer.calls.enumerated() {
            lines += self.call(call, turn.calls.first { $0.index == index })
        }
        return lines
    }

    private func guesses(_ number: Int, _ timeline: RunTimeline) -> [String] {
        let all = timeline.guesses(about: number)
        var lines = (isFull ? all : Array(all.prefix(3))).map { guess in
            let percent = "\(PresentedNumber.fixed(guess.probability * 100, 0)) %"
            let words =
                guess.calls.isEmpty ? "no call" : guess.calls.map { $0.summary(limit: 60) }.joined(separator: "; ")
            let verdict =
                timeline.cameTrue(guess) == true
                ? style.paint(style.symbol(.done), .good) : style.paint(style.symbol(.dot), .dim)
            let gap = String(repeating: " ", count: max(0, 5 - percent.count))
            return "  \(verdict) "
                + style.paint("guess \(gap)\(percent)  \(DisplayText.line(guess.source, limit: 30))", .dim)
                + "  " + DisplayText.line(words, limit: 100)
        }
        if lines.count < all.count {
            lines.append(style.paint("    and \(all.count - lines.count) more", .dim))
        }
        return lines
    }

    private func call(_ call: Call, _ taken: Resumption.TakenCall?) -> [String] {
        guard let taken else { return ["  " + style.paint("…", .dim) + " " + call.summary()] }
        let mark =
            taken.output.isError ? style.paint(style.symbol(.failed), .bad) : style.paint(style.symbol(.done), .good)
        var line = "  \(mark) \(call.summary())  \(PresentedNumber.seconds(taken.seconds))"
        if taken.isHit { line += "  " + style.paint("ahead", .ahead) }
        return [line] + (isFull ? indented(taken.output.text, "      ", limit: nil) : [])
    }

    private func indented(_ text: String, _ indent: String, limit: Int?) -> [String] {
        let all = DisplayText.harmless(text).split(separator: "\n", omittingEmptySubsequences: false)
        let space = String(repeating: " ", count: indent.count)
        var lines = all.prefix(limit ?? .max).enumerated().map { ($0 == 0 ? indent : space) + $1 }
        if let limit, all.count > limit {
            lines.append(space + style.paint("\(style.symbol(.cut)) \(all.count - limit) more lines", .dim))
        }
        return lines
    }
}
