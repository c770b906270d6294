import ForerunCore
import ForerunRecords

/// How many recorded outputs a domain's tools give again, to the byte.
struct Fidelity {
    struct Count {
        var calls = 0
        var equal = 0
        var share: Double { calls == 0 ? 1 : Double(equal) / Double(calls) }
    }

    private(set) var tools: [String: Count] = [:]
    /// Recorded outputs that no tool gave: faults that the recording harness put in.
    private(set) var injected = 0
    /// Outputs that differ only in what an address calls its `state`: `province`.
    private(set) var renamed = 0
    /// Refusals that differ only in their capitals.
    private(set) var reworded = 0
    /// Kinds of difference, how often, and an example each.
    private(set) var differences: [String: (count: Int, example: String)] = [:]

    var total: Count {
        tools.values.reduce(into: Count()) {
            $0.calls += $1.calls
            $0.equal += $1.equal
        }
    }

    /// Performs the calls of a run one after the other in a world of their own; compares those of `tools`, or all.
    mutating func replay(_ run: JSON, in environment: RecordsEnvironment, _ number: Int, only tools: Set<String>? = nil)
        async throws
    {
        let world = WorldID(number)
        try await environment.fork(.initial, as: world)
        let events = run["events"]?.arrayValue ?? []
        var results: [String: String] = [:]
        for event in events where event["type"] == "tool_result" {
            results[event["call_id"]?.stringValue ?? ""] = event["result"]?.stringValue
        }
        for event in events where event["type"] == "tool_call" {
            guard let name = event["name"]?.stringValue, let recorded = results[event["call_id"]?.stringValue ?? ""]
            else { continue }
            let call = Call(name, event["arguments"] ?? [:])
            // What was not performed then must not be performed now.
            if recorded.hasPrefix("Error: 503 ") {
                injected += 1
                continue
            }
            let output = try await environment.perform(call, in: world, context: CallContext()).output.text
            if let tools, !tools.contains(name) { continue }
            note(name, recorded, output, "\(run["id"]?.stringValue ?? "") \(call.arguments.text)")
        }
        await environment.discard(world)
    }

    private mutating func note(_ tool: String, _ recorded: String, _ output: String, _ place: String) {
        tools[tool, default: Count()].calls += 1
        if recorded == output {
            tools[tool, default: Count()].equal += 1
        } else {
            let kind = "\(tool): \(kind(recorded, output))"
            differences[kind, default: (0, "\(place)\n    \(recorded)\n    \(output)")].count += 1
        }
    }

    private mutating func kind(_ recorded: String, _ output: String) -> String {
        if recorded.split(separator: #""province": "#, omittingEmptySubsequences: false).joined(
            separator: #""state": "#)
            == output
        {
            renamed += 1
            return "recorded with 'province' for 'state'"
        }
        if recorded.hasPrefix("Error"), recorded.lowercased() == output.lowercased() {
            reworded += 1
            return "recorded with another capital"
        }
        if recorded.hasPrefix("Error") { return "recorded '\(recorded.prefix(60))', now '\(output.prefix(60))'" }
        if output.hasPrefix("Error") { return "recorded an answer, now '\(output.prefix(60))'" }
        return "other contents"
    }

    var report: String {
        var text = ""
        for (name, count) in tools.sorted(by: { $0.key < $1.key }) {
            text += "  \(name) \(count.equal)/\(count.calls)\n"
        }
        text += "  all \(total.equal)/\(total.calls) = \(total.share); injected faults left out: \(injected)\n"
        for (kind, found) in differences.sorted(by: { $0.key < $1.key }) {
            text += "  \(found.count) × \(kind), such as \(found.example.prefix(300))\n"
        }
        return text
    }
}
