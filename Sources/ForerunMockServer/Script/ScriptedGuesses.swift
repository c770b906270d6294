package import ForerunCore
import OrderedCollections

/// The guesses of a scripted speculator: right as often as it is told to be.
package struct ScriptedGuesses: Sendable {
    /// How a wrong guess comes about.
    package enum Wrong: String, Sendable, Hashable, CaseIterable {
        /// Another turn of the script.
        case turns
        /// The right calls with one argument replaced.
        case arguments
    }

    /// One guessed turn.
    package struct Guess: Sendable, Hashable {
        package var confidence: Double
        package var calls: [Call]

        package init(confidence: Double, calls: [Call]) {
            self.confidence = confidence
            self.calls = calls
        }
    }

    /// The scripted model whose answers are guessed.
    package var of: String
    package var truth: ScriptedTurns
    /// The probability that the true turn is the first guess, the second, and so on.
    package var hitTop: [Double]
    /// How many guesses it makes at most, whatever is asked for.
    package var width: Int
    package var wrong: Wrong
    /// What it says of its own certainty, by rank. Where empty, it says the truth: `hitTop`.
    package var confidence: [Double]

    package init(
        of: String, truth: ScriptedTurns, hitTop: [Double], width: Int, wrong: Wrong = .turns, confidence: [Double] = []
    ) {
        self.of = of
        self.truth = truth
        self.hitTop = hitTop
        self.width = width
        self.wrong = wrong
        self.confidence = confidence
    }

    /// At most `min(width, asked)` different guesses at the answer of step `step`, best first.
    ///
    /// - Parameters:
    ///   - truthHash: from the messages, as the guessed model would draw it.
    ///   - generator: seeded by the messages; one draw decides the rank of the hit, the rest choose the wrong guesses.
    package func guesses(step: Int, asked: Int, truthHash: UInt64, generator: inout SplitMix64) -> [Guess] {
        let truth = truth.turn(at: step, hash: truthHash).turn.calls
        let hitRank = rank(of: generator.unit())
        var taken: Set<[Call]> = [truth]
        return (0..<max(0, min(width, asked))).map { rank in
            let calls: [Call]
            if rank == hitRank {
                calls = truth
            } else {
                calls = wrongCalls(step: step, truth: truth, rank: rank, hash: truthHash, taken: taken, &generator)
                taken.insert(calls)
            }
            return Guess(confidence: confidence(at: rank), calls: calls)
        }
    }

    /// The guesses as the answer's text: one JSON object, as it was asked for.
    package static func text(_ guesses: [Guess]) -> String {
        let list = guesses.map { guess -> JSON in
            let calls = guess.calls.map { ["name": .string($0.name), "arguments": $0.arguments] as JSON }
            return ["confidence": .number(JSONNumber(guess.confidence)), "calls": .array(calls)]
        }
        return (["guesses": .array(list)] as JSON).text
    }

    private func rank(of draw: Double) -> Int? {
        var sum = 0.0
        for (rank, probability) in hitTop.enumerated() {
            sum += probability
            if draw < sum { return rank }
        }
        return nil
    }

    private func confidence(at rank: Int) -> Double {
        let stated = confidence.isEmpty ? hitTop : confidence
        return rank < stated.count ? stated[rank] : 0
    }

    private func wrongCalls(
        step: Int, truth: [Call], rank: Int, hash: UInt64, taken: Set<[Call]>, _ generator: inout SplitMix64
    ) -> [Call] {
        if wrong == .turns || truth.isEmpty {
            let count = self.truth.count
            let start = Int(truncatingIfNeeded: generator.next() % UInt64(max(count, 1)))
            for offset in 0..<count {
                let calls = self.truth.turn(at: (start + offset) % count, hash: hash).turn.calls
                if !calls.isEmpty, !taken.contains(calls) { return calls }
            }
        }
        guard var call = truth.last else { return [] }
        call.arguments = Self.altered(call.arguments, by: rank + 1)
        return truth.dropLast() + [call]
    }

    /// One argument replaced: the last one that is a string or a whole number, else one is added.
    private static func altered(_ arguments: JSON, by amount: Int) -> JSON {
        guard var members = arguments.objectValue else { return ["wrong": .number(JSONNumber(amount))] }
        for key in members.keys.reversed() {
            if let text = members[key]?.stringValue {
                members[key] = .string("\(text).\(amount)")
                return .object(members)
            }
            if let number = members[key]?.intValue {
                members[key] = .number(JSONNumber(number &+ 1000 * amount))
                return .object(members)
            }
        }
        members["wrong"] = .number(JSONNumber(amount))
        return .object(members)
    }
}
