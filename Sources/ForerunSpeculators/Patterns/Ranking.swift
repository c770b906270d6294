import ForerunCore

/// The candidates for an argument at a moment, with the features that do not depend on the call's other arguments.
struct Ranking: Sendable {
    private(set) var argument: FeatureHash = 0
    /// What is known of the argument; `nil`: nothing.
    private(set) var knowledge: Int?
    var candidates: [Candidate] = []
    /// Values that the index does not hold.
    var values: [JSON] = []
    /// Occurrences that the index does not hold.
    var made: [Occurrence] = []
    /// The groups of features of all candidates, one after the other.
    var groups: [Int32] = []
    /// Where the groups of each candidate begin, and where the last ones end.
    var starts: [Int] = [0]
    /// One a candidate, and last that of a value that nobody offers.
    var scores: [Float] = []

    init() {}

    /// Begins anew, in the room that is there already.
    mutating func begin(_ argument: FeatureHash, knowledge: Int?) {
        self.argument = argument
        self.knowledge = knowledge
        candidates.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        made.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        starts.append(0)
        scores.removeAll(keepingCapacity: true)
    }

    /// Features of "a value that nobody offers".
    var other: [FeatureHash] { [Naming.combine(301, 0), Naming.combine(302, argument)] }

    @inline(__always)
    func occurrence(_ place: Int32, _ view: RunView) -> Occurrence {
        place >= 0 ? view.occurrences[Int(place)] : made[-2 - Int(place)]
    }
}

/// A ranking once the arguments before are chosen.
struct RankedChoice {
    /// One a candidate, and last that of a value that nobody offers.
    var probabilities: [Float] = []
    /// Groups of the features that join candidates with what was chosen.
    var groups: [Int32] = []
    var starts: [Int] = []
    /// Candidates, the most probable first, where somebody has looked for them.
    var best: [Int] = []

    /// Begins anew, in the room that is there already.
    mutating func begin(_ scores: [Float]) {
        probabilities.removeAll(keepingCapacity: true)
        probabilities.append(contentsOf: scores)
        groups.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
    }
}

/// An argument that has its value.
struct ChosenArgument {
    /// What is small of it.
    struct Brief {
        let hash: FeatureHash
        let valueHash: FeatureHash
        /// The sources of the first two occurrences.
        fileprivate(set) var sources = SIMD2<FeatureHash>()
        fileprivate(set) var sourceCount = 0
    }

    private(set) var brief: Brief
    /// Of the value's occurrences, as many as fit.
    private var owners = Lanes(repeating: -2)
    private var events = Lanes(repeating: -2)
    private var ownerCount = 0
    private var eventCount = 0
    /// A bit for each of them, by its last six: mostly that tells already that something is not among them.
    private var ownerBits: UInt64 = 0
    private var eventBits: UInt64 = 0
    private typealias Lanes = SIMD16<Int32>

    init(hash: FeatureHash, valueHash: FeatureHash) {
        brief = Brief(hash: hash, valueHash: valueHash)
    }

    mutating func add(_ occurrence: Occurrence) {
        if occurrence.owner >= 0, ownerCount < Lanes.scalarCount {
            owners[ownerCount] = occurrence.owner
            ownerBits |= Self.bit(occurrence.owner)
            ownerCount += 1
        }
        let isRepeated = eventCount > 0 && events[eventCount - 1] == occurrence.event
        if !isRepeated, eventCount < Lanes.scalarCount {
            events[eventCount] = occurrence.event
            eventBits |= Self.bit(occurrence.event)
            eventCount += 1
        }
    }

    /// Without effect where there are two already.
    mutating func add(source: FeatureHash) {
        guard brief.sourceCount < 2 else { return }
        brief.sources[brief.sourceCount] = source
        brief.sourceCount += 1
    }

    @inline(__always)
    private static func bit(_ number: Int32) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: number & 63) }

    @inline(__always)
    func isOf(owner: Int32) -> Bool {
        guard owner >= 0, ownerBits & Self.bit(owner) != 0 else { return false }
        for index in 0..<ownerCount where owners[index] == owner { return true }
        return false
    }

    @inline(__always)
    func isOf(event: Int32) -> Bool {
        guard eventBits & Self.bit(event) != 0 else { return false }
        for index in 0..<eventCount where events[index] == event { return true }
        return false
    }
}

/// What one moment computes once. Used for one moment after the other, it hardly needs new memory.
struct RankingCache: Sendable {
    /// Those of this moment come first, ``count`` of them; the rest is room from before.
    private(set) var rankings: [Ranking] = []
    private var count = 0
    var groups = FeatureGroups()
    var scratch = ValueFeatures.Scratch()
    /// Words of objects that somebody said, by object.
    private var numbers = HashTable(capacity: 64)
    private var ranges: [Range<Int>] = []
    private var words: [Int32] = []
    /// By word: at how many candidates it was found, and at which the last time.
    var counts: [Int32] = []
    var marks: [Int32] = []
    /// Candidates looked at so far.
    var stamp: Int32 = 0

    /// The number of the ranking for an argument; `nil`: there is none yet.
    @inline(__always)
    func number(of argument: FeatureHash) -> Int? {
        for index in 0..<count where rankings[index].argument == argument { return index }
        return nil
    }

    /// Adds the ranking for an argument, which `fill` makes of an empty one.
    mutating func add(
        _ argument: FeatureHash, knowledge: Int?, _ fill: (inout Ranking, inout RankingCache) -> Void
    ) -> Int {
        if count == rankings.count { rankings.append(Ranking()) }
        var ranking = Ranking()
        swap(&ranking, &rankings[count])
        ranking.begin(argument, knowledge: knowledge)
        fill(&ranking, &self)
        swap(&ranking, &rankings[count])
        count += 1
        return count - 1
    }

    /// For the next moment.
    mutating func removeAll() {
        count = 0
        groups.removeAll()
        numbers.removeAll()
        ranges.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
    }

    /// Makes room for `count` words.
    mutating func prepare(words count: Int) {
        if counts.count < count {
            counts.append(contentsOf: repeatElement(0, count: count - counts.count))
            marks.append(contentsOf: repeatElement(-1, count: count - marks.count))
        }
    }

    /// The words of `owner` that were said, as a range of what ``word(_:)`` takes.
    @inline(__always)
    mutating func words(of owner: Int32, _ view: RunView) -> Range<Int> {
        let (number, isNew) = numbers.findOrInsert(UInt64(owner) &+ 1, Int32(ranges.count))
        if isNew {
            let start = words.count
            var next = view.owners[Int(owner)].head
            while next >= 0 {
                let entry = view.ownerWords[Int(next)]
                if !view.words[Int(entry.word)].said.isDisjoint(with: [.user, .assistantLast]) {
                    words.append(entry.word)
                }
                next = entry.next
            }
            ranges.append(start..<words.count)
        }
        return ranges[Int(number)]
    }

    @inline(__always)
    func word(_ index: Int) -> Int32 { words[index] }
}
