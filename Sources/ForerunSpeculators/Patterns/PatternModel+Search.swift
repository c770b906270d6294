import ForerunCore

/// A call that the search found, with the probability that it is the next one.
struct FoundCall {
    let call: Call
    let probability: Float
    let arguments: [ChosenArgument]
}

extension PatternModel {
    /// States that are expanded, and sets of argument names that are tried for a tool.
    private static let expansionLimit = 40
    private static let setsPerTool = 2

    /// A call of which some arguments are chosen.
    private struct State {
        let probability: Float
        let tool: Int
        let set: ToolKnowledge.ArgumentSet
        /// The arguments before the last.
        var chosen: [ChosenArgument] = []
        /// The last one, not looked at closely yet: its argument, and which candidate it is.
        var last: (argument: FeatureHash, candidate: Int)?
    }

    /// The most probable calls, the best first. Probabilities only shrink on the way to a whole call, so that the first
    /// ones to be whole are the best ones.
    func search(
        _ run: RunIndex, _ tools: PatternTools, _ decision: Decision, width: Int, _ cache: inout RankingCache
    ) -> [FoundCall] {
        var open: [State] = []
        for (index, tool) in tools.entries.enumerated() {
            let number = decision.tools[index].column - 1
            let learnt = number < 0 ? [] : self.tools[number].sets
            let sets = learnt.isEmpty ? tool.declared : learnt
            let total = Float(sets.reduce(0) { $0 + $1.count })
            for set in sets.prefix(Self.setsPerTool) {
                let share = Float(set.count) / total
                open.append(State(probability: decision.probabilities[index + 1] * share, tool: index, set: set))
            }
        }
        var found: [FoundCall] = []
        var expanded = 0
        while found.count < width, expanded < Self.expansionLimit, let best = Self.best(open) {
            var state = open.remove(at: best)
            let tool = tools.entries[state.tool]
            if let (key, index) = state.last, let ranking = cache.rankings[key] {
                let name = state.set.names[state.chosen.count]
                let known = ranking.knowledge.map { arguments[$0] }
                state.chosen.append(Self.chosen(ranking.candidates[index], name, key, run, known))
            }
            guard state.chosen.count < state.set.names.count else {
                let members = state.chosen.map { ($0.name, $0.value) }
                let call = Call(tool.name, JSON(members: members))
                found.append(FoundCall(call: call, probability: state.probability, arguments: state.chosen))
                continue
            }
            expanded += 1
            let name = state.set.names[state.chosen.count]
            let key = Naming.argument(state.set.hashes[state.chosen.count], of: tool.hash)
            if cache.rankings[key] == nil {
                cache.rankings[key] = ranking(run, argument: name, key: key, &cache)
            }
            guard let ranking = cache.rankings[key] else { continue }
            let choice = rank(run, ranking, state.chosen)
            for index in Self.best(choice.probabilities.dropLast(), 2 * width) {
                open.append(
                    State(
                        probability: state.probability * choice.probabilities[index], tool: state.tool,
                        set: state.set, chosen: state.chosen, last: (key, index)))
            }
        }
        return found
    }

    private static func chosen(
        _ candidate: Candidate, _ name: String, _ key: FeatureHash, _ run: RunIndex, _ known: ArgumentKnowledge?
    ) -> ChosenArgument {
        var argument = ChosenArgument(
            name: name, hash: key, valueHash: candidate.hash, value: candidate.value(in: run, known),
            derivation: candidate.derivation(in: run, known))
        for (index, occurrence) in candidate.occurrences.enumerated() {
            argument.add(occurrence)
            if index < 2 { argument.sources.append(occurrence.sourceHash) }
        }
        return argument
    }

    /// The most probable state; of equals the oldest.
    private static func best(_ open: [State]) -> Int? {
        guard var best = open.indices.first else { return nil }
        for index in open.indices where open[index].probability > open[best].probability { best = index }
        return best
    }

    /// The indices of the greatest, the greatest first.
    private static func best(_ probabilities: ArraySlice<Float>, _ limit: Int) -> [Int] {
        var best: [Int] = []
        best.reserveCapacity(limit + 1)
        for index in probabilities.indices {
            let value = probabilities[index]
            if best.count == limit, value <= probabilities[best[limit - 1]] { continue }
            var place = best.count
            while place > 0, probabilities[best[place - 1]] < value { place -= 1 }
            best.insert(index, at: place)
            if best.count > limit { best.removeLast() }
        }
        return best
    }
}
