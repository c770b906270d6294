package import ForerunCore

/// A guessed turn.
package struct PatternGuess: Sendable {
    package let calls: [Call]
    /// P(the first call is among those of the turn), as far as experience goes.
    package let probability: Double
    /// The same, given that the turn has calls at all.
    package let givenCalls: Double
    let found: [[FoundArgument]]

    /// Where the arguments came from.
    package var why: [PatternExplanation] {
        found.enumerated().flatMap { call, arguments in
            arguments.map { PatternExplanation(call: call, argument: $0.name, reason: $0.reason) }
        }
    }
}

/// Where the argument of a guessed call came from.
package struct PatternExplanation: Sendable, Hashable {
    /// Which call of the turn it is.
    package let call: Int
    package let argument: String
    /// In words.
    package let reason: String
}

/// What comes next, as far as experience goes.
package struct PatternPrediction: Sendable {
    /// P(the turn has no calls).
    package let none: Double
    package let guesses: [PatternGuess]
    fileprivate let tools: PatternTools
    /// First that of no call, then one a tool.
    fileprivate let probabilities: [Float]

    /// The names of the tools, the most probable first; `nil` stands for none.
    package var ranked: [String?] {
        let order = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
        return order.map { $0 == 0 ? nil : tools.entries[$0 - 1].name }
    }
}

/// Memory that predictions need on the way, so that it is not asked for anew each time.
package struct PatternRoom: Sendable {
    var cache = RankingCache()
    package init() {}
}

extension PatternModel {
    /// The longest turn that is guessed, in calls.
    private static let longestTurn = 6
    /// Another call is guessed as long as it is more probable than this.
    private static let leastContinuation: Float = 0.5

    /// Predicts the turn that comes after what `run` holds.
    ///
    /// - Parameter wholeTurns: whether to guess more than the first call, where more usually follow.
    package func predict(
        _ run: RunIndex, _ tools: PatternTools, width: Int, wholeTurns: Bool = true
    ) -> PatternPrediction {
        var room = PatternRoom()
        return predict(run, tools, width: width, wholeTurns: wholeTurns, &room)
    }

    /// The same, in room that one prediction after the other can use.
    package func predict(
        _ run: RunIndex, _ tools: PatternTools, width: Int, wholeTurns: Bool = true, _ room: inout PatternRoom
    ) -> PatternPrediction {
        room.cache.removeAll()
        let (decision, found) = run.withView { view in
            let decision = decide(run, view, tools)
            return (decision, search(run, view, tools, decision, width: width, &room.cache))
        }
        let hasCalls = max(1e-9, Double(1 - decision.probabilityOfNone))
        let guesses = found.enumerated().map { rank, first in
            let turn = wholeTurns ? [first] + continued(first, run, tools, &room.cache) : [first]
            let probability = Double(first.probability)
            return PatternGuess(
                calls: turn.map(\.call),
                probability: calibrator.calibrated(min(probability, 1 - 1e-6), rank: rank),
                givenCalls: givenCalls.calibrated(min(probability / hasCalls, 1 - 1e-6), rank: rank),
                found: turn.map(\.arguments))
        }
        return PatternPrediction(
            none: Double(decision.probabilityOfNone), guesses: guesses, tools: tools,
            probabilities: decision.probabilities)
    }

    /// The calls that follow `first` in the same turn: one after the other for as long as one more is likely.
    private func continued(
        _ first: FoundCall, _ run: RunIndex, _ tools: PatternTools, _ cache: inout RankingCache
    ) -> [FoundCall] {
        // Whether anything follows can be told without the values of the call; that is cheap, and mostly nothing does.
        var run = run
        run.say("")
        var brief = run
        brief.note(first.call)
        guard brief.withView({ 1 - decide(brief, $0, tools).probabilityOfNone }) > Self.leastContinuation else {
            return []
        }
        var calls: [FoundCall] = []
        var last = first.call
        while calls.count + 1 < Self.longestTurn {
            run.call(last)
            cache.removeAll()
            let next = run.withView { view -> FoundCall? in
                let decision = decide(run, view, tools)
                guard 1 - decision.probabilityOfNone > Self.leastContinuation else { return nil }
                return search(run, view, tools, decision, width: 1, &cache).first
            }
            guard let next, next.call != first.call, !calls.contains(where: { $0.call == next.call }) else { break }
            calls.append(next)
            last = next.call
        }
        return calls
    }
}
