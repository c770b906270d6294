import ForerunCore

/// What was learnt about one argument of a tool: which derivations explained it, and which constants it had.
///
/// All counts fade; they are multiples of ``unit``.
struct ArgumentKnowledge: Sendable {
    struct Known: Sendable {
        let derivation: Derivation
        /// Parts of the derivation, at hand without a look at its texts.
        let hash: FeatureHash
        let source: FeatureHash
        let isPlain: Bool
        let isDay: Bool
        /// How often it yielded the value.
        var hits: Float
        /// At how many calls it yielded anything, from its first hit on.
        var there: Float

        init(_ derivation: Derivation, hits: Float, there: Float) {
            self.derivation = derivation
            self.hits = hits
            self.there = there
            hash = derivation.hash
            source = derivation.source.hash
            isPlain = derivation.form == .plain
            isDay = derivation.form == .year
        }
    }

    static let derivationLimit = 256
    static let constantLimit = 2_048
    /// Derivations that are tried.
    static let triedDerivations = 6
    /// Frequent constants that are offered, and how long a constant may be in bytes.
    static let offeredConstants = 6
    static let constantBytes = 60
    /// Seen less often, a value is no constant: twice, a little faded.
    static let leastConstant: Float = 1.5

    let tool: String
    let argument: String
    /// What one more is worth.
    private(set) var unit = FadingUnit()
    private(set) var derivations: [Known] = []
    private(set) var numbers = HashTable(capacity: 16)
    private(set) var constants: [Constant] = []
    private(set) var constantNumbers = HashTable(capacity: 16)
    /// Numbers of constants, the most frequent first.
    private(set) var offered: [Int32] = []
    /// The derivations that were right most often, by their hashes: what the outlook of a tool takes into account.
    private(set) var mostFrequent: [FeatureHash] = []
    /// The numbers of the derivations that were right most of the time, the best first; of equals the one first learnt.
    ///
    /// Those that yield nothing in the current run count too, so that rare ones do not get in for lack of better ones.
    private(set) var best: [Int32] = []
    /// Calls with a value short enough for a constant.
    private(set) var total: Float = 0

    init(tool: String, argument: String) {
        self.tool = tool
        self.argument = argument
    }

    init(tool: String, argument: String, unit: FadingUnit, total: Float) {
        self.init(tool: tool, argument: argument)
        self.unit = unit
        self.total = total
    }

    /// How often the source or derivation of this name was right where it yielded anything; smoothed.
    @inline(__always)
    func precision(_ hash: FeatureHash) -> Float {
        let number = numbers.find(hash)
        guard number >= 0 else { return 0.3 / 2 }
        return derivations.withUnsafeBufferPointer { derivations in
            (derivations[Int(number)].hits + 0.3 * unit.value) / (derivations[Int(number)].there + 2 * unit.value)
        }
    }

    /// How often a constant was seen.
    @inline(__always)
    func count(of constant: FeatureHash) -> Float {
        let number = constantNumbers.find(constant)
        return number < 0 ? 0 : constants[Int(number)].count / unit.value
    }

    /// The share of a constant in the values that it was seen among; smoothed.
    func share(of constant: FeatureHash) -> Float { count(of: constant) / (total / unit.value + 3) }

    /// How many calls it knows, as far as they have not faded.
    var calls: Float { total / unit.value }

    /// Learns which derivations yielded the value that came.
    ///
    /// - Parameter now: the calls that the model has learnt.
    mutating func learn(_ found: [Derivation], in run: RunIndex, now: Int32) {
        advance(to: now)
        for derivation in found where numbers.find(derivation.hash) < 0 && derivations.count < Self.derivationLimit {
            append(Known(derivation, hits: 0, there: 0))
        }
        let one = unit.value
        run.sourceNumbers.withView { sources in
            derivations.withUnsafeMutableBufferPointer { derivations in
                for index in derivations.indices where !derivations[index].isDay {
                    if sources.find(derivations[index].source) >= 0 { derivations[index].there += one }
                }
            }
        }
        for derivation in found {
            let number = Int(numbers.find(derivation.hash))
            guard number >= 0 else { continue }
            derivations[number].hits += one
            if derivations[number].isDay || run.sourceNumbers.find(derivations[number].source) < 0 {
                derivations[number].there += one
            }
        }
        order()
    }

    private mutating func advance(to now: Int32) {
        let divisor = unit.advance(to: now)
        guard divisor != 1 else { return }
        for index in derivations.indices {
            derivations[index].hits /= divisor
            derivations[index].there /= divisor
        }
        for index in constants.indices { constants[index].count /= divisor }
        total /= divisor
    }

    private mutating func append(_ known: Known) {
        numbers.set(known.hash, to: Int32(derivations.count))
        derivations.append(known)
    }

    /// Puts derivations as they were written down.
    mutating func restore(_ known: [Known]) {
        for known in known { append(known) }
        order()
    }

    private mutating func order() {
        var frequent: [(hash: FeatureHash, hits: Float)] = []
        var right: [(number: Int32, share: Float)] = []
        frequent.reserveCapacity(4)
        right.reserveCapacity(Self.triedDerivations + 1)
        let two = 2 * unit.value
        // Without copies of the derivations: their texts are counted references.
        derivations.withUnsafeBufferPointer { derivations in
            for number in derivations.indices {
                let (hits, there) = (derivations[number].hits, derivations[number].there)
                if frequent.count < 3 || hits > frequent[frequent.count - 1].hits {
                    let place = frequent.firstIndex { $0.hits < hits } ?? frequent.count
                    frequent.insert((derivations[number].hash, hits), at: place)
                    if frequent.count > 3 { frequent.removeLast() }
                }
                let share = hits / (there + two)
                if right.count < Self.triedDerivations || share > right[right.count - 1].share {
                    let place = right.firstIndex { $0.share < share } ?? right.count
                    right.insert((Int32(number), share), at: place)
                    if right.count > Self.triedDerivations { right.removeLast() }
                }
            }
        }
        mostFrequent = frequent.map(\.hash)
        best = right.map(\.number)
    }
}

/// Values that come again and again, wherever they come from.
extension ArgumentKnowledge {
    struct Constant: Sendable {
        let hash: FeatureHash
        var count: Float
        /// In how many runs it was seen, and the number of the last.
        var runs: Int32
        var lastRun: Int32
        /// `nil`: not to be written down, or not seen often enough.
        var value: JSON? { didSet { words = value.map(WordScan.words(of:)) ?? [] } }
        /// The words of the value.
        private(set) var words: [FeatureHash]
        /// Whether it was refused already: when it was seen in few runs, and in many.
        fileprivate var isRefused = (fewRuns: false, manyRuns: false)

        init(hash: FeatureHash, count: Float, runs: Int32, lastRun: Int32, value: JSON?) {
            self.hash = hash
            self.count = count
            self.runs = runs
            self.lastRun = lastRun
            self.value = value
            words = value.map(WordScan.words(of:)) ?? []
        }

        /// Writes the value down, if it may be; what was refused is only asked about again when it was seen in more runs.
        fileprivate mutating func keep(_ value: JSON) {
            let isCommon = runs >= PatternPrivacy.manyRuns
            guard isCommon ? !isRefused.manyRuns : !isRefused.fewRuns else { return }
            if PatternPrivacy.mayKeep(value, runs: Int(runs)) {
                self.value = value
            } else if isCommon {
                isRefused.manyRuns = true
            } else {
                isRefused.fewRuns = true
            }
        }
    }

    /// Learns the value that came.
    mutating func learn(_ value: JSON, _ hash: FeatureHash, run: Int32, now: Int32) {
        advance(to: now)
        total += unit.value
        var number = constantNumbers.find(hash)
        if number < 0 {
            if constants.count >= Self.constantLimit { forgetRare() }
            number = Int32(constants.count)
            add(Constant(hash: hash, count: 0, runs: 0, lastRun: -1, value: nil))
        }
        let index = Int(number)
        constants[index].count += unit.value
        if constants[index].lastRun != run {
            constants[index].runs += 1
            constants[index].lastRun = run
        }
        if constants[index].value == nil, constants[index].count >= Self.leastConstant * unit.value {
            constants[index].keep(value)
        }
        offer(number)
    }

    /// Puts a constant as it was written down.
    mutating func add(_ constant: Constant) {
        let number = Int32(constants.count)
        constantNumbers.set(constant.hash, to: number)
        constants.append(constant)
        offer(number)
    }

    private mutating func offer(_ number: Int32) {
        let count = constants[Int(number)].count
        guard constants[Int(number)].value != nil, count >= Self.leastConstant * unit.value else { return }
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
