/// What all pages have around them: no script, no network, light and dark.
package enum PageShell {
    /// A whole document.
    ///
    /// - Parameters:
    ///   - title: as plain text.
    ///   - body: as HTML, made with ``Markup``.
    package static func html(title: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(Markup.escaped(title)) – Forerun</title>
        <style>\(RunPage.style)</style>
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }

    /// `<div><dt>name</dt><dd>value</dd></div>`, one after the other.
    package static func facts(_ facts: [(name: String, value: String)]) -> String {
        facts.map { "<div><dt>\(Markup.escaped($0.name))</dt><dd>\(Markup.escaped($0.value))</dd></div>" }.joined()
    }

    /// A table of which the first column is text and all others are numbers.
    ///
    /// - Parameter head: names of the columns.
    package static func table(_ head: [String], _ rows: [[String]]) -> String {
        guard !rows.isEmpty else { return "" }
        func cells(_ cells: [String], _ tag: String) -> String {
            cells.enumerated().map { index, text in
                "<\(tag)\(index > 0 ? " class=\"number\"" : "")>\(Markup.escaped(text, limit: 80))</\(tag)>"
            }.joined()
        }
        return "<table class=\"figures\"><thead><tr>\(cells(head, "th"))</tr></thead><tbody>"
            + rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n") + "</tbody></table>"
    }
}

/// What came of calls and guesses, as tables and plots of a page.
package enum TallyTables {
    package static func html(tools: [(String, RunTally.Tool)], sources: [(String, RunTally.Source)]) -> String {
        func seconds(_ value: Double) -> String { "\(Markup.number(value, decimals: 2)) s" }
        func percent(_ part: Double, _ whole: Int) -> String {
            whole > 0 ? Markup.number(part / Double(whole) * 100, decimals: 0) + " %" : "–"
        }
        let toolRows = tools.map { name, tool in
            [
                name, "\(tool.calls)", "\(tool.hits)", percent(Double(tool.hits), tool.calls), "\(tool.errors)",
                seconds(tool.seconds), seconds(tool.aheadSeconds), seconds(tool.wastedSeconds),
            ]
        }
        let sourceRows = sources.map { name, source in
            [
                name, "\(source.guesses)", "\(source.hits)", percent(Double(source.hits), source.guesses),
                percent(source.expected, source.guesses), seconds(source.aheadSeconds), seconds(source.wastedSeconds),
                "\(source.tokens)", source.money.map { Markup.number($0, decimals: 4) } ?? "–",
            ]
        }
        let toolPlot = ReportPlots.seconds(
            tools.map { ($0.0, $0.1.aheadSeconds, $0.1.wastedSeconds) }, title: "seconds of calls made ahead, by tool")
        let calibration = ReportPlots.calibration(
            sources.filter { $0.1.guesses > 0 }.map { name, source in
                let count = Double(source.guesses)
                return (name, source.expected / count, Double(source.hits) / count, source.guesses)
            })
        return PageShell.table(
            ["tool", "calls", "hits", "", "errors", "time", "ahead, used", "ahead, in vain"], toolRows)
            + PageShell.table(
                ["source", "guesses", "came true", "", "said", "used", "in vain", "tokens", "money"], sourceRows)
            + "<div class=\"plots\">\(toolPlot)\(calibration)</div>"
    }
}
