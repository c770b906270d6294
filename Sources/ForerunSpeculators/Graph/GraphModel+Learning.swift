package import ForerunCore
import OrderedCollections

extension GraphModel {
    /// Learns a recorded run.
    package mutating func learn(_ entries: [Transcript.Entry]) {
        beginRun()
        var run = GraphRun()
        for entry in entries {
            if case .turn(let turn) = entry { learn(turn, after: run) }
            run.append(entry)
        }
    }

    /// What is learnt from now on is of another run: constants may be kept by how many runs they were seen in.
    package mutating func beginRun() { runs += 1 }

    /// Learns that `turn` came after what `run` holds, in the run that was begun last.
    package mutating func learn(_ turn: Turn, after run: GraphRun) {
        let next = turn.calls.first?.name ?? Self.none
        for name in Self.contexts(after: run.events) {
            guard contexts[name] != nil || contexts.count < Self.contextLimit else { continue }
            for tool in Array((contexts[name] ?? [:]).keys) { contexts[name]?[tool]? *= Self.memory }
            contexts[name, default: [:]][next, default: 0] += 1
        }
        for call in turn.calls where call.malformed == nil {
            guard calls[call.name] != nil || calls.count < Self.toolLimit else { continue }
            calls[call.name, default: 0] += 1
            for (name, value) in call.arguments.objectValue ?? [:] {
                learn(value, for: Self.argument(name, of: call.name), run)
            }
        }
    }

    private mutating func learn(_ value: JSON, for name: String, _ run: GraphRun) {
        guard arguments[name] != nil || arguments.count < Self.argumentLimit else { return }
        var argument = arguments.removeValue(forKey: name) ?? Argument()
        argument.count += 1
        let sources = run.sources(of: value)
        for source in sources.sorted() where argument.links[source] == nil && argument.links.count < Self.linkLimit {
            argument.links[source] = Link()
        }
        for source in Array(argument.links.keys) {
            guard let all = run.sightings[source], !all.isEmpty else { continue }
            argument.links[source]?.there += 1
            guard sources.contains(source) else { continue }
            argument.links[source]?.hits += 1
            for sighting in all {
                let kind = Self.kind(sighting, of: all, isUsed: run.hasUsed(sighting.value, for: name))
                argument.links[source]?.offered[kind] += 1
                if sighting.value == value { argument.links[source]?.taken[kind] += 1 }
            }
        }
        learnConstant(value, &argument)
        arguments[name] = argument
    }

    private mutating func learnConstant(_ value: JSON, _ argument: inout Argument) {
        guard value.canonicalText.utf8.count <= Self.constantBytes else { return }
        if argument.constants[value] == nil, argument.constants.count >= Self.constantLimit {
            argument.constants = argument.constants.filter { $0.value.count > 1 }
            if argument.constants.count >= Self.constantLimit { return }
        }
        argument.constants[value, default: Constant()].count += 1
        if argument.constants[value]?.lastRun != runs {
            argument.constants[value]?.runs += 1
            argument.constants[value]?.lastRun = runs
        }
        if let constant = argument.constants[value], !constant.isKept, constant.count > 1 {
            argument.constants[value]?.isKept = PatternPrivacy.mayKeep(value, runs: constant.runs)
        }
    }
}
