import ForerunCore

extension ReplayReport {
    private static let width = 920.0
    private static let rowHeight = 260.0

    /// For each domain, what was saved run by run, and how far probabilities can be trusted: an SVG document.
    package var plots: String {
        let shown = domains.filter { !$0.runs.isEmpty }
        var drawing = Drawing(width: Self.width, height: 40 + Self.rowHeight * Double(max(1, shown.count)))
        drawing.text(20, 24, ReplayVerdict(self).sentence, size: 13)
        for (row, domain) in shown.enumerated() {
            let top = 40 + Self.rowHeight * Double(row)
            domain.drawSavings(in: &drawing, PlotFrame(left: 60, top: top + 30, width: 500, height: 170))
            domain.drawCalibration(in: &drawing, PlotFrame(left: 660, top: top + 30, width: 200, height: 170))
        }
        return drawing.document
    }
}

extension ReplayedDomain {
    private static let own = "#2a6fdb"
    private static let perfect = "#d98c1f"

    /// A bar a run, sorted by what was saved; the line is what perfect guesses would have saved, sorted likewise.
    fileprivate func drawSavings(in drawing: inout Drawing, _ frame: PlotFrame) {
        let shares = runs.map { $0.sequential.seconds > 0 ? $0.saved / $0.sequential.seconds : 0 }.sorted()
        let best = runs.map { $0.sequential.seconds > 0 ? $0.savedByOracle / $0.sequential.seconds : 0 }.sorted()
        let top = min(1, max(0.05, (best.last ?? 0) * 1.05, (shares.last ?? 0) * 1.05))
        frame.draw(
            in: &drawing,
            title: "\(name): share of the time saved, by run (bars), and with perfect guesses (line)",
            horizontal: "\(runs.count) runs, \(ReplayFigures.percent(savedShare)) saved in all",
            marks: [0, 0.5, 1].map { ($0, ReplayFigures.fixed(100 * top * $0, 0) + " %") })
        let step = 1 / Double(shares.count)
        for (index, share) in shares.enumerated() {
            let height = min(1, max(0, share / top))
            drawing.bar(
                frame.x(Double(index) * step), frame.y(height), max(0.5, frame.width * step * 0.85),
                frame.height * height, Self.own)
        }
        drawing.path(
            best.enumerated().map {
                (frame.x((Double($0.offset) + 0.5) * step), frame.y(min(1, max(0, $0.element / top))))
            }, Self.perfect)
    }

    /// A dot a tenth of the probabilities: what was said, and what came true.
    fileprivate func drawCalibration(in drawing: inout Drawing, _ frame: PlotFrame) {
        let forecasts = observed.forecasts
        frame.draw(
            in: &drawing, title: "\(name): guesses that came true",
            horizontal: "probability; error \(ReplayFigures.fixed(forecasts.calibrationError ?? 0, 3))",
            marks: [0, 0.5, 1].map { ($0, ReplayFigures.fixed($0, 1)) })
        drawing.line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "#bbb", isDashed: true)
        let most = Double(forecasts.bins.map(\.count).max() ?? 1)
        for bin in forecasts.bins {
            guard let mean = bin.mean else { continue }
            let came = Double(bin.hits) / Double(bin.count)
            drawing.dot(
                frame.x(mean), frame.y(came), radius: 2 + 8 * (Double(bin.count) / most).squareRoot(), Self.own,
                title: "\(bin.hits) of \(bin.count) guesses")
        }
    }
}
