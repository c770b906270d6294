package import ForerunCore
package import ForerunStore

/// What many runs came to together: hits, time, tokens and money, by agent, tool and source of guesses.
package struct RunsReport: Sendable {
    struct Tally: Sendable {
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

    /// One run, for plots.
    struct Point: Sendable {
        var name: String
        /// Share of the time that was saved; below 0 where it was lost.
        var saved: Double
        /// Share of the calls that were hits; `nil`: there were none.
        var callHits: Double?
        var seconds: Double
    }

    private(set) var total = Tally()
    private(set) var agents: [String: Tally] = [:]
    private(set) var tools: [String: RunTally.Tool] = [:]
    private(set) var sources: [String: RunTally.Source] = [:]
    /// The runs of which it is known what they saved, the oldest first.
    private(set) var points: [Point] = []

    /// - Parameter runs: the newest first.
    package init(_ runs: [RunSummary]) {
        for run in runs.reversed() {
            total.add(run)
            agents[run.text("agent") ?? "", default: Tally()].add(run)
            for tool in run.json["tools"]?.arrayValue ?? [] {
                tools[tool["name"]?.stringValue ?? "", default: RunTally.Tool()].add(RunTally.Tool(json: tool))
            }
            for source in run.json["sources"]?.arrayValue ?? [] {
                let name = source["source"]?.stringValue ?? ""
                sources[name, default: RunTally.Source()].add(RunTally.Source(json: source))
            }
            if let saved = run.number("savedSeconds"), let seconds = run.number("seconds"), saved + seconds > 0 {
                let calls = Double(run.count("calls"))
                points.append(
                    Point(
                        name: run.name.description, saved: saved / (saved + seconds),
                        callHits: calls > 0 ? Double(run.count("callHits")) / calls : nil, seconds: seconds))
            }
        }
    }

    package var json: JSON {
        [
            "type": "report", "total": total.json,
            "agents": .array(sorted(agents, by: \.runs).map { ["agent": .string($0.key), "figures": $0.value.json] }),
            "tools": .array(
                sorted(tools, by: \.calls).map { JSON(members: [("tool", .string($0.key))] + $0.value.members) }),
            "sources": .array(
                sorted(sources, by: \.guesses).map { JSON(members: [("source", .string($0.key))] + $0.value.members) }),
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
        if points.count > 1 {
            let latest = points.suffix(60)
            rows.append(("", Sparkline.text(latest.map(\.saved), style) + "  share of time saved, run by run"))
            rows.append(
                ("", Sparkline.text(latest.map { $0.callHits ?? 0 }, style) + "  share of calls that were hits"))
        }
        var lines = rows.map { $0.0 + String(repeating: " ", count: 8 - $0.0.count) + $0.1 }
        if !tools.isEmpty { lines += ["", style.paint("tools", .dim)] }
        lines += sorted(tools, by: \.calls).map { "  " + ReportParts.text($0.key, $0.value) }
        if !sources.isEmpty { lines += ["", style.paint("sources of guesses", .dim)] }
        lines += sorted(sources, by: \.guesses).map { "  " + ReportParts.text($0.key, $0.value) }
        if agents.count > 1 { lines += ["", style.paint("agents", .dim)] }
        for (name, tally) in sorted(agents, by: \.runs) where agents.count > 1 {
            lines.append("  \(DisplayText.line(name, limit: 40)): \(Self.text(tally))")
        }
        return lines
    }

    /// `12 runs, 3.4 s of 12.0 s saved, 5 of 9 calls (56 %) ahead`.
    private static func text(_ tally: Tally) -> String {
        let whole = PresentedNumber.seconds(tally.seconds + tally.saved)
        return
            "\(PresentedNumber.count(tally.runs, "run")), \(PresentedNumber.seconds(tally.saved)) of \(whole) saved, "
            + "\(PresentedNumber.share(tally.callHits, of: tally.calls, "call")) ahead"
    }

    private var share: String {
        let whole = total.seconds + total.saved
        return whole > 0 ? " (\(PresentedNumber.fixed(total.saved / whole * 100, 0)) %)" : ""
    }

    func sorted<Value>(_ parts: [String: Value], by size: KeyPath<Value, Int>) -> [(key: String, value: Value)] {
        parts.sorted { ($1.value[keyPath: size], $0.key) < ($0.value[keyPath: size], $1.key) }
    }
}
