import ForerunCore

/// The candidates for an argument at a moment, with the features that do not depend on the call's other arguments.
struct Ranking: Sendable {
    let argument: FeatureHash
    /// What is known of the argument; `nil`: nothing.
    let knowledge: Int?
    var candidates: [Candidate] = []
    /// The features of all candidates, one after the other.
    var features: [FeatureHash] = []
    /// Where the features of each candidate begin, and where the last ones end.
    var starts: [Int] = [0]
    var scores: [Float] = []

    /// Features of "a value that nobody offers".
    var other: [FeatureHash] { [Naming.combine(301, 0), Naming.combine(302, argument)] }
}

/// A ranking once the arguments before are chosen.
struct RankedChoice {
    /// One a candidate, and last that of a value that nobody offers.
    var probabilities: [Float]
    /// Features that join candidates with what was chosen.
    var features: [FeatureHash] = []
    var starts: [Int] = []
}

/// An argument that has its value.
struct ChosenArgument {
    let name: String
    let hash: FeatureHash
    let valueHash: FeatureHash
    let value: JSON
    var derivation: Derivation?
    /// Of the value's occurrences.
    var owners: [Int32] = []
    var events: [Int32] = []
    /// The sources of the first two.
    var sources: [FeatureHash] = []

    mutating func add(_ occurrence: Occurrence) {
        if occurrence.owner >= 0 { owners.append(occurrence.owner) }
        if events.last != occurrence.event { events.append(occurrence.event) }
    }
}

/// What one prediction computes once.
struct RankingCache {
    var rankings: [FeatureHash: Ranking] = [:]
    /// Words of objects that somebody said, by object.
    private var numbers = HashTable(capacity: 64)
    private var ranges: [Range<Int>] = []
    private var words: [Int32] = []

    /// Calls `body` with each word of `owner` that was said.
    @inline(__always)
    mutating func forEachSaidWord(of owner: Int32, _ run: RunIndex, _ body: (Int32) -> Void) {
        let (number, isNew) = numbers.findOrInsert(UInt64(owner) &+ 1, Int32(ranges.count))
        if isNew {
            let start = words.count
            run.forEachWord(of: owner) { word in
                if !run.words[Int(word)].said.isDisjoint(with: [.user, .assistantLast]) { words.append(word) }
            }
            ranges.append(start..<words.count)
        }
        for index in ranges[Int(number)] { body(words[index]) }
    }
}
