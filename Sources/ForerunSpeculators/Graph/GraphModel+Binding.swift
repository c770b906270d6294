package import ForerunCore

extension GraphModel {
    private static let toolsTried = 6
    private static let valuesTried = 4
    private static let constantsTried = 8
    /// An argument that fewer of its tool's calls had is left out, unless it is required.
    private static let leastPresence = 0.5
    private static let leastProbability = 1e-4

    /// The calls that may come next, the most probable first.
    package func predictions(_ run: GraphRun, _ tools: [GraphTool], width: Int) -> [(call: Call, probability: Double)] {
        let ranked = self.tools(run, tools).filter { $0.name != Self.none }
            .sorted { ($0.probability, $1.name) > ($1.probability, $0.name) }
        var found: [(call: Call, probability: Double)] = []
        for (name, probability) in ranked.prefix(Self.toolsTried) where probability > Self.leastProbability {
            guard let tool = tools.first(where: { $0.name == name }) else { continue }
            found += calls(of: tool, run, width: width).map { ($0.call, $0.probability * probability) }
        }
        let order = found.indices.sorted { (found[$0].probability, $1) > (found[$1].probability, $0) }
        return order.prefix(width).map { found[$0] }
    }

    /// The names of the tools that may be called next, `nil` for no call, the most probable first.
    package func ranking(_ run: GraphRun, _ tools: [GraphTool]) -> [String?] {
        self.tools(run, tools).sorted { ($0.probability, $1.name) > ($1.probability, $0.name) }
            .map { $0.name == Self.none ? nil : $0.name }
    }

    /// Calls of one tool: the best value of each argument, and the best changes of one of them.
    private func calls(of tool: GraphTool, _ run: GraphRun, width: Int) -> [(call: Call, probability: Double)] {
        let total = calls[tool.name] ?? 0
        var choices: [(name: String, values: [(value: JSON, probability: Double)])] = []
        for name in names(of: tool) {
            let presence = (arguments[Self.argument(name, of: tool.name)]?.count ?? 0) / max(1, total)
            guard tool.required.contains(name) || presence >= Self.leastPresence else { continue }
            let values = values(for: name, of: tool, run)
            guard !values.isEmpty else { return [] }
            choices.append((name, values))
        }
        let base = choices.reduce(1.0) { $0 * $1.values[0].probability }
        var picks = [(pick: [Int](repeating: 0, count: choices.count), probability: base)]
        for (index, choice) in choices.enumerated() {
            for other in choice.values.indices.dropFirst() {
                var pick = picks[0].pick
                pick[index] = other
                picks.append((pick, base / choice.values[0].probability * choice.values[other].probability))
            }
        }
        let order = picks.indices.sorted { (picks[$0].probability, $1) > (picks[$1].probability, $0) }
        return order.prefix(width).map { number in
            let members = zip(choices, picks[number].pick).map { ($0.name, $0.values[$1].value) }
            return (Call(tool.name, JSON(members: members)), picks[number].probability)
        }
    }

    /// The arguments of a tool: of its schema, and those that it was called with.
    private func names(of tool: GraphTool) -> [String] {
        let prefix = Self.argument("", of: tool.name)
        let seen = arguments.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
        return tool.properties + seen.filter { !tool.properties.contains($0) }
    }

    /// Values that an argument may have, the most probable first; together at most 1.
    private func values(
        for name: String, of tool: GraphTool, _ run: GraphRun
    ) -> [(value: JSON, probability: Double)] {
        let key = Self.argument(name, of: tool.name)
        let argument = arguments[key] ?? Argument()
        // P(no source that is there means this value)
        var missing: [JSON: Double] = [:]
        var order: [JSON] = []
        func add(_ value: JSON, _ probability: Double) {
            if missing[value] == nil { order.append(value) }
            missing[value, default: 1] *= 1 - min(probability, 0.999)
        }
        // Names say little where experience speaks.
        let isKnown = argument.count >= 8
        for source in (isKnown ? Array(argument.links.keys) : Array(run.sightings.keys)).sorted() {
            guard let all = run.sightings[source] else { continue }
            let link = argument.links[source]
            let prior = isKnown ? 0 : run.names[source].map { tool.fit(of: $0, for: name) } ?? 0
            guard link != nil || prior > 0 else { continue }
            let precision = precision(link ?? Link(), prior)
            guard precision > 0.02 else { continue }
            let weights = all.map { sighting in
                let kind = Self.kind(sighting, of: all, isUsed: run.hasUsed(sighting.value, for: key))
                // Unused, recent and first ones are better, where nothing else is known.
                let usual = [0.5, 0.3, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05][kind]
                return ((link?.taken[kind] ?? 0) + usual) / ((link?.offered[kind] ?? 0) + 1)
            }
            let sum = weights.reduce(0, +)
            for (sighting, weight) in zip(all, weights) where tool.accepts(sighting.value, for: name) {
                add(sighting.value, precision * weight / sum)
            }
        }
        let constants = argument.constants.filter {
            $0.value.isKept || $0.value.count > 1 && !run.sources(of: $0.key).isEmpty
        }
        .map { (value: $0.key, count: $0.value.count, text: $0.key.canonicalText) }
        .sorted { ($0.count, $1.text) > ($1.count, $0.text) }
        for constant in constants.prefix(Self.constantsTried) {
            add(constant.value, 0.9 * Double(constant.count) / (argument.count + 1))
        }
        let scored = order.enumerated().map { (index: $0, value: $1, score: 1 - (missing[$1] ?? 1)) }
            .sorted { ($0.score, $1.index) > ($1.score, $0.index) }
        let sum = scored.reduce(0.05) { $0 + $1.score }
        return scored.prefix(Self.valuesTried).map { ($0.value, $0.score / max(1, sum)) }
    }
}
