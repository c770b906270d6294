import ForerunCore

/// The choice of the next tool, or none, at a moment.
struct Decision: Sendable {
    /// The hashes of the tools there are, and their columns; -1: never called.
    var tools: [(hash: FeatureHash, column: Int)]
    /// First that of no call, then one a tool.
    var probabilities: [Float]
    var moment: [FeatureHash]
    /// The features of the tools' outlooks, one after the other.
    var outlooks: [FeatureHash] = []
    /// Where those of each tool begin, and where the last ones end.
    var outlookStarts = [0]

    var probabilityOfNone: Float { probabilities.first ?? 1 }
}

extension PatternModel {
    /// Values of a source that the outlook of a tool takes into account.
    private static let outlookValues = 12

    func decide(_ run: RunIndex, _ view: RunView, _ tools: PatternTools) -> Decision {
        let moment = Self.moment(run)
        var decision = Decision(tools: [], probabilities: [], moment: moment)
        decision.tools.reserveCapacity(tools.entries.count)
        decision.probabilities.reserveCapacity(tools.entries.count + 1)
        var columns: [Int32] = [0]
        columns.reserveCapacity(tools.entries.count + 1)
        for tool in tools.entries {
            let column = number(ofTool: tool.hash) + 1
            decision.tools.append((tool.hash, column))
            if column > 0, !columns.contains(Int32(column)) { columns.append(Int32(column)) }
        }
        let sums = moments.scores(moment, columns)
        decision.probabilities.append(sums[0])
        decision.outlooks.reserveCapacity(tools.entries.count * 7)
        decision.outlookStarts.reserveCapacity(tools.entries.count + 1)
        outlooks.withView { weights in
            for tool in decision.tools {
                let number = tool.column - 1
                let start = decision.outlooks.count
                if number >= 0 { addOutlook(run, view, number, to: &decision.outlooks) }
                let score = decision.outlooks.withUnsafeBufferPointer {
                    weights.score(UnsafeBufferPointer(rebasing: $0[start...]))
                }
                decision.probabilities.append((number < 0 ? 0 : sums[number + 1]) + score)
                decision.outlookStarts.append(decision.outlooks.count)
            }
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
        decision.outlooks.withUnsafeBufferPointer { features in
            for (index, tool) in decision.tools.enumerated() where tool.column > 0 {
                let gradient = decision.probabilities[index + 1] - (tool.hash == came ? 1 : 0)
                guard abs(gradient) > Self.leastGradient else { continue }
                gradients[tool.column] = gradient
                let range = decision.outlookStarts[index]..<decision.outlookStarts[index + 1]
                outlooks.update(UnsafeBufferPointer(rebasing: features[range]), gradient)
            }
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

    /// Adds features of a tool at a moment: is there anything that it was not called with yet?
    private func addOutlook(_ run: RunIndex, _ view: RunView, _ tool: Int, to features: inout [FeatureHash]) {
        let hash = tools[tool].hash
        guard let first = tools[tool].sets.first?.hashes.first else { return }
        let key = Naming.argument(first, of: hash)
        guard let argument = knowledge(of: key), let best = arguments[argument].mostFrequent.first else { return }
        var (free, said) = Self.unused(of: arguments[argument].mostFrequent, key, view)
        let place = placeOfLast(run, view, key)
        var age = 0
        let newest = view.sourceNumbers.find(best)
        if newest >= 0 {
            let event = view.occurrences[Int(view.sources[Int(newest)].last)].event
            age = 1 + min(3, bucket(Int(run.events - event), Bounds.shortAges))
        }
        let last = run.signatures.last?.hash ?? 0
        let fresh = run.signatures.last?.status == RunIndex.Status.none ? 1 : 0
        free = bucket(free)
        said = min(said, 2)
        features.append(Naming.combine(201, free << 8 | place))
        features.append(Naming.combine(Naming.combine(202, hash), free << 8 | fresh))
        features.append(Naming.combine(203, said << 8 | fresh))
        features.append(Naming.combine(Naming.combine(204, hash), said << 16 | fresh << 8 | place))
        features.append(Naming.combine(Naming.combine(205, hash, last), free << 8 | place))
        features.append(Naming.combine(206, age << 8 | fresh))
        features.append(Naming.combine(Naming.combine(207, hash, last), age))
    }

    /// How many values of some sources an argument did not have yet, and how many of those the user just spoke of.
    @inline(__always)
    private static func unused(
        of sources: [FeatureHash], _ key: FeatureHash, _ view: RunView
    ) -> (free: Int, said: Int) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: sources.count * outlookValues) { seen in
            var free = 0
            var said = 0
            for source in sources {
                let number = view.sourceNumbers.find(source)
                guard number >= 0 else { continue }
                var next = view.sources[Int(number)].last
                for _ in 0..<outlookValues where next >= 0 {
                    let occurrence = view.occurrences + Int(next)
                    next = occurrence.pointee.previousOfSource
                    let number = occurrence.pointee.value
                    var isSeen = false
                    for index in 0..<free where seen[index] == number { isSeen = true }
                    let value = view.values + Int(number)
                    guard !isSeen, view.status(of: value.pointee.hash, for: key) == 0 else { continue }
                    seen[free] = number
                    free &+= 1
                    // More than two are as two.
                    if said < 2, view.isSaid(value.pointee.words, .userLast) { said &+= 1 }
                }
            }
            return (free, said)
        }
    }

    /// Where the value that the argument had last stood in its list: 1: at the end, 2: inside, 0: in none.
    private func placeOfLast(_ run: RunIndex, _ view: RunView, _ key: FeatureHash) -> Int {
        let last = run.lastUsed.find(key)
        guard last >= 0 else { return 0 }
        var next = view.values[Int(last)].last
        while next >= 0 {
            let occurrence = view.occurrences + Int(next)
            if occurrence.pointee.count > 1, occurrence.pointee.kind == .output || occurrence.pointee.kind == .key {
                return occurrence.pointee.rank + 1 >= occurrence.pointee.count ? 1 : 2
            }
            next = occurrence.pointee.previousOfValue
        }
        return 0
    }
}
