package import ForerunCore

/// A Markov model of turns: what came next, after what.
///
/// A turn is counted in several contexts at once: after no, one, two and three events, and after exactly this last turn.
/// The shares of a special context are mixed with those of the next more general one by how many different turns the
/// special one has seen (Witten and Bell, 1991, method C), so that few observations do not count for much. Counts fade.
package struct TransitionModel: Sendable, Hashable {
    struct Context: Sendable, Hashable {
        /// By ``Outcome`` key; faded.
        var counts: [String: Double] = [:]
        /// The number of the last observation here.
        var lastSeen = 0
    }

    /// What an observation takes from the older ones of its context: half is gone after some 35.
    static let memory = 0.98
    /// Counts below this are forgotten.
    static let threshold = 0.05
    static let contextLimit = 10_000
    static let outcomeLimit = 64
    /// Guesses less probable than this are not worth their look-up.
    private static let leastProbability = 0.01

    var contexts: [String: Context] = [:]
    var observations = 0

    package init() {}

    /// How many contexts it knows.
    package var count: Int { contexts.count }

    /// Learns that `turn` came after `history`.
    package mutating func learn(_ turn: Turn, after history: TransitionHistory) {
        observations += 1
        let outcome = Outcome.key(of: turn)
        for name in history.contexts {
            var context = contexts[name] ?? Context()
            context.counts = context.counts.compactMapValues { count in
                count * Self.memory < Self.threshold ? nil : count * Self.memory
            }
            context.counts[outcome, default: 0] += 1
            if context.counts.count > Self.outcomeLimit,
                let rarest = context.counts.filter({ $0.key != outcome }).min(by: Self.isRarer)
            {
                context.counts[rarest.key] = nil
            }
            context.lastSeen = observations
            contexts[name] = context
        }
        if contexts.count > Self.contextLimit { forgetOldest() }
    }

    /// The turns that may come after `history`, the most probable first.
    ///
    /// Only turns that were seen in a context of at least one event are named, and only those with calls: the end of
    /// the run has its share of the probability, but is no guess.
    ///
    /// - Parameter isKnown: whether there is a tool of this name.
    package func predictions(
        after history: TransitionHistory, width: Int, isKnown: (String) -> Bool = { _ in true }
    ) -> [(calls: [Call], probability: Double)] {
        var shares: [String: Double] = [:]
        var isNamed: Set<String> = []
        for (index, name) in history.contexts.enumerated() {
            guard let counts = contexts[name]?.counts, !counts.isEmpty else { continue }
            let kinds = Double(counts.count)
            // In order: a dictionary has another one in each process, and sums would differ in their last digits.
            let total = counts.values.sorted().reduce(0, +) + kinds
            shares = shares.mapValues { $0 * kinds / total }
            for (outcome, count) in counts { shares[outcome, default: 0] += count / total }
            if index > 0 { isNamed.formUnion(counts.keys) }
        }
        var result: [(calls: [Call], probability: Double)] = []
        // Sorted by name where shares are equal: a dictionary's order is another one in each process.
        for (outcome, share) in shares.sorted(by: { Self.isRarer($1, $0) }) where isNamed.contains(outcome) {
            guard result.count < width, share >= Self.leastProbability else { break }
            if let calls = Outcome.calls(of: outcome), calls.allSatisfy({ isKnown($0.name) }) {
                result.append((calls, share))
            }
        }
        return result
    }

    private static func isRarer(_ a: (key: String, value: Double), _ b: (key: String, value: Double)) -> Bool {
        a.value != b.value ? a.value < b.value : a.key > b.key
    }

    /// Makes room for a quarter of the contexts.
    private mutating func forgetOldest() {
        let times = contexts.values.map(\.lastSeen).sorted()
        let limit = times[times.count / 4]
        contexts = contexts.filter { $0.value.lastSeen > limit }
    }
}

extension TransitionModel {
    /// How turns are written down: as canonical JSON of their calls.
    enum Outcome {
        /// No calls: the actor had its last word.
        static let end = "end"
        /// Calls that are not to be written down, or cannot be performed.
        static let untold = "untold"
        private static let longest = 2_048

        static func key(of turn: Turn) -> String {
            guard !turn.calls.isEmpty else { return end }
            guard turn.calls.allSatisfy({ $0.malformed == nil && !SecretScreen.suspects($0.arguments) }) else {
                return untold
            }
            let text = JSON.array(turn.calls.map { [.string($0.name), $0.arguments] }).canonicalText
            return text.utf8.count <= longest ? text : untold
        }

        /// The calls of a key; `nil` where it stands for none.
        static func calls(of key: String) -> [Call]? {
            guard key.hasPrefix("["), let list = try? JSON(parsing: key).arrayValue, !list.isEmpty else { return nil }
            var calls: [Call] = []
            for item in list {
                guard let pair = item.arrayValue, pair.count == 2, let name = pair[0].stringValue else { return nil }
                calls.append(Call(name, pair[1]))
            }
            return calls
        }
    }
}
