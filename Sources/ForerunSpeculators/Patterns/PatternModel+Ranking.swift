import ForerunCore

extension PatternModel {
    /// The number of the ranking of the candidates for an argument, which is made where there is none yet.
    func ranking(
        _ run: RunIndex, _ view: RunView, argument: String, key: FeatureHash, _ cache: inout RankingCache
    ) -> Int {
        if let number = cache.number(of: key) { return number }
        let knowledge = knowledge(of: key)
        return cache.add(key, knowledge: knowledge) { ranking, cache in
            addCandidates(run, view, argument: argument, to: &ranking)
            arguments.withUnsafeBufferPointer { arguments in
                choices.withView { weights in
                    let known = knowledge.flatMap { number in arguments.baseAddress.map { $0 + number } }
                    var features = ValueFeatures(
                        run, view, weights, known: known, argument: argument, key: key, &cache.scratch)
                    if omitted.contains(.choice) {
                        features.estimate(&ranking)
                    } else {
                        features.weigh(&ranking, &cache)
                    }
                    cache.scratch = features.scratch
                }
            }
        }
    }

    /// The probabilities of the candidates, given the arguments chosen before.
    func rank(
        _ run: RunIndex, _ view: RunView, _ ranking: Ranking, _ chosen: [ChosenArgument],
        _ groups: inout FeatureGroups, _ choice: inout RankedChoice
    ) {
        choice.begin(ranking.scores)
        if !chosen.isEmpty, !omitted.contains(.choice) {
            choice.starts.append(0)
            let lasts = Lasts(chosen, ranking.argument, run, view)
            choices.withView { weights in
                for (index, candidate) in ranking.candidates.enumerated() {
                    let start = choice.groups.count
                    addAgreement(view, ranking, candidate, chosen, lasts, weights, &choice.groups, &groups)
                    choice.starts.append(choice.groups.count)
                    choice.probabilities[index] = groups.sum(
                        choice.groups, from: start, choice.probabilities[index])
                }
            }
        }
        PatternMath.softmax(&choice.probabilities)
    }

    /// What arguments had last.
    private struct Lasts {
        /// The number of the value that this argument had.
        let number: Int32
        /// For each chosen argument, whether it gets again what it had.
        let isRepeated: [Bool]

        init(_ chosen: [ChosenArgument], _ argument: FeatureHash, _ run: RunIndex, _ view: RunView) {
            number = run.lastUsed.find(argument)
            isRepeated = chosen.map { chosen in
                let last = run.lastUsed.find(chosen.brief.hash)
                return last >= 0 && view.values[Int(last)].hash == chosen.brief.valueHash
            }
        }
    }

    /// Occurrences of a value that are compared with those of the arguments before.
    private static let agreeingOccurrences = 16

    /// Groups of features that join a candidate with the arguments that are chosen already.
    private func addAgreement(
        _ view: RunView, _ ranking: Ranking, _ candidate: Candidate, _ chosen: [ChosenArgument], _ lasts: Lasts,
        _ weights: WeightTable.View, _ found: inout [Int32], _ groups: inout FeatureGroups
    ) {
        let key = ranking.argument
        let same = chosen.withUnsafeBufferPointer { Self.sameness(candidate, $0, view) }
        found.append(
            groups.number(Naming.combine(key, 11 | same << 8), weights) {
                $0.append(Naming.combine(351, same))
                $0.append(Naming.combine(Naming.combine(352, key), same))
            })
        for place in chosen.indices {
            let argument = chosen[place].brief
            if argument.valueHash == candidate.hash {
                found.append(
                    groups.number(Naming.combine(key, 12, argument.hash), weights) {
                        $0.append(Naming.combine(353, 0))
                        $0.append(Naming.combine(354, key, argument.hash))
                    })
            }
            if lasts.isRepeated[place] {
                let isLast = candidate.number >= 0 && candidate.number == lasts.number
                let kept = (isLast ? 16 : 0) | view.status(of: candidate.hash, for: key)
                let feature = Naming.combine(Naming.combine(355, key, argument.hash), kept)
                found.append(groups.number(feature, weights) { $0.append(feature) })
            }
            for index in 0..<candidate.occurrences.count {
                let source = ranking.occurrence(candidate.occurrences[index], view).sourceHash
                var isRepeated = false
                for before in 0..<index
                where ranking.occurrence(candidate.occurrences[before], view).sourceHash == source {
                    isRepeated = true
                }
                guard !isRepeated else { continue }
                for number in 0..<argument.sourceCount {
                    let other = argument.sources[number]
                    let feature = Naming.combine(Naming.combine(356, key, argument.hash), other, source)
                    found.append(groups.number(feature, weights) { $0.append(feature) })
                }
            }
        }
    }

    /// Whether a value stands in an object with what was chosen (2), or came at the same event (1).
    @inline(__always)
    private static func sameness(
        _ candidate: Candidate, _ chosen: UnsafeBufferPointer<ChosenArgument>, _ view: RunView
    ) -> Int {
        var same = 0
        var next = candidate.number < 0 ? -1 : view.values[Int(candidate.number)].last
        for _ in 0..<agreeingOccurrences where next >= 0 {
            let occurrence = view.occurrences + Int(next)
            for index in chosen.indices {
                if chosen[index].isOf(owner: occurrence.pointee.owner) { return 2 }
                if chosen[index].isOf(event: occurrence.pointee.event) { same = 1 }
            }
            next = occurrence.pointee.previousOfValue
        }
        return same
    }
}
