import ForerunCore

/// Features of candidates for one argument at one moment: they name sources and places, never values.
struct ValueFeatures {
    private let run: RunIndex
    private let known: ArgumentKnowledge?
    private let argument: [UInt8]
    private let key: FeatureHash
    private let lastUsed: Int32
    /// Where the value used last stands in its lists.
    private var after: [(group: UInt64, rank: Int32)] = []
    /// The first place of each list that was not used yet.
    private var firstUnused: [(group: UInt64, rank: Int32)] = []
    private var nameFits: [Int8]
    /// For each candidate how much the words around it were said: last by the user, last by the model, ever by the user.
    private var near: [SIMD4<Int32>] = []
    private var mostNear = SIMD4<Int32>()

    init(_ run: RunIndex, known: ArgumentKnowledge?, argument: String, key: FeatureHash) {
        self.run = run
        self.known = known
        self.argument = Array(argument.utf8)
        self.key = key
        lastUsed = run.lastUsed.find(key)
        nameFits = Array(repeating: -1, count: run.fields.count)
        run.forEachOccurrence(of: lastUsed, limit: 32) { occurrence in
            if !after.contains(where: { $0.group == occurrence.group }) {
                after.append((occurrence.group, occurrence.rank))
            }
        }
    }

    /// Weighs the words around each candidate that were said by how well they tell candidates apart.
    mutating func findNear(_ candidates: [Candidate], _ cache: inout RankingCache) {
        var counts = [Int32](repeating: 0, count: run.words.count)
        var mark = [Int32](repeating: -1, count: run.words.count)
        var around: [Int32] = []
        var starts = [0]
        func collect(_ occurrence: Occurrence, _ index: Int) {
            guard occurrence.owner >= 0, occurrence.kind == .output || occurrence.kind == .key else { return }
            cache.forEachSaidWord(of: occurrence.owner, run) { word in
                if mark[Int(word)] != Int32(index) {
                    mark[Int(word)] = Int32(index)
                    counts[Int(word)] += 1
                    around.append(word)
                }
            }
        }
        for (index, candidate) in candidates.enumerated() {
            if candidate.number >= 0, run.values[Int(candidate.number)].last >= 0 {
                run.forEachOccurrence(of: candidate.number, limit: 6) { collect($0, index) }
            } else {
                for occurrence in candidate.occurrences { collect(occurrence, index) }
            }
            starts.append(around.count)
        }
        let all = Float(candidates.count) + 0.5
        let weights = (0...candidates.count).map { Int32(PatternMath.logarithm(all / Float(max(1, $0))) * 65_536) }
        for index in candidates.indices {
            var sums = SIMD4<Int32>()
            for word in around[starts[index]..<starts[index + 1]] {
                let said = run.words[Int(word)].said
                let weight = weights[Int(counts[Int(word)])]
                if said.contains(.userLast) { sums.x &+= weight }
                if said.contains(.assistantLast) { sums.y &+= weight }
                if said.contains(.user) { sums.z &+= weight }
            }
            near.append(sums)
            mostNear.replace(with: sums, where: sums .> mostNear)
        }
    }

    /// Adds the features of a candidate.
    mutating func add(of candidate: Candidate, at index: Int, to features: inout [FeatureHash]) {
        let used = Int(max(0, run.used.find(Naming.combine(key, candidate.hash))))
        let isLast = candidate.number >= 0 && candidate.number == lastUsed
        features.append(Naming.combine(401, used))
        features.append(Naming.combine(key, 402 | used << 16))
        features.append(Naming.combine(key, 403 | used << 16 | (isLast ? 1 << 20 : 0)))
        var precision: Float = 0
        var kinds = 0
        for place in 0..<candidate.occurrences.count {
            guard let occurrence = candidate.occurrences[place] else { continue }
            var isLatest = true
            for later in (place + 1)..<max(place + 1, candidate.occurrences.count)
            where candidate.occurrences[later]?.sourceHash == occurrence.sourceHash { isLatest = false }
            guard isLatest else { continue }
            kinds += 1
            precision = max(precision, known?.precision(occurrence.sourceHash) ?? 0.15)
            add(of: occurrence, used: used, to: &features)
        }
        features.append(Naming.combine(404, bucket(precision, Bounds.precisions)))
        features.append(Naming.combine(405, min(kinds, 4)))
        if kinds == 0 {
            let share = Float(known?.count(of: candidate.hash) ?? 0) / (Float(known?.total ?? 0) + 3)
            features.append(Naming.combine(406, bucket(share, Bounds.shares)))
            features.append(Naming.combine(407, key, candidate.hash))
        } else if let known, known.count(of: candidate.hash) >= 2 {
            features.append(Naming.combine(408, key, candidate.hash))
        }
        addSaid(candidate, used, &features)
        addNear(index, used, &features)
    }

    private mutating func add(of occurrence: Occurrence, used: Int, to features: inout [FeatureHash]) {
        let kind = Int(occurrence.kind.rawValue) << 8 | (occurrence.source < 0 ? 0x4000 : 0)
        let source = Naming.combine(key, occurrence.sourceHash)
        var isNewest = true
        if occurrence.source >= 0 {
            let last = run.sources[Int(occurrence.source)].last
            isNewest = run.occurrences[Int(last)].event == occurrence.event
        }
        let age = bucket(Int(run.events - occurrence.event), Bounds.ages)
        features.append(Naming.combine(source, 420))
        features.append(Naming.combine(source, 421 | used << 16))
        features.append(Naming.combine(422, kind | used << 16))
        features.append(Naming.combine(source, isNewest ? 423 : 424))
        features.append(Naming.combine(key, 425 | kind << 16 | age << 40))
        features.append(Naming.combine(426, kind | used << 16 | age << 24))
        if occurrence.count > 1 {
            let distance = max(-1, min(5, Int(occurrence.rank) - Int(unused(occurrence)))) + 8
            features.append(Naming.combine(427, kind | used << 16 | distance << 24))
            features.append(Naming.combine(key, 428 | kind << 16 | distance << 40))
            features.append(Naming.combine(source, 429 | min(Int(occurrence.rank), 6) << 16))
            if let last = after.first(where: { $0.group == occurrence.group }) {
                let distance = max(-3, min(4, Int(occurrence.rank - last.rank))) + 8
                features.append(Naming.combine(430, used << 8 | distance))
                features.append(Naming.combine(key, 431 | used << 16 | distance << 24))
            }
        }
        if occurrence.field >= 0 {
            features.append(Naming.combine(432, kind | Int(fit(occurrence.field)) << 16))
        }
    }

    /// The rank of the first of a list that was not used for this argument yet; 99: all were.
    private mutating func unused(_ occurrence: Occurrence) -> Int32 {
        guard occurrence.source >= 0 else { return 99 }
        let group = occurrence.group
        if let known = firstUnused.first(where: { $0.group == group }) { return known.rank }
        var first: Int32 = 99
        var next = run.sources[Int(occurrence.source)].last
        while next >= 0 {
            let other = run.occurrences[Int(next)]
            if other.event < occurrence.event { break }
            if other.event == occurrence.event, other.rank < first,
                run.used.find(Naming.combine(key, run.values[Int(other.value)].hash)) < 0
            {
                first = other.rank
            }
            next = other.previousOfSource
        }
        firstUnused.append((group, first))
        return first
    }

    /// Whether the name of a member is that of the argument (2), or one holds the other (1).
    private mutating func fit(_ field: Int32) -> Int8 {
        let known = nameFits[Int(field)]
        if known >= 0 { return known }
        let name = Array(run.fields[Int(field)].utf8)
        let fit: Int8 =
            name == argument ? 2 : Bytes.contains(name, in: argument) || Bytes.contains(argument, in: name) ? 1 : 0
        nameFits[Int(field)] = fit
        return fit
    }

    private func addSaid(_ candidate: Candidate, _ used: Int, _ features: inout [FeatureHash]) {
        var said: RunIndex.Said = .anyone
        var hasWords = false
        if candidate.number >= 0 {
            for index in run.values[Int(candidate.number)].words {
                said.formIntersection(run.words[Int(run.wordLists[Int(index)])].said)
                hasWords = true
            }
        } else if let value = candidate.value {
            intersect(&said, &hasWords, with: value)
        }
        if !hasWords { said = [] }
        let now = said.contains(.userLast) ? 1 : 0
        let byModel = said.contains(.assistantLast) ? 1 : 0
        let ever = said.contains(.user) ? 1 : 0
        features.append(Naming.combine(440, now | byModel << 1 | used << 4))
        features.append(Naming.combine(key, 441 | now << 16 | ever << 17 | used << 20))
        features.append(Naming.combine(key, 442 | byModel << 16 | now << 17 | used << 20))
    }

    private func intersect(_ said: inout RunIndex.Said, _ hasWords: inout Bool, with value: JSON) {
        switch value {
        case .string(let text):
            WordScan.words(in: text) { hash, _, _ in
                let word = run.wordNumbers.find(hash)
                said.formIntersection(word < 0 ? [] : run.words[Int(word)].said)
                hasWords = true
            }
        case .array(let elements): for element in elements { intersect(&said, &hasWords, with: element) }
        default: break
        }
    }

    private func addNear(_ index: Int, _ used: Int, _ features: inout [FeatureHash]) {
        var levels = 0
        for text in 0..<3 {
            let weight = near[index][text]
            let level = weight <= 0 ? 0 : weight >= mostNear[text] ? 2 : 1
            levels = levels << 2 | level
            guard mostNear[text] > 0 else { continue }
            features.append(Naming.combine(450, text | level << 2 | used << 4))
            features.append(Naming.combine(key, 451 | text << 16 | level << 18 | used << 20))
        }
        features.append(Naming.combine(key, 452 | levels << 16))
    }
}
