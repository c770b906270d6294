import ForerunCore
package import ForerunStore

/// Recorded runs as a table for people.
package struct RunListing: Sendable {
    private let style: ViewStyle
    /// Columns of the terminal; `nil`: as wide as it takes.
    private let columns: Int?

    package init(_ style: ViewStyle, columns: Int?) {
        self.style = style
        self.columns = columns
    }

    package func lines(_ runs: [RunSummary]) -> [String] {
        guard !runs.isEmpty else { return [] }
        let head = ["run", "agent", "end", "time", "saved", "turns", "hits", "tokens", "task"]
        let rows = runs.map(cells)
        var widths = head.map { DisplayText.width(of: $0) }
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], DisplayText.width(of: cell)) }
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (index, cell) in cells.enumerated() {
                let gap = String(repeating: " ", count: max(0, widths[index] - DisplayText.width(of: cell)))
                let isNumber = (3...7).contains(index)
                text += (isNumber ? gap + cell : index == cells.count - 1 ? cell : cell + gap) + "  "
            }
            while text.last == " " { text.removeLast() }
            return columns.map { DisplayText.fitted(text, columns: $0, mark: style.symbol(.cut)) } ?? text
        }
        return [style.paint(line(head), .dim)] + rows.map(line)
    }

    private func cells(_ run: RunSummary) -> [String] {
        let saved = run.number("savedSeconds").map(PresentedNumber.seconds) ?? "–"
        return [
            run.name.description, DisplayText.line(run.text("agent") ?? "", limit: 20),
            DisplayText.line(run.end, limit: 20),
            PresentedNumber.seconds(run.number("seconds") ?? 0), saved, "\(run.count("turns"))",
            "\(run.count("callHits"))/\(run.count("calls"))", "\(run.tokens)",
            DisplayText.line(run.text("task") ?? "", limit: 120),
        ]
    }
}
