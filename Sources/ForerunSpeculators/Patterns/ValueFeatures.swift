import ForerunCore

/// Features of candidates for one argument at one moment: they name sources and places, never values.
struct ValueFeatures {
    private let view: RunView
    private let weights: WeightTable.View
    private let known: UnsafePointer<ArgumentKnowledge>?
    private let fields: [String]
    private let argument: [UInt8]
    private let key: FeatureHash
    private let lastUsed: Int32
    private var mostNear = SIMD4<Int32>()
    private var recent = Recent()
    private(set) var scratch: Scratch

    /// The last occurrence that was looked at: candidates of one list come one after the other, and have this in common.
    private struct Recent {
        var source: Int32 = -2
        var sourceHash: FeatureHash = 0
        var event: Int32 = -1
        var used = -1
        var group: Int32 = -1
        var precision: Float = 0
        var precisionHash: FeatureHash = 0
    }

    /// What is noted on the way, for one argument after the other.
    struct Scratch: Sendable {
        /// Where the value used last stands in its lists.
        fileprivate var after: [(group: UInt64, rank: Int32)] = []
        /// The first place of each list that was not used yet.
        fileprivate var firstUnused: [(group: UInt64, rank: Int32)] = []
        /// By number of a member's name: whether it is like that of the argument.
        fileprivate var nameFits: [Int8] = []
        /// For each candidate how much the words around it were said: last by the user, last by the model, ever by the
        /// user.
        fileprivate var near: [SIMD4<Int32>] = []
        /// The words around the candidates, and where those of each begin.
        fileprivate var around: [Int32] = []
        fileprivate var starts: [Int] = []

        init() {}

        fileprivate mutating func begin(fields: Int) {
            after.removeAll(keepingCapacity: true)
            firstUnused.removeAll(keepingCapacity: true)
            nameFits.removeAll(keepingCapacity: true)
            nameFits.append(contentsOf: repeatElement(-1, count: fields))
            near.removeAll(keepingCapacity: true)
            around.removeAll(keepingCapacity: true)
            starts.removeAll(keepingCapacity: true)
            starts.append(0)
        }
    }

    /// - Parameter scratch: is taken, and left in ``scratch``.
    init(
        _ run: RunIndex, _ view: RunView, _ weights: WeightTable.View, known: UnsafePointer<ArgumentKnowledge>?,
        argument: String, key: FeatureHash, _ scratch: inout Scratch
    ) {
        self.scratch = Scratch()
        swap(&self.scratch, &scratch)
        self.scratch.begin(fields: run.fields.count)
        fields = run.fields
        self.view = view
        self.weights = weights
        self.known = known
        self.argument = Array(argument.utf8)
        self.key = key
        lastUsed = run.lastUsed.find(key)
        var next = lastUsed < 0 ? -1 : view.values[Int(lastUsed)].last
        for _ in 0..<32 where next >= 0 {
            let occurrence = view.occurrences[Int(next)]
            if !self.scratch.after.contains(where: { $0.group == occurrence.group }) {
                self.scratch.after.append((occurrence.group, occurrence.rank))
            }
            next = occurrence.previousOfValue
        }
    }

    /// Occurrences of a candidate whose surroundings count.
    private static let nearOccurrences = 3

    /// Gives the candidates their features and scores.
    mutating func weigh(_ ranking: inout Ranking, _ cache: inout RankingCache) {
        findNear(ranking, &cache)
        for index in ranking.candidates.indices {
            let start = ranking.groups.count
            add(index, to: &ranking, &cache.groups)
            ranking.starts.append(ranking.groups.count)
            ranking.scores.append(cache.groups.sum(ranking.groups, from: start, 0))
        }
        ranking.scores.append(ranking.other.withUnsafeBufferPointer(weights.score))
    }

    /// Gives the candidates scores without a learnt choice: how often their derivations were right.
    mutating func estimate(_ ranking: inout Ranking) {
        for candidate in ranking.candidates {
            var precision: Float = candidate.occurrences.count == 0 ? known?.pointee.share(of: candidate.hash) ?? 0 : 0
            for place in 0..<candidate.occurrences.count {
                let source = ranking.occurrence(candidate.occurrences[place], view).sourceHash
                precision = max(precision, known?.pointee.precision(source) ?? 0.15)
            }
            ranking.starts.append(0)
            ranking.scores.append(PatternMath.logarithm(max(precision, 1e-6)))
        }
        ranking.scores.append(0)
    }

    /// Weighs the words around each candidate that were said by how well they tell candidates apart.
    private mutating func findNear(_ ranking: Ranking, _ cache: inout RankingCache) {
        cache.prepare(words: view.wordCount)
        for candidate in ranking.candidates {
            cache.stamp += 1
            var next = candidate.number < 0 ? -1 : view.values[Int(candidate.number)].last
            if next >= 0 {
                for _ in 0..<Self.nearOccurrences where next >= 0 {
                    collect(view.occurrences[Int(next)], &cache)
                    next = view.occurrences[Int(next)].previousOfValue
                }
            } else {
                for place in 0..<candidate.occurrences.count {
                    collect(ranking.occurrence(candidate.occurrences[place], view), &cache)
                }
            }
            scratch.starts.append(scratch.around.count)
        }
        let all = PatternMath.logarithm(Float(ranking.candidates.count) + 0.5)
        for index in ranking.candidates.indices {
            var sums = SIMD4<Int32>()
            for place in scratch.starts[index]..<scratch.starts[index + 1] {
                let word = Int(scratch.around[place])
                let said = view.words[word].said
                // ln((N + ½) / n), in 1/65,536.
                let weight = Int32((all - PatternMath.logarithm(of: Int(cache.counts[word]))) * 65_536)
                if said.contains(.userLast) { sums.x &+= weight }
                if said.contains(.assistantLast) { sums.y &+= weight }
                if said.contains(.user) { sums.z &+= weight }
            }
            scratch.near.append(sums)
            mostNear.replace(with: sums, where: sums .> mostNear)
        }
        for word in scratch.around { cache.counts[Int(word)] = 0 }
    }

    @inline(__always)
    private mutating func collect(_ occurrence: Occurrence, _ cache: inout RankingCache) {
        guard occurrence.owner >= 0, occurrence.kind == .output || occurrence.kind == .key else { return }
        for index in cache.words(of: occurrence.owner, view) {
            let word = Int(cache.word(index))
            if cache.marks[word] != cache.stamp {
                cache.marks[word] = cache.stamp
                cache.counts[word] += 1
                scratch.around.append(Int32(word))
            }
        }
    }

    /// Adds the groups of features that the candidate at `index` has.
    private mutating func add(_ index: Int, to ranking: inout Ranking, _ groups: inout FeatureGroups) {
        let candidate = ranking.candidates[index]
        let used = view.status(of: candidate.hash, for: key)
        let last = candidate.number >= 0 && candidate.number == lastUsed ? 1 : 0
        ranking.groups.append(
            groups.number(Naming.combine(key, 1 | used << 8 | last << 12), weights) {
                $0.append(Naming.combine(401, used))
                $0.append(Naming.combine(key, 402 | used << 16))
                $0.append(Naming.combine(key, 403 | used << 16 | last << 20))
            })
        var precision: Float = 0
        var kinds = 0
        let count = candidate.occurrences.count
        for place in 0..<count {
            let occurrence = ranking.occurrence(candidate.occurrences[place], view)
            var isLatest = true
            for later in (place + 1)..<max(place + 1, count)
            where ranking.occurrence(candidate.occurrences[later], view).sourceHash == occurrence.sourceHash {
                isLatest = false
            }
            guard isLatest else { continue }
            kinds += 1
            precision = max(precision, self.precision(occurrence.sourceHash))
            add(occurrence, used: used, &ranking.groups, &groups)
        }
        let level = bucket(precision, Bounds.precisions)
        kinds = min(kinds, 4)
        ranking.groups.append(
            groups.number(Naming.combine(key, 2 | level << 8 | kinds << 16), weights) {
                $0.append(Naming.combine(404, level))
                $0.append(Naming.combine(405, kinds))
            })
        let times = known?.pointee.count(of: candidate.hash) ?? 0
        if kinds == 0 {
            let share = bucket(known?.pointee.share(of: candidate.hash) ?? 0, Bounds.shares)
            ranking.groups.append(
                groups.number(Naming.combine(key, 3, candidate.hash), weights) {
                    $0.append(Naming.combine(406, share))
                    $0.append(Naming.combine(407, key, candidate.hash))
                })
        } else if times >= ArgumentKnowledge.leastConstant {
            ranking.groups.append(
                groups.number(Naming.combine(key, 4, candidate.hash), weights) {
                    $0.append(Naming.combine(408, key, candidate.hash))
                })
        }
        addSaid(candidate, ranking.values, used, &ranking.groups, &groups)
        addNear(index, used, &ranking.groups, &groups)
    }

    @inline(__always)
    private mutating func precision(_ source: FeatureHash) -> Float {
        if recent.precisionHash != source {
            recent.precisionHash = source
            recent.precision = known?.pointee.precision(source) ?? 0.15
        }
        return recent.precision
    }

    /// The group of an occurrence by its source, its age and what became of its value.
    @inline(__always)
    private mutating func group(
        _ occurrence: Occurrence, kind: Int, source: FeatureHash, used: Int, _ groups: inout FeatureGroups
    ) -> Int32 {
        if recent.source == occurrence.source, recent.sourceHash == occurrence.sourceHash,
            recent.event == occurrence.event, recent.used == used
        {
            return recent.group
        }
        var isNewest = true
        if occurrence.source >= 0 {
            let last = view.sources[Int(occurrence.source)].last
            isNewest = view.occurrences[Int(last)].event == occurrence.event
        }
        let age = bucket(Int(view.events - occurrence.event), Bounds.ages)
        recent.group =
            groups.number(Naming.combine(source, 5 | used << 8 | (isNewest ? 1 << 12 : 0) | age << 16), weights) {
                $0.append(Naming.combine(source, 420))
                $0.append(Naming.combine(source, 421 | used << 16))
                $0.append(Naming.combine(422, kind | used << 16))
                $0.append(Naming.combine(source, isNewest ? 423 : 424))
                $0.append(Naming.combine(key, 425 | kind << 16 | age << 40))
                $0.append(Naming.combine(426, kind | used << 16 | age << 24))
            }
        (recent.source, recent.sourceHash) = (occurrence.source, occurrence.sourceHash)
        (recent.event, recent.used) = (occurrence.event, used)
        return recent.group
    }

    @inline(__always)
    private mutating func add(
        _ occurrence: Occurrence, used: Int, _ found: inout [Int32], _ groups: inout FeatureGroups
    ) {
        let kind = Int(occurrence.kind.rawValue) << 8 | (occurrence.source < 0 ? 0x4000 : 0)
        let source = Naming.combine(key, occurrence.sourceHash)
        found.append(group(occurrence, kind: kind, source: source, used: used, &groups))
        if occurrence.count > 1 {
            let distance = max(-1, min(5, Int(occurrence.rank) - Int(unused(occurrence)))) + 8
            let rank = min(Int(occurrence.rank), 6)
            found.append(
                groups.number(Naming.combine(source, 6 | distance << 8 | rank << 16 | used << 24), weights) {
                    $0.append(Naming.combine(427, kind | used << 16 | distance << 24))
                    $0.append(Naming.combine(key, 428 | kind << 16 | distance << 40))
                    $0.append(Naming.combine(source, 429 | rank << 16))
                })
            if let last = scratch.after.first(where: { $0.group == occurrence.group }) {
                let distance = max(-3, min(4, Int(occurrence.rank - last.rank))) + 8
                found.append(
                    groups.number(Naming.combine(key, 7 | distance << 8 | used << 24), weights) {
                        $0.append(Naming.combine(430, used << 8 | distance))
                        $0.append(Naming.combine(key, 431 | used << 16 | distance << 24))
                    })
            }
        }
        if occurrence.field >= 0 {
            let fit = Int(fit(occurrence.field))
            found.append(
                groups.number(Naming.combine(key, 8 | fit << 8 | kind << 16), weights) {
                    $0.append(Naming.combine(432, kind | fit << 16))
                })
        }
    }

    /// The rank of the first of a list that was not used for this argument yet; 99: all were.
    private mutating func unused(_ occurrence: Occurrence) -> Int32 {
        guard occurrence.source >= 0 else { return 99 }
        let group = occurrence.group
        if let known = scratch.firstUnused.first(where: { $0.group == group }) { return known.rank }
        var first: Int32 = 99
        var next = view.sources[Int(occurrence.source)].last
        while next >= 0 {
            let other = view.occurrences[Int(next)]
            if other.event < occurrence.event { break }
            if other.event == occurrence.event, other.rank < first,
                view.status(of: view.values[Int(other.value)].hash, for: key) == 0
            {
                first = other.rank
            }
            next = other.previousOfSource
        }
        scratch.firstUnused.append((group, first))
        return first
    }

    /// Whether the name of a member is that of the argument (2), or one holds the other (1).
    private mutating func fit(_ field: Int32) -> Int8 {
        let known = scratch.nameFits[Int(field)]
        if known >= 0 { return known }
        let name = Array(fields[Int(field)].utf8)
        let fit: Int8 =
            name == argument ? 2 : Bytes.contains(name, in: argument) || Bytes.contains(argument, in: name) ? 1 : 0
        scratch.nameFits[Int(field)] = fit
        return fit
    }

    @inline(__always)
    private func addSaid(
        _ candidate: Candidate, _ values: [JSON], _ used: Int, _ found: inout [Int32], _ groups: inout FeatureGroups
    ) {
        var said: RunIndex.Said = .anyone
        var hasWords = false
        if candidate.number >= 0 {
            for index in view.values[Int(candidate.number)].words {
                said.formIntersection(view.words[Int(view.wordLists[Int(index)])].said)
                hasWords = true
            }
        } else {
            forEachWord(of: candidate, values) { hash in
                let word = view.wordNumbers.find(hash)
                said.formIntersection(word < 0 ? [] : view.words[Int(word)].said)
                hasWords = true
            }
        }
        if !hasWords { said = [] }
        let now = said.contains(.userLast) ? 1 : 0
        let byModel = said.contains(.assistantLast) ? 1 : 0
        let ever = said.contains(.user) ? 1 : 0
        found.append(
            groups.number(Naming.combine(key, 9 | now << 8 | byModel << 9 | ever << 10 | used << 12), weights) {
                $0.append(Naming.combine(440, now | byModel << 1 | used << 4))
                $0.append(Naming.combine(key, 441 | now << 16 | ever << 17 | used << 20))
                $0.append(Naming.combine(key, 442 | byModel << 16 | now << 17 | used << 20))
            })
    }

    @inline(__always)
    private func forEachWord(of candidate: Candidate, _ values: [JSON], _ body: (FeatureHash) -> Void) {
        if case .constant(let number) = candidate.origin, let known {
            known.pointee.constants.withUnsafeBufferPointer { constants in
                for word in constants[Int(number)].words { body(word) }
            }
        } else if candidate.own >= 0 {
            for word in WordScan.words(of: values[Int(candidate.own)]) { body(word) }
        }
    }

    @inline(__always)
    private func addNear(_ index: Int, _ used: Int, _ found: inout [Int32], _ groups: inout FeatureGroups) {
        let weight = scratch.near[index]
        var levels = 0
        for text in 0..<3 {
            // 3: nothing was said near any of them.
            let level = mostNear[text] <= 0 ? 3 : weight[text] <= 0 ? 0 : weight[text] >= mostNear[text] ? 2 : 1
            levels = levels << 2 | level
        }
        found.append(
            groups.number(Naming.combine(key, 10 | levels << 8 | used << 16), weights) {
                var all = 0
                for text in 0..<3 {
                    let level = levels >> (2 * (2 - text)) & 3
                    all = all << 2 | (level == 3 ? 0 : level)
                    guard level < 3 else { continue }
                    $0.append(Naming.combine(450, text | level << 2 | used << 4))
                    $0.append(Naming.combine(key, 451 | text << 16 | level << 18 | used << 20))
                }
                $0.append(Naming.combine(key, 452 | all << 16))
            })
    }
}
