import ForerunCore

/// A value that an argument may get. A plain value: its texts stay where they are.
struct Candidate: Sendable {
    let hash: FeatureHash
    /// Its number in the index; -1 where it occurs nowhere in the run.
    let number: Int32
    /// The number of the value in ``Ranking/values``, where it has none in the index; -1: there neither.
    let own: Int32
    /// Which derivation offered it first.
    let origin: Origin
    /// Up to three occurrences that offer it; none: it is a constant.
    var occurrences = Occurrences()

    enum Origin: Sendable {
        /// The constant of this number.
        case constant(Int32)
        /// The derivation of this number, of those known of the argument.
        case derivation(Int32)
        /// The source of this number in the index: its name fits, nothing was learnt yet.
        case source(Int32)
    }
}

/// Up to three occurrences, by their places in the index; those that a derivation made up, by their places in
/// ``Ranking/made``, counted down from -2.
struct Occurrences: Sendable {
    private(set) var count = 0
    private var places = SIMD4<Int32>(repeating: -1)

    /// Without effect where there are three already.
    @inline(__always)
    mutating func append(_ place: Int32) {
        guard count < 3 else { return }
        places[count] = place
        count += 1
    }

    @inline(__always)
    subscript(index: Int) -> Int32 { places[index] }
}
