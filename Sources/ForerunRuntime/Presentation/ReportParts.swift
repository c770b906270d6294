import ForerunStore

/// What came of calls and guesses, by tool and by source of guesses: the same words after a run and over many.
enum ReportParts {
    /// Rows of a report at most, for either.
    private static let limit = 12

    /// A row for each tool and each source that had to do with work ahead, those with the most calls and guesses first.
    static func rows(_ tally: RunTally) -> [(String, String)] {
        let tools = tally.tools.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }
        let sources = tally.sources.sorted { ($1.value.guesses, $0.key) < ($0.value.guesses, $1.key) }
        return named("tools", tools.map { text($0.key, $0.value) })
            + named("guesses", sources.map { text($0.key, $0.value) })
    }

    /// `read_file: 5 of 6 calls (83 %) ahead, 0.40 s used, 0.10 s in vain`.
    static func text(_ name: String, _ tool: RunTally.Tool) -> String {
        var parts = ["\(PresentedNumber.share(tool.hits, of: tool.calls, "call")) ahead"]
        parts += seconds(tool.aheadSeconds, tool.wastedSeconds)
        if tool.errors > 0 { parts.append(PresentedNumber.count(tool.errors, "error")) }
        return "\(DisplayText.line(name, limit: 40)): \(parts.joined(separator: ", "))"
    }

    /// `transition: 12 of 15 came true (80 %, said 74 %), 0.40 s used, 0.10 s in vain, 812 tokens`.
    static func text(_ name: String, _ source: RunTally.Source) -> String {
        var parts = ["\(source.hits) of \(source.guesses) came true"]
        if source.guesses > 0 {
            let count = Double(source.guesses)
            let came = PresentedNumber.fixed(Double(source.hits) / count * 100, 0)
            let said = PresentedNumber.fixed(source.expected / count * 100, 0)
            parts[0] += " (\(came) %, said \(said) %)"
        }
        parts += seconds(source.aheadSeconds, source.wastedSeconds)
        if source.tokens > 0 { parts.append(PresentedNumber.count(source.tokens, "token")) }
        if let money = source.money, money > 0 { parts.append("\(PresentedNumber.fixed(money, 4)) of money") }
        return "\(DisplayText.line(name, limit: 40)): \(parts.joined(separator: ", "))"
    }

    private static func seconds(_ used: Double, _ wasted: Double) -> [String] {
        guard used > 0.005 || wasted > 0.005 else { return [] }
        return ["\(PresentedNumber.seconds(used)) used", "\(PresentedNumber.seconds(wasted)) in vain"]
    }

    private static func named(_ name: String, _ lines: [String]) -> [(String, String)] {
        var rows = lines.prefix(limit).enumerated().map { ($0 == 0 ? name : "", $1) }
        if lines.count > limit { rows.append(("", "and \(lines.count - limit) more")) }
        return rows
    }
}
