import ForerunCore

extension PatternModel {
    /// The candidates for an argument with their features.
    func ranking(_ run: RunIndex, argument: String, key: FeatureHash, _ cache: inout RankingCache) -> Ranking {
        let knowledge = knowledge(of: key)
        var ranking = Ranking(argument: key, knowledge: knowledge)
        ranking.candidates = candidates(run, knowledge, argument: argument)
        ranking.features.reserveCapacity(ranking.candidates.count * 40)
        var features = ValueFeatures(
            run, known: knowledge.map { arguments[$0] }, argument: argument, key: key)
        features.findNear(ranking.candidates, &cache)
        for index in ranking.candidates.indices {
            features.add(of: ranking.candidates[index], at: index, to: &ranking.features)
            ranking.starts.append(ranking.features.count)
        }
        ranking.features.withUnsafeBufferPointer { all in
            for index in ranking.candidates.indices {
                let range = ranking.starts[index]..<ranking.starts[index + 1]
                ranking.scores.append(choices.score(UnsafeBufferPointer(rebasing: all[range])))
            }
        }
        return ranking
    }

    /// The probabilities of the candidates, given the arguments chosen before.
    func rank(_ run: RunIndex, _ ranking: Ranking, _ chosen: [ChosenArgument]) -> RankedChoice {
        var choice = RankedChoice(probabilities: ranking.scores)
        if !chosen.isEmpty {
            choice.starts.append(0)
            for (index, candidate) in ranking.candidates.enumerated() {
                let start = choice.features.count
                addAgreement(run, ranking.argument, candidate, chosen, &choice.features)
                choice.starts.append(choice.features.count)
                choice.probabilities[index] += choice.features.withUnsafeBufferPointer {
                    choices.score(UnsafeBufferPointer(rebasing: $0[start...]))
                }
            }
        }
        choice.probabilities.append(choices.score(ranking.other))
        PatternMath.softmax(&choice.probabilities)
        return choice
    }

    /// Features that join a candidate with the arguments that are chosen already.
    private func addAgreement(
        _ run: RunIndex, _ key: FeatureHash, _ candidate: Candidate, _ chosen: [ChosenArgument],
        _ features: inout [FeatureHash]
    ) {
        var same = 0
        run.forEachOccurrence(of: candidate.number, limit: 48) { occurrence in
            guard same < 2 else { return }
            for argument in chosen {
                if occurrence.owner >= 0, argument.owners.contains(occurrence.owner) {
                    same = 2
                    return
                }
                if argument.events.contains(occurrence.event) { same = 1 }
            }
        }
        features.append(Naming.combine(351, same))
        features.append(Naming.combine(Naming.combine(352, key), same))
        for argument in chosen {
            if argument.valueHash == candidate.hash {
                features.append(Naming.combine(353, 0))
                features.append(Naming.combine(354, key, argument.hash))
            }
            let last = run.lastUsed.find(argument.hash)
            if last >= 0, run.values[Int(last)].hash == argument.valueHash {
                let isLast = candidate.number >= 0 && candidate.number == run.lastUsed.find(key)
                let used = max(0, run.used.find(Naming.combine(key, candidate.hash)))
                features.append(
                    Naming.combine(
                        Naming.combine(355, key, argument.hash), (isLast ? 16 : 0) | Int(used)))
            }
            for (index, occurrence) in candidate.occurrences.enumerated() {
                var isRepeated = false
                for before in 0..<index where candidate.occurrences[before]?.sourceHash == occurrence.sourceHash {
                    isRepeated = true
                }
                guard !isRepeated else { continue }
                let pair = Naming.combine(356, key, argument.hash)
                for source in argument.sources { features.append(Naming.combine(pair, source, occurrence.sourceHash)) }
            }
        }
    }
}
