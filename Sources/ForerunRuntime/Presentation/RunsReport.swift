package import ForerunCore
package import ForerunStore

/// What many runs came to together: hits, time, tokens and money, by agent, tool and source of guesses.
package struct RunsReport: Sendable {
    private struct Tally {
        var runs = 0
        var seconds = 0.0
        var saved = 0.0
        var wasted = 0.0
        var calls = 0
        var callHits = 0
        var turns = 0
        var turnHits = 0
        var tokens = 0
        var wastedTokens = 0
        /// `nil` once a price is unknown.
        var cost: Double? = 0
        var extraCost: Double? = 0

        mutating func add(_ run: RunSummary) {
            runs += 1
            // What a run without an end had saved, nobody knows.
            if let saved = run.number("savedSeconds") {
                seconds += run.number("seconds") ?? 0
                self.saved += saved
            }
            wasted += run.number("wastedSeconds") ?? 0
            calls += run.count("calls")
            callHits += run.count("callHits")
            turns += run.count("turns")
            turnHits += run.count("turnHits")
            tokens += run.tokens
            wastedTokens += run.count("wastedTokens")
            cost = cost.flatMap { sum in run.number("cost").map { sum + $0 } }
            extraCost = extraCost.flatMap { sum in run.number("extraCost").map { sum + $0 } }
        }

        var json: JSON {
            [
                "runs": .int(runs), "seconds": .seconds(seconds), "savedSeconds": .seconds(saved),
                "wastedSeconds": .seconds(wasted), "calls": .int(calls), "callHits": .int(callHits),
                "turns": .int(turns), "turnHits": .int(turnHits), "tokens": .int(tokens),
                "wastedTokens": .int(wastedTokens), "cost": .optional(cost), "extraCost": .optional(extraCost),
            ]
        }
    }

    private struct Part {
        var count = 0
        var hits = 0
        var errors = 0
        var seconds = 0.0
        var expected = 0.0
    }

    private var total = Tally()
    private var agents: [String: Tally] = [:]
    private var tools: [String: Part] = [:]
    private var sources: [String: Part] = [:]
    /// The share of time saved by each run, the oldest first.
    private var savings: [Double] = []

    /// - Parameter runs: the newest first.
    package init(_ runs: [RunSummary]) {
        for run in runs.reversed() {
            total.add(run)
            agents[run.text("agent") ?? "", default: Tally()].add(run)
            for tool in run.json["tools"]?.arrayValue ?? [] {
                let name = tool["name"]?.stringValue ?? ""
                tools[name, default: Part()].count += tool["calls"]?.countValue ?? 0
                tools[name]?.hits += tool["hits"]?.countValue ?? 0
                tools[name]?.errors += tool["errors"]?.countValue ?? 0
                tools[name]?.seconds += tool["seconds"]?.doubleValue ?? 0
            }
            for source in run.json["sources"]?.arrayValue ?? [] {
                let name = source["source"]?.stringValue ?? ""
                sources[name, default: Part()].count += source["guesses"]?.countValue ?? 0
                sources[name]?.hits += source["hits"]?.countValue ?? 0
                sources[name]?.expected += source["expected"]?.doubleValue ?? 0
            }
            if let saved = run.number("savedSeconds"), let seconds = run.number("seconds"), saved + seconds > 0 {
                savings.append(saved / (saved + seconds))
            }
        }
    }

    package var json: JSON {
        [
            "type": "report", "total": total.json,
            "agents": .array(sorted(agents, by: \.runs).map { ["agent": .string($0.key), "figures": $0.value.json] }),
            "tools": .array(
                sorted(tools, by: \.count).map { name, part in
                    [
                        "tool": .string(name), "calls": .int(part.count), "hits": .int(part.hits),
                        "errors": .int(part.errors), "seconds": .seconds(part.seconds),
                    ]
                }),
            "sources": .array(
                sorted(sources, by: \.count).map { name, part in
                    [
                        "source": .string(name), "guesses": .int(part.count), "hits": .int(part.hits),
                        "expected": .seconds(part.expected),
                    ]
                }),
        ]
    }

    package func lines(_ style: ViewStyle) -> [String] {
        var rows: [(String, String)] = [
            ("runs", "\(total.runs)"),
            (
                "time",
                "\(PresentedNumber.seconds(total.seconds)), \(PresentedNumber.seconds(total.saved)) saved\(share)"
            ),
            (
                "hits",
                "\(PresentedNumber.share(total.callHits, of: total.calls, "call")), "
                    + PresentedNumber.share(total.turnHits, of: total.turns, "turn")
            ),
            (
                "wasted",
                "\(PresentedNumber.seconds(total.wasted)) of work, \(PresentedNumber.count(total.wastedTokens, "token"))"
            ), ("used", PresentedNumber.count(total.tokens, "token")),
        ]
        if let cost = total.cost, cost > 0 {
            rows.append(
                (
                    "cost",
                    "\(PresentedNumber.fixed(cost, 4)), \(PresentedNumber.fixed(total.extraCost ?? 0, 4)) of it for nothing"
                ))
        }
        if savings.count > 1 {
            rows.append(("saved", Self.sparkline(savings.suffix(60), style) + "  share of time, run by run"))
        }
        var lines = rows.map { $0.0 + String(repeating: " ", count: 8 - $0.0.count) + $0.1 }
        if !tools.isEmpty { lines += ["", style.paint("tool", .dim)] }
        for (name, part) in sorted(tools, by: \.count) {
            lines.append(
                "  \(DisplayText.line(name, limit: 40)): \(PresentedNumber.share(part.hits, of: part.count, "call")) ahead, "
                    + "\(PresentedNumber.seconds(part.seconds)), \(PresentedNumber.count(part.errors, "error"))")
        }
        if !sources.isEmpty { lines += ["", style.paint("source of guesses", .dim)] }
        for (name, part) in sorted(sources, by: \.count) {
            let came = part.count > 0 ? Double(part.hits) / Double(part.count) * 100 : 0
            let said = part.count > 0 ? part.expected / Double(part.count) * 100 : 0
            lines.append(
                "  \(DisplayText.line(name, limit: 40)): \(part.hits) of \(part.count) came true "
                    + "(\(PresentedNumber.fixed(came, 0)) %, expected \(PresentedNumber.fixed(said, 0)) %)")
        }
        return lines
    }

    private var share: String {
        let whole = total.seconds + total.saved
        return whole > 0 ? " (\(PresentedNumber.fixed(total.saved / whole * 100, 0)) %)" : ""
    }

    private static func sparkline(_ values: some Collection<Double>, _ style: ViewStyle) -> String {
        let steps = Array(style.unicode ? "▁▂▃▄▅▆▇█" : "_.-=+*#@")
        let top = max(values.max() ?? 0, 0.000_1)
        return String(values.map { steps[Int((max(0, $0) / top * Double(steps.count - 1)).rounded())] })
    }

    private func sorted<Value>(_ parts: [String: Value], by size: KeyPath<Value, Int>) -> [(key: String, value: Value)]
    {
        parts.sorted { ($1.value[keyPath: size], $0.key) < ($0.value[keyPath: size], $1.key) }
    }
}
