import ForerunCore

/// A value that an argument may get.
struct Candidate: Sendable {
    let hash: FeatureHash
    /// Its number in the index; -1 where it occurs nowhere in the run.
    let number: Int32
    /// The value, where it has no number.
    let value: JSON?
    /// Up to three occurrences that offer it; none: it is a constant.
    var occurrences: Occurrences
    /// Which derivation offered it first.
    let origin: Origin

    enum Origin: Sendable {
        case constant
        /// The derivation of this number, of those known of the argument.
        case derivation(Int32)
        /// The source of this number in the index: its name fits, nothing was learnt yet.
        case source(Int32)
    }

    /// The most occurrences of one value that count.
    static let occurrenceLimit = 3

    func value(in run: RunIndex, _ known: ArgumentKnowledge?) -> JSON {
        if let value { return value }
        if number >= 0 { return run.values[Int(number)].value }
        guard let derivation = derivation(in: run, known) else { return .null }
        return run.value(hash, of: derivation)
    }

    func derivation(in run: RunIndex, _ known: ArgumentKnowledge?) -> Derivation? {
        switch origin {
        case .constant: nil
        case .derivation(let number): known?.derivations[Int(number)].derivation
        case .source(let number): Derivation(.plain, run.sources[Int(number)].source)
        }
    }
}

/// A few occurrences, without an allocation.
struct Occurrences: Sendable, Sequence {
    private(set) var count = 0
    private var first: Occurrence?
    private var second: Occurrence?
    private var third: Occurrence?

    init() {}

    /// Without effect where there are three already.
    mutating func append(_ occurrence: Occurrence) {
        switch count {
        case 0: first = occurrence
        case 1: second = occurrence
        case 2: third = occurrence
        default: return
        }
        count += 1
    }

    @inline(__always)
    subscript(index: Int) -> Occurrence? {
        switch index {
        case 0: first
        case 1: second
        default: third
        }
    }

    struct Iterator: IteratorProtocol {
        let all: Occurrences
        var index = 0
        mutating func next() -> Occurrence? {
            guard index < all.count else { return nil }
            defer { index += 1 }
            return all[index]
        }
    }

    func makeIterator() -> Iterator { Iterator(all: self) }
}
