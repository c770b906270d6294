import ForerunCore

/// Plots of what speculation came to, for pages: in the colours of the page, with words for those who cannot see them.
package enum ReportPlots {
    private static let axis = "currentColor"
    private static let good = "var(--used)"
    private static let bad = "var(--cancelled)"
    private static let ahead = "var(--ahead)"
    /// Bars that can be told apart.
    private static let most = 240

    /// A bar for each value, the first one on the left; those below 0 hang down.
    ///
    /// - Parameter values: shares, with what viewers show where the pointer rests.
    package static func shares(_ values: [(share: Double, name: String)], title: String, horizontal: String) -> String {
        let shown = values.suffix(most)
        guard !shown.isEmpty else { return "" }
        let top = max(0.05, shown.map(\.share).max() ?? 0)
        let bottom = min(0, shown.map(\.share).min() ?? 0)
        var drawing = Drawing(width: 620, height: 250)
        let frame = PlotFrame(left: 60, top: 34, width: 540, height: 170)
        func height(_ share: Double) -> Double { (share - bottom) / (top - bottom) }
        let marks = [bottom, 0, top / 2, top].filter { $0 != 0 || bottom == 0 || top > -bottom / 8 }
        frame.draw(
            in: &drawing, title: title, horizontal: horizontal,
            marks: Set(marks).sorted().map { (height($0), percent($0)) })
        let step = 1 / Double(shown.count)
        for (index, value) in shown.enumerated() {
            let low = frame.y(height(min(0, value.share)))
            let high = frame.y(height(max(0, value.share)))
            drawing.bar(
                frame.x(Double(index) * step), high, max(0.6, frame.width * step * 0.85), max(0.6, low - high),
                value.share < 0 ? bad : good, title: "\(value.name): \(percent(value.share))")
        }
        if bottom < 0 { drawing.line(frame.x(0), frame.y(height(0)), frame.x(1), frame.y(height(0)), axis) }
        return drawing.element(label: title)
    }

    /// Two bars beside each other for each name: seconds that were used, and seconds in vain.
    package static func seconds(_ rows: [(name: String, used: Double, wasted: Double)], title: String) -> String {
        let shown = rows.filter { $0.used > 0 || $0.wasted > 0 }.prefix(20)
        guard let longest = shown.map({ max($0.used, $0.wasted) }).max(), longest > 0 else { return "" }
        var drawing = Drawing(width: 620, height: 40 + 30 * Double(shown.count))
        drawing.text(10, 20, title, size: 12)
        for (row, item) in shown.enumerated() {
            let top = 34 + 30 * Double(row)
            drawing.text(190, top + 15, String(item.name.prefix(28)), size: 11, .end)
            for (offset, value, color, word) in [(2.0, item.used, ahead, "used"), (12.0, item.wasted, bad, "in vain")] {
                let text = "\(Markup.number(value, decimals: 2)) s \(word)"
                drawing.bar(200, top + offset, 300 * value / longest, 9, color, title: "\(item.name): \(text)")
                drawing.text(206 + 300 * value / longest, top + offset + 8, text, size: 9)
            }
        }
        return drawing.element(label: title)
    }

    /// A dot for each source: how probable it thought its guesses, and how many came true. On the line they are to be trusted.
    package static func calibration(_ sources: [(name: String, said: Double, came: Double, guesses: Int)]) -> String {
        guard let most = sources.map(\.guesses).max(), most > 0 else { return "" }
        let title = "guesses that came true, by source"
        var drawing = Drawing(width: 300, height: 250)
        let frame = PlotFrame(left: 50, top: 34, width: 200, height: 170)
        frame.draw(
            in: &drawing, title: title, horizontal: "mean probability that was said",
            marks: [0, 0.5, 1].map { ($0, percent($0)) })
        drawing.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), axis, isDashed: true)
        for source in sources where source.guesses > 0 {
            drawing.dot(
                frame.x(min(1, max(0, source.said))), frame.y(min(1, max(0, source.came))),
                radius: 3 + 8 * (Double(source.guesses) / Double(most)).squareRoot(), ahead,
                title: "\(source.name): said \(percent(source.said)), came true \(percent(source.came))")
        }
        return drawing.element(label: title)
    }

    /// How a value went, step by step; a line at 0.
    package static func curve(_ values: [Double], title: String, horizontal: String) -> String {
        guard values.count > 1 else { return "" }
        let top = max(0.01, values.max() ?? 0)
        let bottom = min(0, values.min() ?? 0)
        var drawing = Drawing(width: 620, height: 250)
        let frame = PlotFrame(left: 60, top: 34, width: 540, height: 170)
        func height(_ value: Double) -> Double { (value - bottom) / (top - bottom) }
        frame.draw(
            in: &drawing, title: title, horizontal: horizontal,
            marks: Set([bottom, 0, top]).sorted().map { (height($0), Markup.number($0, decimals: 1) + " s") })
        if bottom < 0 { drawing.line(frame.x(0), frame.y(height(0)), frame.x(1), frame.y(height(0)), axis) }
        let step = 1 / Double(values.count - 1)
        drawing.path(values.enumerated().map { (frame.x(Double($0.offset) * step), frame.y(height($0.element))) }, good)
        return drawing.element(label: title)
    }

    private static func percent(_ share: Double) -> String { Markup.number(share * 100, decimals: 0) + " %" }
}
