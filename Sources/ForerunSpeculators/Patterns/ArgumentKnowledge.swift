import ForerunCore

/// What was learnt about one argument of a tool: which derivations explained it, and which constants it had.
struct ArgumentKnowledge: Sendable {
    struct Known: Sendable {
        let derivation: Derivation
        /// Parts of the derivation, at hand without a look at its texts.
        let hash: FeatureHash
        let source: FeatureHash
        let isPlain: Bool
        let isDay: Bool
        /// How often it yielded the value.
        var hits: Int32
        /// At how many calls it yielded anything, from its first hit on.
        var there: Int32

        init(_ derivation: Derivation, hits: Int32, there: Int32) {
            self.derivation = derivation
            self.hits = hits
            self.there = there
            hash = derivation.hash
            source = derivation.source.hash
            isPlain = derivation.form == .plain
            isDay = derivation.form == .year
        }
    }

    struct Constant: Sendable {
        let hash: FeatureHash
        var count: Int32
        /// In how many runs it was seen, and the number of the last.
        var runs: Int32
        var lastRun: Int32
        /// `nil`: not to be written down, or not seen often enough.
        var value: JSON?
    }

    static let derivationLimit = 256
    static let constantLimit = 2_048
    /// Frequent constants that are offered, and how long a constant may be in bytes.
    static let offeredConstants = 6
    static let constantBytes = 60

    let tool: String
    let argument: String
    var derivations: [Known] = []
    private(set) var numbers = HashTable(capacity: 16)
    private(set) var constants: [Constant] = []
    private(set) var constantNumbers = HashTable(capacity: 16)
    /// Numbers of constants, the most frequent first.
    private(set) var offered: [Int32] = []
    /// The derivations that were right most often, by their hashes: what the outlook of a tool takes into account.
    private(set) var mostFrequent: [FeatureHash] = []
    /// Calls with a value short enough for a constant.
    var total: Int32 = 0

    init(tool: String, argument: String) {
        self.tool = tool
        self.argument = argument
    }

    /// How often the source or derivation of this name was right where it yielded anything; smoothed.
    @inline(__always)
    func precision(_ hash: FeatureHash) -> Float {
        let number = numbers.find(hash)
        guard number >= 0 else { return 0.3 / 2 }
        let known = derivations[Int(number)]
        return (Float(known.hits) + 0.3) / (Float(known.there) + 2)
    }

    @inline(__always)
    func count(of constant: FeatureHash) -> Int32 {
        let number = constantNumbers.find(constant)
        return number < 0 ? 0 : constants[Int(number)].count
    }

    /// Learns which derivations yielded the value that came.
    mutating func learn(_ found: [Derivation], in run: RunIndex) {
        var isFound = [Bool](repeating: false, count: derivations.count)
        for derivation in found {
            let number = numbers.find(derivation.hash)
            if number >= 0 {
                isFound[Int(number)] = true
            } else if derivations.count < Self.derivationLimit {
                add(Known(derivation, hits: 0, there: 0))
                isFound.append(true)
            }
        }
        defer { updateMostFrequent() }
        for index in derivations.indices {
            if isFound[index] {
                derivations[index].hits += 1
                derivations[index].there += 1
            } else if !derivations[index].isDay, run.sourceNumbers.find(derivations[index].source) >= 0 {
                derivations[index].there += 1
            }
        }
    }

    mutating func add(_ known: Known) {
        numbers.set(known.hash, to: Int32(derivations.count))
        derivations.append(known)
        if known.hits > 0 { updateMostFrequent() }
    }

    private mutating func updateMostFrequent() {
        var best: [(hash: FeatureHash, hits: Int32)] = []
        for known in derivations {
            guard best.count < 3 || known.hits > best[best.count - 1].hits else { continue }
            let place = best.firstIndex { $0.hits < known.hits } ?? best.count
            best.insert((known.hash, known.hits), at: place)
            if best.count > 3 { best.removeLast() }
        }
        mostFrequent = best.map(\.hash)
    }

    /// Learns the value that came.
    mutating func learn(_ value: JSON, _ hash: FeatureHash, run: Int32) {
        total += 1
        var number = constantNumbers.find(hash)
        if number < 0 {
            if constants.count >= Self.constantLimit { forgetRare() }
            number = Int32(constants.count)
            add(Constant(hash: hash, count: 0, runs: 0, lastRun: -1))
        }
        let index = Int(number)
        constants[index].count += 1
        if constants[index].lastRun != run {
            constants[index].runs += 1
            constants[index].lastRun = run
        }
        if constants[index].value == nil, constants[index].count >= 2,
            PatternPrivacy.mayKeep(value, runs: Int(constants[index].runs))
        {
            constants[index].value = value
        }
        offer(number)
    }

    mutating func add(_ constant: Constant) {
        let number = Int32(constants.count)
        constantNumbers.set(constant.hash, to: number)
        constants.append(constant)
        offer(number)
    }

    private mutating func offer(_ number: Int32) {
        let count = constants[Int(number)].count
        guard constants[Int(number)].value != nil, count >= 2 else { return }
        var place = offered.firstIndex(of: number) ?? -1
        if place < 0 {
            if offered.count < Self.offeredConstants {
                offered.append(number)
            } else if let last = offered.last, constants[Int(last)].count < count {
                offered[offered.count - 1] = number
            } else {
                return
            }
            place = offered.count - 1
        }
        while place > 0, constants[Int(offered[place - 1])].count < count {
            offered.swapAt(place, place - 1)
            place -= 1
        }
    }

    /// Keeps the more frequent half.
    private mutating func forgetRare() {
        let kept = constants.sorted { ($0.count, $1.hash) > ($1.count, $0.hash) }.prefix(Self.constantLimit / 2)
        constants = []
        constantNumbers = HashTable(capacity: 16)
        offered = []
        for constant in kept { add(constant) }
    }
}
