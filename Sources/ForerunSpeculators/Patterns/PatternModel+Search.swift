import ForerunCore
import OrderedCollections

/// A call that the search found, with the probability that it is the next one.
struct FoundCall {
    let call: Call
    fileprivate(set) var probability: Float
    let arguments: [FoundArgument]
}

extension PatternModel {
    /// States that are expanded, and sets of argument names that are tried for a tool.
    private static let expansionLimit = 40
    private static let setsPerTool = 2

    /// A call of which some arguments are chosen. A plain value: the arguments before are those of its parent.
    private struct State {
        let probability: Float
        /// Of the tools on offer, and of the sets of its argument names.
        let tool: Int32
        let set: Int32
        /// How many arguments are chosen.
        let depth: Int32
        let parent: Int32
        /// The last argument: its ranking, and which candidate it is.
        let ranking: Int32
        let candidate: Int32
    }

    /// The most probable calls, the best first. Probabilities only shrink on the way to a whole call, so that the first
    /// ones to be whole are the best ones.
    func search(
        _ run: RunIndex, _ view: RunView, _ tools: PatternTools, _ decision: Decision, width: Int,
        _ cache: inout RankingCache
    ) -> [FoundCall] {
        var states: [State] = []
        var open: [Int32] = []
        states.reserveCapacity(160)
        open.reserveCapacity(160)
        addRoots(tools, decision, &states, &open)
        var found: [FoundCall] = []
        var choice = RankedChoice()
        var expanded = 0
        while found.count < width, expanded < Self.expansionLimit, let place = Self.best(open, states) {
            let number = open[place]
            open.remove(at: place)
            let state = states[Int(number)]
            let tool = tools.entries[Int(state.tool)]
            let names = set(Int(state.set), of: tool, decision.tools[Int(state.tool)].column - 1)
            guard Int(state.depth) < names.names.count else {
                Self.add(self.found(number, states, tool.name, names, run, view, cache), to: &found)
                continue
            }
            expanded += 1
            let key = Naming.argument(names.hashes[Int(state.depth)], of: tool.hash)
            let ranking = ranking(run, view, argument: names.names[Int(state.depth)], key: key, &cache)
            let chosen = chosen(number, states, view, cache)
            rank(run, view, cache.rankings[ranking], chosen, &cache.groups, &choice)
            Self.findBest(choice.probabilities.dropLast(), 2 * width, &choice.best)
            for index in choice.best {
                open.append(Int32(states.count))
                states.append(
                    State(
                        probability: state.probability * choice.probabilities[index], tool: state.tool,
                        set: state.set, depth: state.depth + 1, parent: number, ranking: Int32(ranking),
                        candidate: Int32(index)))
            }
        }
        return found
    }

    /// A call that is there already, with its arguments in another order, is more probable by this much.
    private static func add(_ new: FoundCall, to found: inout [FoundCall]) {
        guard var place = found.firstIndex(where: { $0.call == new.call }) else { return found.append(new) }
        found[place].probability += new.probability
        while place > 0, found[place].probability > found[place - 1].probability {
            found.swapAt(place, place - 1)
            place -= 1
        }
    }

    private func addRoots(
        _ tools: PatternTools, _ decision: Decision, _ states: inout [State], _ open: inout [Int32]
    ) {
        for (index, tool) in tools.entries.enumerated() {
            let number = decision.tools[index].column - 1
            let isLearnt = number >= 0 && !self.tools[number].sets.isEmpty
            let count = min(Self.setsPerTool, isLearnt ? self.tools[number].sets.count : tool.declared.count)
            for set in 0..<count {
                let share = isLearnt ? self.tools[number].share(ofSet: set) : 1
                open.append(Int32(states.count))
                states.append(
                    State(
                        probability: decision.probabilities[index + 1] * share, tool: Int32(index), set: Int32(set),
                        depth: 0, parent: -1, ranking: -1, candidate: -1))
            }
        }
    }

    private func set(_ index: Int, of tool: PatternTools.Entry, _ number: Int) -> ToolKnowledge.ArgumentSet {
        number >= 0 && !tools[number].sets.isEmpty ? tools[number].sets[index] : tool.declared[index]
    }

    /// The arguments that a state has, the first one first.
    private func chosen(
        _ number: Int32, _ states: [State], _ view: RunView, _ cache: RankingCache
    ) -> [ChosenArgument] {
        path(to: number, states).map { place in
            let ranking = cache.rankings[Int(states[Int(place)].ranking)]
            let candidate = ranking.candidates[Int(states[Int(place)].candidate)]
            var argument = ChosenArgument(hash: ranking.argument, valueHash: candidate.hash)
            for index in 0..<candidate.occurrences.count {
                let occurrence = ranking.occurrence(candidate.occurrences[index], view)
                argument.add(occurrence)
                if index < 2 { argument.add(source: occurrence.sourceHash) }
            }
            return argument
        }
    }

    /// The states with one argument after the other, up to this one.
    private func path(to number: Int32, _ states: [State]) -> [Int32] {
        let depth = Int(states[Int(number)].depth)
        return [Int32](unsafeUninitializedCapacity: depth) { path, count in
            count = depth
            var next = number
            for place in (0..<depth).reversed() {
                path[place] = next
                next = states[Int(next)].parent
            }
        }
    }

    private func found(
        _ number: Int32, _ states: [State], _ tool: String, _ names: ToolKnowledge.ArgumentSet, _ run: RunIndex,
        _ view: RunView, _ cache: RankingCache
    ) -> FoundCall {
        var members: OrderedDictionary<String, JSON> = [:]
        members.reserveCapacity(names.names.count)
        var arguments: [FoundArgument] = []
        arguments.reserveCapacity(names.names.count)
        for place in path(to: number, states) {
            let state = states[Int(place)]
            let ranking = cache.rankings[Int(state.ranking)]
            let candidate = ranking.candidates[Int(state.candidate)]
            let name = names.names[Int(state.depth) - 1]
            members[name] = value(of: candidate, in: ranking, run)
            arguments.append(argument(name, candidate, ranking, run, view))
        }
        return FoundCall(
            call: Call(tool, .object(members)), probability: states[Int(number)].probability, arguments: arguments)
    }

    private func argument(
        _ name: String, _ candidate: Candidate, _ ranking: Ranking, _ run: RunIndex, _ view: RunView
    ) -> FoundArgument {
        var argument = FoundArgument(
            name: name, derivation: derivation(of: candidate, in: ranking, run),
            candidates: ranking.candidates.count, isUsed: view.status(of: candidate.hash, for: ranking.argument) > 0)
        if candidate.occurrences.count > 0 {
            let occurrence = ranking.occurrence(candidate.occurrences[0], view)
            argument.rank = Int(occurrence.rank)
            // Tokens of texts do not know how many there are.
            argument.count = occurrence.kind == .output || occurrence.kind == .key ? Int(occurrence.count) : 1
        }
        if candidate.number >= 0 {
            argument.isSaid = view.isSaid(view.values[Int(candidate.number)].words, .userLast)
        }
        return argument
    }

    /// Where the most probable state stands; of equals the oldest.
    private static func best(_ open: [Int32], _ states: [State]) -> Int? {
        guard !open.isEmpty else { return nil }
        return open.withUnsafeBufferPointer { open in
            states.withUnsafeBufferPointer { states in
                var best = 0
                var greatest = states[Int(open[0])].probability
                for place in 1..<max(1, open.count) where states[Int(open[place])].probability > greatest {
                    best = place
                    greatest = states[Int(open[place])].probability
                }
                return best
            }
        }
    }

    /// The indices of the greatest, the greatest first.
    private static func findBest(_ probabilities: ArraySlice<Float>, _ limit: Int, _ best: inout [Int]) {
        best.removeAll(keepingCapacity: true)
        for index in probabilities.indices {
            let value = probabilities[index]
            if best.count == limit, value <= probabilities[best[limit - 1]] { continue }
            var place = best.count
            while place > 0, probabilities[best[place - 1]] < value { place -= 1 }
            best.insert(index, at: place)
            if best.count > limit { best.removeLast() }
        }
    }
}
