extension Estimates {
    private static let version = 1

    /// Everything that was learnt, to be kept for later runs.
    ///
    /// `latencies`: rows of kind, count, and bins (number, weight, weighted seconds), the weights relative to the latest
    /// observation. `tokens`: rows of role, count, output, input, cached.
    package var snapshot: JSON {
        let latencies = latencies.compactMap { kind, latency in kind.json.map { ($0, latency) } }
            .sorted { $0.0.text < $1.0.text }
            .map { kind, latency -> JSON in [kind, .int(latency.count), latency.binsJSON] }
        let tokens = tokens.sorted { $0.key < $1.key }
            .map { role, known -> JSON in
                [
                    .string(role), .seconds(known.count), .seconds(known.output), .seconds(known.input),
                    .seconds(known.cached),
                ]
            }
        return ["version": .int(Self.version), "latencies": .array(latencies), "tokens": .array(tokens)]
    }

    /// Reads a snapshot; what makes no sense is left out.
    package init(snapshot: JSON) {
        guard snapshot["version"]?.intValue == Self.version else { return }
        for row in (snapshot["latencies"]?.arrayValue ?? []).prefix(Self.limit) {
            guard let fields = row.arrayValue, fields.count == 3, let kind = Kind(fields[0]),
                let count = fields[1].intValue, let latency = LatencyEstimate(bins: fields[2], count: count)
            else { continue }
            latencies[kind] = latency
        }
        for row in (snapshot["tokens"]?.arrayValue ?? []).prefix(Self.limit) {
            guard let fields = row.arrayValue, fields.count == 5, let role = fields[0].stringValue else { continue }
            let numbers = fields[1...].compactMap(\.doubleValue)
            guard numbers.count == 4, numbers.allSatisfy({ $0 >= 0 && $0 <= 1e12 }), numbers[0] >= 1 else { continue }
            tokens[role] = Tokens(count: numbers[0], output: numbers[1], input: numbers[2], cached: numbers[3])
        }
    }
}

extension Estimates.Kind {
    fileprivate var json: JSON? {
        switch self {
        case .answer(let resource, let role, let size):
            guard let endpoint = resource?.endpoint else { return nil }
            return ["answer", .string(endpoint), .string(role), size.map { .int($0) } ?? .null]
        case .tool(let name): return ["tool", .string(name)]
        case .anyTool: return ["anyTool"]
        case .prediction(let source): return ["prediction", .string(source)]
        }
    }

    fileprivate init?(_ json: JSON) {
        guard let fields = json.arrayValue else { return nil }
        let texts = fields.map(\.stringValue)
        switch (texts.first ?? nil, fields.count) {
        case ("answer", 4):
            guard let endpoint = texts[1], let role = texts[2] else { return nil }
            self = .answer(.endpoint(endpoint), role: role, size: fields[3].intValue)
        case ("tool", 2):
            guard let name = texts[1] else { return nil }
            self = .tool(name)
        case ("anyTool", 1): self = .anyTool
        case ("prediction", 2):
            guard let source = texts[1] else { return nil }
            self = .prediction(source: source)
        default: return nil
        }
    }
}
