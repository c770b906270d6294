package import ForerunCore
import OrderedCollections

extension PatternModel {
    /// Learns a call from the state before it.
    mutating func learn(_ call: Call, in run: RunIndex, _ cache: inout RankingCache) {
        guard case .object(let members) = call.arguments, call.malformed == nil else { return }
        callCount += 1
        let now = Int32(truncatingIfNeeded: callCount)
        let tool = learnTool(call.name)
        var chosen: [ChosenArgument] = []
        for (name, value) in members {
            let nameHash = Naming.name(name)
            let key = Naming.argument(nameHash, of: tools[tool].hash)
            let hash = ValueHash.of(value)
            let number = run.valueNumbers.find(hash)
            let argument = run.withView { view in
                let place = ranking(run, view, argument: name, key: key, &cache)
                learn(hash, cache.rankings[place], chosen, run, view, &cache.groups)
                return Self.chosen(hash, number, key, view)
            }
            chosen.append(argument)
            let known = learnArgument(nameHash, name, of: tool)
            arguments[known].learn(run.derivations(of: value, hash), in: run, now: now)
            if ValueHash.size(of: value, limit: 80) < ArgumentKnowledge.constantBytes {
                arguments[known].learn(value, hash, run: Int32(truncatingIfNeeded: runs), now: now)
            }
        }
        tools[tool].count(members.keys, now: now)
    }

    private static func chosen(
        _ value: FeatureHash, _ number: Int32, _ key: FeatureHash, _ view: RunView
    ) -> ChosenArgument {
        var argument = ChosenArgument(hash: key, valueHash: value)
        // The latest come first, the sources of the oldest two are wanted.
        var sources: (oldest: Int32, second: Int32) = (-1, -1)
        var next = number < 0 ? -1 : view.values[Int(number)].last
        while next >= 0 {
            argument.add(view.occurrences[Int(next)])
            sources = (next, sources.oldest)
            next = view.occurrences[Int(next)].previousOfValue
        }
        for place in [sources.oldest, sources.second] where place >= 0 {
            argument.add(source: view.occurrences[Int(place)].sourceHash)
        }
        return argument
    }

    private mutating func learn(
        _ actual: FeatureHash, _ ranking: Ranking, _ chosen: [ChosenArgument], _ run: RunIndex, _ view: RunView,
        _ groups: inout FeatureGroups
    ) {
        guard !omitted.contains(.choice) else { return }
        var choice = RankedChoice()
        rank(run, view, ranking, chosen, &groups, &choice)
        var isOffered = false
        for (index, candidate) in ranking.candidates.enumerated() {
            let came = candidate.hash == actual
            if came { isOffered = true }
            let gradient = choice.probabilities[index] - (came ? 1 : 0)
            groups.pull(ranking.groups[ranking.starts[index]..<ranking.starts[index + 1]], gradient)
            guard !choice.starts.isEmpty else { continue }
            groups.pull(choice.groups[choice.starts[index]..<choice.starts[index + 1]], gradient)
        }
        groups.teach(&choices, least: Self.leastGradient)
        choices.update(ranking.other, (choice.probabilities.last ?? 0) - (isOffered ? 0 : 1))
    }

    /// Learns a whole turn that came at the end of `run`, and adds it to `run`.
    ///
    /// - Parameter calibrates: whether to learn how far guesses can be trusted too; that takes a prediction.
    package mutating func learn(_ turn: Turn, in run: inout RunIndex, _ tools: PatternTools, calibrates: Bool) {
        var cache = RankingCache()
        learn(turn, in: &run, tools, calibrates: calibrates, &cache)
    }

    private mutating func learn(
        _ turn: Turn, in run: inout RunIndex, _ tools: PatternTools, calibrates: Bool, _ cache: inout RankingCache
    ) {
        for tool in tools.entries { _ = learnTool(tool.name, tool.hash) }
        cache.removeAll()
        var decision = run.withView { view in
            let decision = decide(run, view, tools)
            if calibrates {
                let guesses = search(run, view, tools, decision, width: PatternCalibrator.ranks, &cache)
                calibrate(turn.calls, guesses, decision)
            }
            return decision
        }
        learn(turn.calls.first?.name, decision)
        for (index, call) in turn.calls.enumerated() {
            if index > 0 {
                cache.removeAll()
                decision = run.withView { decide(run, $0, tools) }
                learn(call.name, decision)
            }
            learn(call, in: run, &cache)
            if index == 0 { run.say(turn.text) }
            run.call(call)
        }
        if turn.calls.isEmpty {
            run.say(turn.text)
        } else {
            // The turn ended after these calls.
            learn(nil, run.withView { decide(run, $0, tools) })
        }
        run.calls = turn.calls
    }

    private mutating func calibrate(_ calls: [Call], _ guesses: [FoundCall], _ decision: Decision) {
        let hasCalls = Double(1 - decision.probabilityOfNone)
        for (rank, guess) in guesses.enumerated() {
            let came = calls.contains(guess.call)
            let probability = Double(guess.probability)
            calibrator.learn(min(probability, 1 - 1e-6), rank: rank, came: came)
            guard !calls.isEmpty else { continue }
            givenCalls.learn(min(probability / max(hasCalls, 1e-9), 1 - 1e-6), rank: rank, came: came)
        }
    }

    /// Learns a recorded run.
    package mutating func learn(_ steps: [PatternStep], _ tools: PatternTools, calibrates: Bool? = nil) {
        learn([steps], tools, from: 0, calibrates: calibrates)
    }

    /// Learns what is new of a recorded run.
    ///
    /// - Parameters:
    ///   - groups: the steps of the run, as its log groups them.
    ///   - first: the first group that was not learnt before; those before it are only looked at.
    package mutating func learn(
        _ groups: [[PatternStep]], _ tools: PatternTools, from first: Int, calibrates: Bool? = nil
    ) {
        let calibrates = calibrates ?? (runs >= Self.calibrationStart && runs % 3 == 0)
        guard isLearntInFull(groups) else { return count(groups, from: first) }
        var run = RunIndex()
        var cache = RankingCache()
        for (number, group) in groups.enumerated() {
            for step in group {
                if number >= first, case .turn(let turn) = step {
                    learn(turn, in: &run, tools, calibrates: calibrates, &cache)
                } else {
                    run.append(step)
                }
            }
        }
        if first == 0 { runs += 1 }
    }

    /// Runs until calibration begins: what a model says that knows next to nothing is no measure.
    private static let calibrationStart = 24
}

/// One thing that happened in a run.
package enum PatternStep: Sendable, Hashable {
    /// Words of a person, or of the program that speaks for one.
    case message(String)
    /// One generation of the model.
    case turn(Turn)
    /// The output of call `call` of the turn before.
    case output(call: Int, PatternOutput)

    package init(_ entry: Transcript.Entry) {
        switch entry {
        case .message(let text): self = .message(text)
        case .turn(let turn): self = .turn(turn)
        case .output(let call, let output): self = .output(call: call, PatternOutput(output))
        }
    }
}

extension RunIndex {
    /// Adds the next entry of a transcript.
    package mutating func append(_ step: PatternStep) {
        switch step {
        case .message(let text): message(text)
        case .turn(let turn):
            say(turn.text)
            for call in turn.calls { self.call(call) }
            calls = turn.calls
        case .output(let index, let output):
            if calls.indices.contains(index) { result(calls[index], output) }
        }
    }
}
