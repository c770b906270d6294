import ForerunCore

/// The choice of the next tool, or none, at a moment.
struct Decision: Sendable {
    /// The hashes of the tools there are, and their columns; -1: never called.
    var tools: [(hash: FeatureHash, column: Int)]
    /// First that of no call, then one a tool.
    var probabilities: [Float]
    var moment: [FeatureHash]
    /// One a tool.
    var outlooks: [[FeatureHash]]

    var probabilityOfNone: Float { probabilities.first ?? 1 }
}

extension PatternModel {
    /// Values of a source that the outlook of a tool takes into account.
    private static let outlookValues = 12

    func decide(_ run: RunIndex, _ tools: PatternTools) -> Decision {
        let moment = Self.moment(run)
        let sums = moments.scores(moment)
        var decision = Decision(tools: [], probabilities: [sums[0]], moment: moment, outlooks: [])
        decision.tools.reserveCapacity(tools.entries.count)
        for tool in tools.entries {
            let number = number(ofTool: tool.hash)
            let outlook = number < 0 ? [] : outlook(run, number)
            decision.tools.append((tool.hash, number + 1))
            decision.probabilities.append((number < 0 ? 0 : sums[number + 1]) + outlooks.score(outlook))
            decision.outlooks.append(outlook)
        }
        PatternMath.softmax(&decision.probabilities)
        return decision
    }

    /// Learns which tool was called, by its name; `nil`: none.
    mutating func learn(_ actual: String?, _ decision: Decision) {
        let came = actual.map { Naming.name($0) }
        var gradients = [Float](repeating: 0, count: moments.width)
        if let actual {
            let column = learnTool(actual) + 1
            if gradients.count < moments.width {
                gradients.append(contentsOf: repeatElement(0, count: moments.width - gradients.count))
            }
            // A tool that is called for the first time, or is not on the list.
            if !decision.tools.contains(where: { $0.column == column }) {
                let listed = decision.tools.firstIndex { $0.hash == came }
                gradients[column] = (listed.map { decision.probabilities[$0 + 1] } ?? 0) - 1
            }
        }
        let none = decision.probabilityOfNone - (actual == nil ? 1 : 0)
        if abs(none) > Self.leastGradient { gradients[0] = none }
        for (index, tool) in decision.tools.enumerated() where tool.column > 0 {
            let gradient = decision.probabilities[index + 1] - (tool.hash == came ? 1 : 0)
            guard abs(gradient) > Self.leastGradient else { continue }
            gradients[tool.column] = gradient
            outlooks.update(decision.outlooks[index], gradient)
        }
        moments.update(decision.moment, gradients)
    }

    /// Features of a moment: the last events, the words of the user, the last output.
    static func moment(_ run: RunIndex) -> [FeatureHash] {
        var features: [FeatureHash] = []
        features.reserveCapacity(96)
        let signatures = run.signatures
        let last = signatures.last?.hash ?? 0
        let isFresh = signatures.last?.status == RunIndex.Status.none
        let fresh: UInt64 = isFresh ? 1 : 0
        features.append(Naming.combine(101, 0))
        features.append(Naming.combine(102, min(run.pendingCalls, 4)))
        var chain = Naming.combine(103, run.pendingCalls > 0 ? 1 : 0)
        for signature in signatures.suffix(4).reversed() {
            chain = Naming.combine(chain, signature.hash)
            features.append(chain)
        }
        addFolded(signatures, &features)
        let calls = signatures.lazy.reversed().filter { $0.status != .none }.prefix(2)
        features.append(calls.reduce(Naming.combine(105, fresh)) { Naming.combine($0, $1.hash) })
        features.append(Naming.combine(Naming.combine(106, min(run.callsSinceUser, 6)), last))
        features.append(Naming.combine(Naming.combine(107, bucket(run.messages)), fresh))
        for tool in run.tools { features.append(Naming.combine(108, fresh, tool)) }
        for word in run.userWords where run.words[Int(word)].length < 16 {
            features.append(Naming.combine(109, fresh, run.words[Int(word)].hash))
        }
        for shape in run.userShapes { features.append(Naming.combine(110, fresh, shape)) }
        features.append(Naming.combine(111, fresh, run.asked ? 1 : 0))
        features.append(Naming.combine(Naming.combine(112, fresh), bucket(run.userWords.count, Bounds.lengths)))
        if isFresh {
            for word in run.assistantWords where run.words[Int(word)].length < 16 {
                features.append(Naming.combine(113, run.words[Int(word)].hash))
            }
        } else {
            features += run.outcome
        }
        return features
    }

    /// The last three and four events, repetitions counted once.
    private static func addFolded(_ signatures: [RunIndex.Signature], _ features: inout [FeatureHash]) {
        var folded: [FeatureHash] = []
        for signature in signatures.suffix(24).reversed() where folded.last != signature.hash {
            folded.append(signature.hash)
            if folded.count == 4 { break }
        }
        let three = folded.prefix(3).reduce(Naming.combine(104, 3)) { Naming.combine($0, $1) }
        features.append(three)
        features.append(folded.reduce(Naming.combine(104, 4)) { Naming.combine($0, $1) })
    }

    /// Features of a tool at a moment: is there anything that it was not called with yet?
    func outlook(_ run: RunIndex, _ tool: Int) -> [FeatureHash] {
        let hash = tools[tool].hash
        guard let first = tools[tool].sets.first?.hashes.first else { return [] }
        let key = Naming.argument(first, of: hash)
        guard let argument = knowledge(of: key), !arguments[argument].derivations.isEmpty else { return [] }
        let best = arguments[argument].mostFrequent
        var free = 0
        var said = 0
        var seen: [Int32] = []
        for source in best {
            let number = run.sourceNumbers.find(source)
            guard number >= 0 else { continue }
            var next = run.sources[Int(number)].last
            for _ in 0..<Self.outlookValues where next >= 0 {
                let occurrence = run.occurrences[Int(next)]
                next = occurrence.previousOfSource
                let value = run.values[Int(occurrence.value)]
                guard !seen.contains(occurrence.value), run.used.find(Naming.combine(key, value.hash)) < 0 else {
                    continue
                }
                seen.append(occurrence.value)
                free += 1
                if run.isSaid(value.words, .userLast) { said += 1 }
            }
        }
        let place = placeOfLast(run, key)
        var age = 0
        let newest = run.sourceNumbers.find(best[0])
        if newest >= 0 {
            let event = run.occurrences[Int(run.sources[Int(newest)].last)].event
            age = 1 + min(3, bucket(Int(run.events - event), Bounds.shortAges))
        }
        let last = run.signatures.last?.hash ?? 0
        let fresh = run.signatures.last?.status == RunIndex.Status.none ? 1 : 0
        free = bucket(free)
        said = min(said, 2)
        return [
            Naming.combine(201, free << 8 | place), Naming.combine(Naming.combine(202, hash), free << 8 | fresh),
            Naming.combine(203, said << 8 | fresh),
            Naming.combine(Naming.combine(204, hash), said << 16 | fresh << 8 | place),
            Naming.combine(Naming.combine(205, hash, last), free << 8 | place),
            Naming.combine(206, age << 8 | fresh), Naming.combine(Naming.combine(207, hash, last), age),
        ]
    }

    /// Where the value that the argument had last stood in its list: 1: at the end, 2: inside, 0: in none.
    private func placeOfLast(_ run: RunIndex, _ key: FeatureHash) -> Int {
        let last = run.lastUsed.find(key)
        guard last >= 0 else { return 0 }
        var next = run.values[Int(last)].last
        while next >= 0 {
            let occurrence = run.occurrences[Int(next)]
            if occurrence.count > 1, occurrence.kind == .output || occurrence.kind == .key {
                return occurrence.rank + 1 >= occurrence.count ? 1 : 2
            }
            next = occurrence.previousOfValue
        }
        return 0
    }
}

extension RunIndex {
    /// Whether all of these words, and at least one, were said.
    @inline(__always)
    func isSaid(_ range: Range<Int32>, _ by: Said) -> Bool {
        for index in range where words[Int(wordLists[Int(index)])].said.isDisjoint(with: by) { return false }
        return !range.isEmpty
    }
}
