import ForerunCore

/// A table, plots and a plain sentence about simulated fleets.
package struct FleetReport: Sendable {
    package let cases: [FleetComparison]
    /// The user did not wait for the rest.
    package let isInterrupted: Bool

    package init(_ cases: [FleetComparison], isInterrupted: Bool = false) {
        self.cases = cases
        self.isInterrupted = isInterrupted
    }

    package var lines: [String] {
        let labels = cases.map { $0.label.isEmpty ? "as given" : $0.label }
        let width = max(4, labels.map(\.count).max() ?? 0)
        let head = ["saved", "extra cost", "p50 s", "p99 s", "asked ahead", "turn hits"]
        var lines = [pad("case", width) + head.map { left($0, 15) }.joined()]
        for (label, item) in zip(labels, cases) {
            let cells = [
                percent(item.saved), percent(item.on.extraCost),
                fixed(item.off.quantile(0.5)) + " > " + fixed(item.on.quantile(0.5)),
                fixed(item.off.quantile(0.99)) + " > " + fixed(item.on.quantile(0.99)),
                fixed(item.perTurn(item.on.askedAhead)), percent(item.perTurn(item.on.turnHits)),
            ]
            lines.append(pad(label, width) + cells.map { left($0, 15) }.joined())
        }
        lines.append("")
        lines.append(verdict)
        return lines
    }

    private var verdict: String {
        guard let best = cases.max(by: { $0.saved < $1.saved }) else { return "Nothing was simulated." }
        let name = best.label.isEmpty ? "" : " (\(best.label))"
        let failed = cases.reduce(0) { $0 + $1.on.failed + $1.off.failed }
        let warning = failed > 0 ? " \(failed) agents did not come to the end of their turns." : ""
        guard best.saved > 0.005 else { return "Speculation does not pay here: it saves less than 0.5 %." + warning }
        return
            "Speculation saves \(percent(best.saved)) at best\(name), for \(percent(best.on.extraCost)) of extra cost."
            + warning
    }

    /// Bars of what is saved and what it costs beyond the runs themselves, case by case.
    package var plots: String {
        let row = 34.0
        var drawing = Drawing(width: 840, height: 70 + row * Double(cases.count))
        drawing.text(20, 24, "Time saved (dark) and extra cost (light), as shares of the sequential run", size: 13)
        for (index, item) in cases.enumerated() {
            let y = 50 + row * Double(index)
            drawing.text(290, y + 14, item.label.isEmpty ? "as given" : item.label, .end)
            drawing.bar(300, y, 380 * min(1, max(0, item.saved)), 10, "#1f5fa8")
            drawing.bar(300, y + 12, 380 * min(1, max(0, item.on.extraCost)), 6, "#d9a441")
            drawing.text(
                300 + 380 * min(1, max(0, item.saved)) + 6, y + 9,
                percent(item.saved) + ", " + percent(item.on.extraCost) + " extra")
        }
        return drawing.document
    }

    private func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }
    private func fixed(_ value: Double, _ places: Int = 2) -> String { ReplayFigures.fixed(value, places) }
    private func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
    private func left(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
