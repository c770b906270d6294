package import ForerunCore

/// The short report at the end: what a run took, what was saved, what it cost.
package struct ReportText: Sendable {
    private let style: ViewStyle
    /// Columns of the terminal; `nil`: as wide as it takes.
    private let columns: Int?

    package init(_ style: ViewStyle, columns: Int? = nil) {
        self.style = style
        self.columns = columns
    }

    /// - Parameters:
    ///   - log: the path of the event log.
    ///   - progress: what the run came to, turn by turn, by tool and by source of guesses.
    package func lines(
        _ report: RunReport, mode: SpeculationPolicy.Mode, log: String?, _ progress: RunProgress = RunProgress()
    ) -> [String] {
        var rows: [(String, String)] = []
        // Where nothing was done, there is nothing to say about it.
        if report.statistics.turns > 0 {
            rows.append(("time", time(report, mode)))
            if mode != .off { rows += curve(progress) + speculation(report) + ReportParts.rows(progress.tally) }
            if let reason = report.restriction { rows.append(("ahead", "tools only: \(reason)")) }
        }
        for fallback in report.fallbacks {
            let cause = fallback.failure.kind.description
            rows.append(
                ("model", "\(fallback.to) from turn \(fallback.turn + 1) on: \(fallback.from) failed (\(cause))"))
        }
        if report.ledger.usage != .zero { rows.append(("used", usage(report))) }
        if let log { rows.append(("log", log)) }
        return table(rows)
    }

    /// The two runs of a comparison.
    package func lines(_ comparison: Comparison) -> [String] {
        let speculative = comparison.speculative
        // A half that did not come to its end is nothing to measure with.
        guard [comparison.sequential, speculative].allSatisfy(\.isWhole) else { return comparison.differences }
        let measured = comparison.sequential.seconds - speculative.seconds
        var rows = [
            ("sequential", PresentedNumber.seconds(comparison.sequential.seconds)),
            (
                "speculative",
                "\(PresentedNumber.seconds(speculative.seconds)), ratio \(PresentedNumber.fixed(comparison.ratio, 2))"
            ),
            (
                "saved",
                "\(PresentedNumber.seconds(measured)) measured, \(PresentedNumber.seconds(speculative.savedSeconds)) estimated"
            ),
        ]
        rows += speculation(speculative)
        let verdict = comparison.identical ? style.paint("yes", .good) : style.paint("no", .bad)
        rows.append(("identical", verdict))
        return table(rows) + comparison.differences.map { "  " + DisplayText.line($0, limit: 400) }
    }

    /// Whether a run came out as it would have in turn.
    package func lines(_ verification: Verification) -> [String] {
        guard !verification.isIdentical else {
            return table([
                ("verified", style.paint("identical", .good) + ": every request and the world came out the same")
            ])
        }
        return table([("verified", style.paint("not identical", .bad))])
            + verification.differences.map { "  " + DisplayText.line($0, limit: 400) }
    }

    private func time(_ report: RunReport, _ mode: SpeculationPolicy.Mode) -> String {
        let own = PresentedNumber.seconds(report.seconds)
        guard mode != .off else { return own }
        let sequential = PresentedNumber.seconds(report.sequentialSeconds)
        let saved = report.savedSeconds
        guard saved > 0.005 else { return "\(own), nothing saved (in turn about \(sequential))" }
        return "\(own), \(PresentedNumber.seconds(saved)) saved (in turn about \(sequential))"
    }

    /// How the time saved grew; of a long run, its last turns.
    private func curve(_ progress: RunProgress) -> [(String, String)] {
        let turns = progress.savedByTurn.suffix(60)
        guard turns.count > 2, progress.saved > 0.005 else { return [] }
        return [("", Sparkline.text(turns, style) + "  saved, turn by turn")]
    }

    private func speculation(_ report: RunReport) -> [(String, String)] {
        let statistics = report.statistics
        let hits =
            "\(PresentedNumber.share(statistics.callHits, of: statistics.calls, "call")), "
            + "\(PresentedNumber.share(statistics.turnHits, of: statistics.turns, "turn"))"
        var waste = [PresentedNumber.seconds(report.ledger.wastedSeconds) + " of work"]
        waste.append(PresentedNumber.count(report.ledger.wasted.tokens, "token"))
        if let money = report.ledger.wasted.money, money > 0 {
            waste.append("\(PresentedNumber.fixed(money, 4)) of money")
        }
        waste.append("\(statistics.cancelled) cancelled")
        let switched = statistics.switched.map { ("turn \($0.turn + 1)", $0.change.summary) }
        return [("hits", hits), ("wasted", waste.joined(separator: ", "))] + switched
    }

    private func usage(_ report: RunReport) -> String {
        let usage = report.ledger.usage
        var text = "\(usage.input) tokens in"
        if usage.cached > 0 { text += " (\(usage.cached) cached)" }
        text += ", \(usage.output) out"
        if let money = report.ledger.cost.money, money > 0 { text += ", \(PresentedNumber.fixed(money, 4)) of money" }
        return text
    }

    /// Names and values; values that are too long go on below, broken where they have a comma.
    private func table(_ rows: [(String, String)]) -> [String] {
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return rows.flatMap { name, value in
            broken(value, width).enumerated().map { index, part in
                let name = index == 0 ? name : ""
                return name + String(repeating: " ", count: width - name.count) + part
            }
        }
    }

    private func broken(_ value: String, _ indent: Int) -> [String] {
        guard let columns, columns > indent + 24, DisplayText.width(of: value) + indent > columns else {
            return [value]
        }
        var lines: [String] = []
        for part in value.split(separator: ", ") {
            if let last = lines.last, DisplayText.width(of: last) + DisplayText.width(of: part) + 3 + indent <= columns
            {
                lines[lines.count - 1] = "\(last), \(part)"
            } else {
                if let last = lines.last { lines[lines.count - 1] = last + "," }
                lines.append((lines.isEmpty ? "" : "  ") + part)
            }
        }
        return lines
    }
}

extension RunReport {
    /// The run came to an end of its own.
    fileprivate var isWhole: Bool {
        switch end {
        case .finished, .limit: true
        case .endpointFailed, .environmentFailed, .interrupted: false
        }
    }
}
