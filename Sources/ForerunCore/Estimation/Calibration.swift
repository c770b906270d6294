/// How often the guesses of a source come true, learnt from what it proved.
///
/// The probability of a guess is the share of hits among guesses of the same source, tool and rank, shrunk to that of source
/// and rank, which is shrunk to a prior of the rank.
package struct Calibration: Sendable, Hashable {
    package struct Key: Sendable, Hashable {
        package var source: String
        /// The first tool of the guessed turn; empty for a turn without calls.
        package var tool: String
        package var rank: Int

        package init(source: String, tool: String, rank: Int) {
            self.source = source
            self.tool = tool
            self.rank = rank
        }
    }

    struct Counts: Sendable, Hashable {
        var hits = 0.0
        var total = 0.0

        mutating func add(hit: Bool) {
            // Old evidence fades, so that a source that changes is noticed: a half-life of about 35 guesses.
            hits = hits * Calibration.memory + (hit ? 1 : 0)
            total = total * Calibration.memory + 1
        }

        func shrunk(to prior: Double, strength: Double) -> Double { (hits + prior * strength) / (total + strength) }
    }

    /// Rows of each kind of which counts are kept: far more than an agent has tools.
    static let limit = 4096
    private static let memory = 0.98
    private static let strength = 2.0

    /// No count of a snapshot is greater.
    static let greatest = 1e9

    private(set) var byTool: [Key: Counts] = [:]
    /// Of all tools of a source.
    private(set) var bySource: [Key: Counts] = [:]

    package init() {}

    /// The probability that a guess is right, 0…1.
    package func probability(_ key: Key) -> Double {
        let prior = bySource[key.withoutTool, default: Counts()].shrunk(
            to: Self.prior(key.rank), strength: Self.strength)
        return byTool[key, default: Counts()].shrunk(to: prior, strength: Self.strength)
    }

    /// The probability that one of the first guesses of a source is right.
    package func coverage(of source: String, width: Int) -> Double {
        var sum = 0.0
        for rank in 0..<min(width, 3) {
            let counts = bySource[Key(source: source, tool: "", rank: rank), default: Counts()]
            sum += counts.shrunk(to: Self.prior(rank), strength: Self.strength)
        }
        return min(1, sum)
    }

    package mutating func record(_ key: Key, hit: Bool) {
        if byTool[key] != nil || byTool.count < Self.limit { byTool[key, default: Counts()].add(hit: hit) }
        let all = key.withoutTool
        if bySource[all] != nil || bySource.count < Self.limit { bySource[all, default: Counts()].add(hit: hit) }
    }

    mutating func restore(_ key: Key, hits: Double, total: Double) {
        guard byTool[key] == nil, byTool.count < Self.limit else { return }
        byTool[key] = Counts(hits: hits, total: total)
        bySource[key.withoutTool, default: Counts()].hits += hits
        bySource[key.withoutTool, default: Counts()].total += total
    }

    /// Puts what was counted of all tools of a source in place of their sum.
    mutating func restore(source: String, rank: Int, hits: Double, total: Double) {
        let key = Key(source: source, tool: "", rank: rank)
        guard bySource[key] != nil || bySource.count < Self.limit else { return }
        bySource[key] = Counts(hits: hits, total: total)
    }

    /// What to expect of a source of which nothing is known.
    private static func prior(_ rank: Int) -> Double {
        switch rank {
        case 0: 0.5
        case 1: 0.2
        case 2: 0.1
        default: 0.05
        }
    }
}

extension Calibration.Key {
    fileprivate var withoutTool: Self { Self(source: source, tool: "", rank: rank) }
}
