import ForerunCore
import ForerunStore
import OrderedCollections

/// What many runs came to together: over time, by agent, tool, source of guesses and model.
///
/// A fold over summaries, the newest first or in any other order.
struct ReportFigures: Sendable {
    private struct Sum {
        var runs = 0
        /// Of runs that came to an end: what they took, and what speculation took off.
        var seconds = 0.0
        var saved = 0.0
        var wastedSeconds = 0.0
        var calls = 0
        var callHits = 0
        var turns = 0
        var turnHits = 0
        var tokens = 0
        var wastedTokens = 0

        mutating func add(_ run: RunSummary) {
            runs += 1
            // What a run without an end had saved, nobody knows.
            if let saved = run.number("savedSeconds") {
                seconds += run.number("seconds") ?? 0
                self.saved += saved
            }
            wastedSeconds += run.number("wastedSeconds") ?? 0
            calls += run.count("calls")
            callHits += run.count("callHits")
            turns += run.count("turns")
            turnHits += run.count("turnHits")
            tokens += run.tokens
            wastedTokens += run.count("wastedTokens")
        }

        var members: [(String, JSON)] {
            [
                ("runs", .int(runs)), ("seconds", .seconds(seconds)), ("savedSeconds", .seconds(saved)),
                ("wastedSeconds", .seconds(wastedSeconds)), ("calls", .int(calls)), ("callHits", .int(callHits)),
                ("turns", .int(turns)), ("turnHits", .int(turnHits)), ("tokens", .int(tokens)),
                ("wastedTokens", .int(wastedTokens)),
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

    private struct Cost {
        var requests = 0
        var input = 0
        var output = 0
        var unpriced = 0
        var money: [String: Double] = [:]
    }

    private struct CostKey: Hashable {
        var model: String
        var outcome: String
    }

    private struct Bin {
        var count = 0
        var expected = 0.0
        var hits = 0
    }

    private var total = Sum()
    private var days: [String: Sum] = [:]
    private var agents: [String: Sum] = [:]
    private var tools: [String: Part] = [:]
    private var sources: [String: Part] = [:]
    private var costs: [CostKey: Cost] = [:]
    private var bins = [Bin](repeating: Bin(), count: 10)
    private var ends: [String: Int] = [:]

    mutating func add(_ run: RunSummary) {
        total.add(run)
        days[String(run.name.began.prefix(10)), default: Sum()].add(run)
        agents[run.text("agent") ?? "", default: Sum()].add(run)
        ends[run.end, default: 0] += 1
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
        for (index, bin) in (run.json["forecasts"]?.arrayValue ?? []).prefix(bins.count).enumerated() {
            guard let fields = bin.arrayValue, fields.count == 3 else { continue }
            bins[index].count += fields[0].countValue ?? 0
            bins[index].expected += fields[1].doubleValue ?? 0
            bins[index].hits += fields[2].countValue ?? 0
        }
        for row in run.json["costs"]?.arrayValue ?? [] {
            let key = CostKey(
                model: row["model"]?.stringValue ?? "unknown", outcome: row["outcome"]?.stringValue ?? "")
            costs[key, default: Cost()].requests += row["requests"]?.countValue ?? 0
            costs[key]?.input += row["input"]?.countValue ?? 0
            costs[key]?.output += row["output"]?.countValue ?? 0
            costs[key]?.unpriced += row["unpriced"]?.countValue ?? 0
            for (currency, money) in row["money"]?.objectValue ?? [:] {
                costs[key]?.money[currency, default: 0] += money.doubleValue ?? 0
            }
        }
    }

    /// - Parameter reading: how far the logs are read; `nil`: all are.
    func json(reading: JSON?) -> JSON {
        [
            "reading": reading ?? .null, "total": JSON(members: total.members),
            "days": .array(
                days.sorted { $0.key < $1.key }.map { JSON(members: [("day", .string($0.key))] + $0.value.members) }),
            "agents": .array(
                agents.sorted { ($1.value.runs, $0.key) < ($0.value.runs, $1.key) }.map {
                    JSON(members: [("agent", .string($0.key))] + $0.value.members)
                }),
            "ends": .array(
                ends.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                    ["end": .string($0.key), "runs": .int($0.value)]
                }),
            "tools": .array(
                sorted(tools).map { name, part in
                    [
                        "tool": .string(name), "calls": .int(part.count), "hits": .int(part.hits),
                        "errors": .int(part.errors), "seconds": .seconds(part.seconds),
                    ]
                }),
            "sources": .array(
                sorted(sources).map { name, part in
                    [
                        "source": .string(name), "guesses": .int(part.count), "hits": .int(part.hits),
                        "expected": .seconds(part.expected),
                    ]
                }),
            "calibration": .array(
                bins.map { ["count": .int($0.count), "expected": .seconds($0.expected), "hits": .int($0.hits)] }),
            "costs": .array(
                costs.sorted { ($0.key.model, $0.key.outcome) < ($1.key.model, $1.key.outcome) }.map { key, cost in
                    [
                        "model": .string(key.model), "outcome": .string(key.outcome), "requests": .int(cost.requests),
                        "input": .int(cost.input), "output": .int(cost.output), "unpriced": .int(cost.unpriced),
                        "money": JSON(
                            members: cost.money.sorted { $0.key < $1.key }.map { ($0.key, .seconds($0.value)) }),
                    ]
                }),
        ]
    }

    private func sorted(_ parts: [String: Part]) -> [(key: String, value: Part)] {
        parts.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    }
}
