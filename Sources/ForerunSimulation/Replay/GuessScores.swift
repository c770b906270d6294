import ForerunCore

/// How often guesses were right, and how well their probabilities say so.
package struct GuessScores: Sendable, Hashable {
    /// Hits among the first guess and the first three.
    package struct Count: Sendable, Hashable {
        package private(set) var count = 0
        package private(set) var first = 0
        package private(set) var three = 0

        mutating func add(_ rank: Int?) {
            count += 1
            if let rank, rank < 1 { first += 1 }
            if let rank, rank < 3 { three += 1 }
        }

        static func += (left: inout Count, right: Count) {
            left.count += right.count
            left.first += right.first
            left.three += right.three
        }
    }

    /// Candidates whose probability is in one tenth of 0…1.
    package struct Bin: Sendable, Hashable {
        package fileprivate(set) var count = 0
        package fileprivate(set) var probability = 0.0
        package fileprivate(set) var hits = 0
    }

    /// The next tool, or none, at every turn.
    package private(set) var decisions = Count()
    /// Name and all arguments, of every call.
    package private(set) var calls = Count()
    /// The same, of calls that only read.
    package private(set) var reads = Count()
    /// Turns with calls, and those of them for which there was a guess.
    package private(set) var turnsWithCalls = 0
    package private(set) var guessedTurns = 0
    package private(set) var bins = Array(repeating: Bin(), count: 10)
    private var squares = 0.0

    package init() {}

    /// The mean square of what probabilities were off by; `nil`: there was no guess.
    package var brier: Double? { candidates == 0 ? nil : squares / Double(candidates) }
    package var candidates: Int { bins.reduce(0) { $0 + $1.count } }

    /// The expected calibration error: by how much the tenths are off, weighed by their sizes.
    package var calibrationError: Double? {
        guard candidates > 0 else { return nil }
        return bins.reduce(0) { $0 + abs($1.probability - Double($1.hits)) } / Double(candidates)
    }

    static func += (left: inout GuessScores, right: GuessScores) {
        left.decisions += right.decisions
        left.calls += right.calls
        left.reads += right.reads
        left.turnsWithCalls += right.turnsWithCalls
        left.guessedTurns += right.guessedTurns
        left.squares += right.squares
        for index in left.bins.indices {
            left.bins[index].count += right.bins[index].count
            left.bins[index].probability += right.bins[index].probability
            left.bins[index].hits += right.bins[index].hits
        }
    }
}

extension GuessScores {
    /// A guess with the probability that admission goes by.
    struct Candidate {
        var turn: Turn
        var entry: Transcript.Entry
        var calls: [CallIdentity]
        var source: String
        var probability: Double
    }

    /// Calls that only think: they are no deeds.
    private static func isThought(_ name: String) -> Bool { name == "think" || name == "Think" }

    /// - Parameters:
    ///   - candidates: merged, the most probable first.
    ///   - ranking: the tools that come next, where a source tells; otherwise taken from the candidates.
    mutating func add(
        _ candidates: [Candidate], ranking: [String?]?, real: Turn, entry: Transcript.Entry, calls: [JudgedCall]
    ) {
        let deeds = calls.filter { !Self.isThought($0.call.name) }
        guard !deeds.isEmpty || calls.isEmpty else { return }
        let tools = ranking?.filter { $0.map { !Self.isThought($0) } ?? true } ?? Self.ranking(candidates)
        decisions.add(tools.firstIndex(of: deeds.first?.call.name))
        if !deeds.isEmpty {
            turnsWithCalls += 1
            if !candidates.isEmpty { guessedTurns += 1 }
        }
        for call in deeds {
            let rank = candidates.firstIndex { $0.calls.contains(call.identity) }
            self.calls.add(rank)
            if call.isRead { reads.add(rank) }
        }
        let sum = candidates.reduce(0) { $0 + $1.probability }
        for candidate in candidates {
            let probability = sum > 1 ? candidate.probability / sum : candidate.probability
            let hit = candidate.entry == entry
            squares += (probability - (hit ? 1 : 0)) * (probability - (hit ? 1 : 0))
            let bin = min(9, Int(probability * 10))
            bins[bin].count += 1
            bins[bin].probability += probability
            if hit { bins[bin].hits += 1 }
        }
    }

    /// The tools by the probabilities of the guesses that begin with them; what is left is for no call.
    private static func ranking(_ candidates: [Candidate]) -> [String?] {
        var shares: [(tool: String?, share: Double)] = []
        for candidate in candidates {
            let tool = candidate.turn.calls.first?.name
            if let place = shares.firstIndex(where: { $0.tool == tool }) {
                shares[place].share += candidate.probability
            } else {
                shares.append((tool, candidate.probability))
            }
        }
        let rest = 1 - shares.reduce(0) { $0 + $1.share }
        if !shares.contains(where: { $0.tool == nil }) { shares.append((nil, rest)) }
        return shares.enumerated().sorted { ($0.element.share, $1.offset) > ($1.element.share, $0.offset) }
            .map(\.element.tool)
    }
}
