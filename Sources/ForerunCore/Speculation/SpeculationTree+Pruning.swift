import OrderedCollections

/// What is forgotten at the end of a turn, each in one pass: there may be hundreds of it.
extension SpeculationTree {
    /// Finished executions that are kept for later steps, at most.
    private static let mostExecutions = 256

    /// Forgets what no later step can need.
    mutating func prune() {
        pruneAnswers()
        prunePredictions()
        let worlds = neededWorlds
        pruneExecutions(in: worlds)
        barred = barred.filter { key in
            switch key {
            case .answer(let answer): answer.turn >= root.turn
            case .execution(.inWorld(let place, _)): worlds.contains(place)
            case .execution(.external), .prediction: false
            }
        }
        let oldest = changes.isEmpty ? tick : executions.values.compactMap { works[$0]?.tick }.min() ?? tick
        changes.removeAll { $0.tick < oldest }
        pruneWorks()
    }

    private mutating func pruneAnswers() {
        guard rules.turnIsPartOfKey else { return }
        var past: [WorkID] = []
        for (key, id) in answers where key.turn < root.turn && works[id]?.state == .done { past.append(id) }
        guard !past.isEmpty else { return }
        for id in past {
            guard let work = works.removeValue(forKey: id) else { continue }
            if work.lane == .shadow { chargeWaste(of: work) }
        }
        let gone = Set(past)
        answers.removeAll { gone.contains($0.value) }
    }

    private mutating func prunePredictions() {
        let turn = root.turn
        if guesses.contains(where: { $0.key.turns < turn }) { guesses = guesses.filter { $0.key.turns >= turn } }
        knownTranscripts.forget(before: turn)
        var past: [WorkKey] = []
        for (key, id) in predictions {
            if case .prediction(let transcript, _) = key, transcript.turns < turn, works[id]?.state == .done {
                past.append(key)
            }
        }
        for key in past { if let id = predictions.removeValue(forKey: key) { works[id] = nil } }
    }

    /// The worlds that calls may still be performed in.
    private var neededWorlds: Set<WorldID> {
        var worlds: Set<WorldID> = [rootWorld]
        for id in forkOwners {
            if let child = works[id]?.execution.child { worlds.insert(child) }
        }
        return worlds
    }

    private mutating func pruneExecutions(in worlds: Set<WorldID>) {
        executions.removeAll { [works] key, id in
            guard let work = works[id], work.state == .done, !work.execution.ownsFork else { return false }
            return switch key {
            // What was made ahead and not used may still come true. What was used is made anew: somebody may have changed
            // what it read, and what failed may succeed.
            case .inWorld(let place, _): !worlds.contains(place) || work.execution.isUsed
            case .external: true
            }
        }
        // What was read long ago is rarely asked for again.
        var surplus = executions.count - Self.mostExecutions
        guard surplus > 0 else { return }
        executions.removeAll { [works, forkOwners] _, id in
            guard surplus > 0, works[id]?.state == .done, !forkOwners.contains(id) else { return false }
            surplus -= 1
            return true
        }
    }

    /// In order of ids: what is charged shall add up alike in every process.
    private mutating func pruneWorks() {
        let needed = Set(executions.values)
        var past: [WorkID] = []
        for (id, work) in works where work.state == .done && work.executionKey != nil && !needed.contains(id) {
            past.append(id)
        }
        for id in past.sorted() {
            guard let work = works.removeValue(forKey: id) else { continue }
            if !work.execution.isUsed { chargeWaste(of: work) }
        }
    }
}
