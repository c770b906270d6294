package import ForerunCore
import OrderedCollections

/// The predictor that others are measured against: the tool by the last three events, with back-off; each argument by the
/// rule that was right most of the time; calls that were made already left out.
///
/// A rule is a place in the latest output of a tool, an earlier argument, a word of the user by its shape, or a constant.
package struct SimplePredictor: MeasuredPredictor {
    /// Something countable, in the order in which it was first seen.
    typealias Counts<Key: Hashable> = OrderedDictionary<Key, Int>

    struct Argument: Hashable {
        let tool: String
        let name: String
    }

    struct Knowledge {
        /// By rule: how often it was there, and how often it was right.
        var there: Counts<Int> = [:]
        var hits: Counts<Int> = [:]
        var constants: Counts<JSON> = [:]
        var total = 0
    }

    private static let order = 3
    private static let triedTools = 4
    private static let triedValues = 4
    private static let triedConstants = 5
    private static let triedCalls = 10
    /// A rule must have been right so often.
    private static let leastHits = 2

    private var decisions: [[String]: Counts<String?>] = [:]
    private var tools: [[String]: Counts<String>] = [:]
    private var names: [String: Counts<[String]>] = [:]
    private var arguments: [Argument: Knowledge] = [:]
    private var run = SimpleRun()

    package init() {}

    /// Contexts, rules and constants.
    package var count: Int {
        decisions.count + tools.count + arguments.values.reduce(0) { $0 + $1.there.count + $1.constants.count }
    }

    package mutating func learn(_ recorded: RecordedRun, _ tools: [Tool]) {
        run = SimpleRun(rules: run.rules)
        for step in recorded.steps {
            switch step {
            case .message(let text): run.message(text)
            case .turn(let turn):
                for context in run.contexts(Self.order) {
                    decisions[context, default: [:]][turn.calls.first?.call.name, default: 0] += 1
                }
                for call in turn.calls { learn(call.call) }
                for call in turn.calls {
                    if let output = call.output { run.output(output, of: call.call) }
                }
            }
        }
    }

    private mutating func learn(_ call: Call) {
        for context in run.contexts(Self.order) { tools[context, default: [:]][call.name, default: 0] += 1 }
        let members = call.arguments.objectValue ?? [:]
        names[call.name, default: [:]][members.keys.sorted(), default: 0] += 1
        let values = run.values
        for (name, value) in members {
            var known = arguments.removeValue(forKey: Argument(tool: call.name, name: name)) ?? Knowledge()
            for (rule, found) in values {
                known.there[rule, default: 0] += 1
                if found == value { known.hits[rule, default: 0] += 1 }
            }
            known.constants[value, default: 0] += 1
            known.total += 1
            arguments[Argument(tool: call.name, name: name)] = known
        }
        run.call(call)
    }

    // MARK: Guesses

    package mutating func begin(_ tools: [Tool]) { run = SimpleRun(rules: run.rules) }
    package mutating func message(_ text: String) { run.message(text) }
    package mutating func said(_ text: String) {}
    package mutating func call(_ call: Call) { run.call(call) }
    package mutating func ended(_ turn: Turn) {}
    package mutating func output(_ output: Output, of call: Call) { run.output(output, of: call) }

    package mutating func guess() -> MeasuredGuess {
        let contexts = run.contexts(Self.order)
        var ranked: [String?] = []
        for context in contexts.reversed() {
            for (name, _) in Self.mostFrequent(decisions[context] ?? [:]) where !ranked.contains(name) {
                ranked.append(name)
            }
        }
        let values = run.values
        var guesses: [GuessedCall] = []
        for (name, share) in shares(contexts).prefix(Self.triedTools) {
            guard let set = Self.mostFrequent(names[name] ?? [:]).first?.key else { continue }
            guesses += calls(name, set, share, values)
        }
        guesses.removeAll { run.calls.contains($0.call) }
        guesses.sort { $0.probability > $1.probability }
        return MeasuredGuess(tools: ranked, calls: Array(guesses.prefix(3)))
    }

    /// The tools by their interpolated shares.
    private func shares(_ contexts: [[String]]) -> [(name: String, share: Double)] {
        var shares: OrderedDictionary<String, Double> = [:]
        var rest = 1.0
        for context in contexts.reversed() {
            guard let counts = tools[context] else { continue }
            let total = Double(counts.values.reduce(0, +))
            for (name, count) in counts { shares[name, default: 0] += rest * Double(count) / (total + 1) }
            rest /= total + 1
        }
        return shares.map { ($0.key, $0.value) }.sorted { $0.share > $1.share }
    }

    private func calls(
        _ name: String, _ set: [String], _ share: Double, _ values: [(rule: Int, value: JSON)]
    ) -> [GuessedCall] {
        var found: [(share: Double, members: [(String, JSON)])] = [(share, [])]
        for argument in set {
            let best = candidates(arguments[Argument(tool: name, name: argument)] ?? Knowledge(), values)
            found = found.flatMap { before in
                best.map { (before.share * $0.precision, before.members + [(argument, $0.value)]) }
            }
            found.sort { $0.share > $1.share }
            found = Array(found.prefix(Self.triedCalls))
        }
        return found.map { GuessedCall(Call(name, JSON(members: $0.members)), probability: $0.share) }
    }

    private func candidates(
        _ known: Knowledge, _ values: [(rule: Int, value: JSON)]
    ) -> [(value: JSON, precision: Double)] {
        var best: OrderedDictionary<JSON, Double> = [:]
        for (rule, value) in values {
            guard let hits = known.hits[rule], hits >= Self.leastHits else { continue }
            let precision = Double(hits) / Double((known.there[rule] ?? 0) + 1)
            best[value] = max(best[value] ?? 0, precision)
        }
        for (value, count) in Self.mostFrequent(known.constants).prefix(Self.triedConstants) {
            best[value] = max(best[value] ?? 0, Double(count) / Double(known.total + 1))
        }
        let ranked = best.map { (value: $0.key, precision: $0.value) }.sorted { $0.precision > $1.precision }
        return Array(ranked.prefix(Self.triedValues))
    }

    private static func mostFrequent<Key>(_ counts: Counts<Key>) -> [(key: Key, value: Int)] {
        counts.map { ($0.key, $0.value) }.sorted { $0.value > $1.value }
    }
}
