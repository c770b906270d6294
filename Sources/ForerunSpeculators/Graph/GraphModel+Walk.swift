import ForerunCore

extension GraphModel {
    /// The share of the walk that begins again at the context in each step.
    private static let restart = 0.5
    private static let steps = 8
    /// How much of the walk goes from a context to the sources that were seen last, where nothing is known of it.
    private static let novelty = 2.0

    /// How probable each tool is next, and ``none``: a walk from tool to tool with restarts (personalised PageRank; Page, Brin,
    /// Motwani and Winograd, 1999). It begins where the present context leads, and where the sources do that were seen.
    func tools(_ run: GraphRun, _ tools: [GraphTool]) -> [(name: String, probability: Double)] {
        let start = beginning(run, tools)
        let onward = tools.map { successors(of: "\($0.name) ok", tools) }
        var present = start
        for _ in 0..<Self.steps {
            var next = start.map { $0 * Self.restart }
            for (index, share) in present.enumerated() where share > 1e-6 && index < onward.count {
                for (place, weight) in onward[index] { next[place] += (1 - Self.restart) * share * weight }
            }
            present = next
        }
        // What is reached in one step is what comes next; the rest of the walk tells what comes soon.
        let mixed = zip(start, present).map { 0.9 * $0 + 0.1 * $1 }
        let sum = mixed.reduce(0, +)
        guard sum > 0 else { return [] }
        let names = tools.map(\.name) + [Self.none]
        return zip(names, mixed).map { ($0, $1 / sum) }
    }

    /// One step from the context: by what came after it, and by the sources that were seen last.
    private func beginning(_ run: GraphRun, _ tools: [GraphTool]) -> [Double] {
        var shares = [Double](repeating: 0, count: tools.count + 1)
        var evidence = 0.0
        for name in Self.contexts(after: run.events) {
            guard let counts = contexts[name], !counts.isEmpty else { continue }
            let total = counts.values.sorted().reduce(0, +)
            let kinds = Double(counts.count)
            for index in shares.indices { shares[index] *= kinds / (total + kinds) }
            for (index, tool) in (tools.map(\.name) + [Self.none]).enumerated() {
                shares[index] += (counts[tool] ?? 0) / (total + kinds)
            }
            evidence = total
        }
        // Tools whose arguments fit what was just seen, known to follow or not.
        let share = Self.novelty / (Self.novelty + evidence)
        let fits = tools.map { tool in
            tool.required.isEmpty ? 0 : tool.required.map { reach(run, tool, $0) }.min() ?? 0
        }
        let sum = fits.reduce(0, +)
        for index in shares.indices {
            shares[index] *= 1 - share
            if sum > 0, index < fits.count { shares[index] += share * fits[index] / sum }
        }
        return shares
    }

    /// How well the sources of the run feed an argument.
    private func reach(_ run: GraphRun, _ tool: GraphTool, _ name: String) -> Double {
        let argument = arguments[Self.argument(name, of: tool.name)]
        var best = 0.0
        if let argument {
            for (source, link) in argument.links where run.sightings[source] != nil {
                best = max(best, precision(link, 0))
            }
        } else {
            for source in run.names.values { best = max(best, tool.fit(of: source, for: name)) }
        }
        return best
    }

    private func successors(of context: String, _ tools: [GraphTool]) -> [(Int, Double)] {
        guard let counts = contexts[context] else { return [] }
        let total = counts.values.sorted().reduce(1, +)
        return tools.indices.compactMap { index in counts[tools[index].name].map { (index, $0 / total) } }
    }

    /// How often a source had the value of an argument where it had any; `prior`: what to expect of it unseen.
    func precision(_ link: Link, _ prior: Double) -> Double { (link.hits + 1.5 * prior) / (link.there + 1.5) }
}
