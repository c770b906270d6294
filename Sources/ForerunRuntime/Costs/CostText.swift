package import ForerunCore
import ForerunStore

/// What runs took, for people and for programs.
package enum CostText {
    /// A table: a line for each model, role and outcome, and the sum.
    ///
    /// - Parameter countsRuns: says how many there are.
    package static func lines(_ book: CostBook, countsRuns: Bool = true) -> [String] {
        let leftOut = book.unreadable.map { "left out: \($0)" }
        guard !book.runs.isEmpty else { return leftOut }
        var rows = [
            ["model", "role", "outcome", "requests", "input", "cached", "written", "output", "reasoning", "money"]
        ]
        for (key, sum) in book.sums {
            rows.append([key.model ?? "unknown", key.role, key.outcome.rawValue] + cells(sum))
        }
        if book.sums.count > 1 { rows.append(["sum", "", ""] + cells(book.total)) }
        var lines = table(rows)
        let runs = PresentedNumber.count(book.runs.count, "run")
        let open = book.runs.count { $0.end == nil }
        if countsRuns {
            lines.append(open == 0 ? runs : "\(runs), \(open) without an end in the log")
        }
        if book.total.estimated > 0 {
            lines.append(
                "tokens of \(PresentedNumber.count(book.total.estimated, "request")) are estimated: ended early, or not reported"
            )
        }
        let failed = book.runs.reduce(0) { $0 + $1.failedAttempts }
        if failed > 0 {
            lines.append("\(PresentedNumber.count(failed, "attempt")) brought no answer: what they cost is unknown")
        }
        if !book.total.pricesOf.isEmpty {
            lines.append("by the prices of \(book.total.pricesOf.sorted().joined(separator: ", "))")
        }
        if book.total.unpriced > 0 {
            lines.append(
                "prices of \(PresentedNumber.count(book.total.unpriced, "request")) are unknown: set endpoints.NAME.models.MODEL.price"
            )
        }
        return lines + leftOut
    }

    /// An object for each run, and the sum of all.
    package static func objects(_ book: CostBook) -> [JSON] {
        let runs = book.runs.map { run -> JSON in
            [
                "type": "cost.run", "run": .string(run.run), "agent": .string(run.agent),
                "end": run.end.map { .string($0) } ?? .null,
                "costs": .array(run.sums.sorted { $0.key < $1.key }.map { object($0.key, $0.value) }),
                "total": object(run.total), "failedAttempts": .int(run.failedAttempts),
            ]
        }
        return runs + [
            [
                "type": "cost.total", "runs": .int(book.runs.count),
                "costs": .array(book.sums.map { object($0.key, $0.sum) }), "total": object(book.total),
                "unreadable": .array(book.unreadable.map { .string($0) }),
            ]
        ]
    }

    private static func object(_ key: RunCosts.Key, _ sum: RunCosts.Sum) -> JSON {
        var members: [(String, JSON)] = [
            ("model", key.model.map { .string($0) } ?? .null), ("role", .string(key.role)),
            ("outcome", .string(key.outcome.rawValue)),
        ]
        members += object(sum).objectValue?.map { ($0.key, $0.value) } ?? []
        return JSON(members: members)
    }

    /// `money` holds what is known; `null` where nothing is.
    private static func object(_ sum: RunCosts.Sum) -> JSON {
        let money = sum.money.sorted { $0.key < $1.key }.map { ($0.key, JSON.number(JSONNumber($0.value))) }
        return [
            "requests": .int(sum.requests), "usage": sum.usage.json,
            "money": money.isEmpty ? .null : JSON(members: money),
            "unpriced": .int(sum.unpriced), "estimated": .int(sum.estimated),
        ]
    }

    private static func cells(_ sum: RunCosts.Sum) -> [String] {
        let usage = sum.usage
        let counts = [sum.requests, usage.input, usage.cached, usage.written, usage.output, usage.reasoning]
        return counts.map { "\($0)" } + [money(sum)]
    }

    /// `0.1234 USD`; `unknown`; `0.1234 USD and unknown`.
    private static func money(_ sum: RunCosts.Sum) -> String {
        var parts = sum.money.sorted { $0.key < $1.key }.map { "\(PresentedNumber.fixed($0.value, 4)) \($0.key)" }
        if sum.unpriced > 0 { parts.append("unknown") }
        return parts.isEmpty ? "–" : parts.joined(separator: " and ")
    }

    /// Words to the left, numbers to the right.
    private static func table(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                if column == row.count - 1 { return cell }
                return column < 3 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
    }
}
