package import ForerunCore

/// What one recorded run took of its models, by model, role and outcome.
///
/// Pure: events of a log go in, in order. Logs from before costs were recorded have the answers of the real path only.
package struct RunCosts: Sendable {
    /// What is counted apart.
    package struct Key: Sendable, Hashable, Comparable {
        /// `nil`: the log does not say.
        package var model: String?
        package var role: String
        package var outcome: Charge.Outcome

        package static func < (left: Key, right: Key) -> Bool {
            (left.model ?? "", left.role, left.outcome.order) < (right.model ?? "", right.role, right.outcome.order)
        }
    }

    package struct Sum: Sendable, Hashable {
        package var requests = 0
        package var usage = Usage.zero
        /// By currency, of the requests whose price is known.
        package var money: [String: Double] = [:]
        /// Requests whose price is unknown.
        package var unpriced = 0
        /// Requests whose tokens are estimated.
        package var estimated = 0
        /// Of which days the prices are, where that is known.
        package var pricesOf: Set<String> = []

        package init() {}

        package mutating func add(_ other: Sum) {
            requests += other.requests
            usage += other.usage
            money.merge(other.money, uniquingKeysWith: +)
            unpriced += other.unpriced
            estimated += other.estimated
            pricesOf.formUnion(other.pricesOf)
        }
    }

    package let run: String
    package private(set) var agent = ""
    /// How it ended; `nil`: the log has no end (the run goes on, or was killed).
    package private(set) var end: String?
    package private(set) var sums: [Key: Sum] = [:]
    /// Attempts that brought no answer. What providers charge for them is not known.
    package private(set) var failedAttempts = 0
    private var hasCharges = false
    /// The last turn whose answer is charged.
    private var chargedTurn: Int?
    private var answers: [Key: Sum] = [:]

    package init(run: String) { self.run = run }

    package mutating func add(_ event: JSON) {
        switch event["type"]?.stringValue {
        case "run.started": agent = event["agent"]?.stringValue ?? agent
        case "run.completed": end = event["end"]?.stringValue
        // An answer that was cut short is charged like any other before it is said to be no turn.
        case "answer.failed": if event["turn"]?.intValue != chargedTurn { failedAttempts += 1 }
        case "cost":
            guard let outcome = event["outcome"]?.stringValue.flatMap(Charge.Outcome.init) else { return }
            hasCharges = true
            if [.committed, .ahead].contains(outcome) { chargedTurn = event["turn"]?.intValue }
            let key = Key(
                model: event["model"]?.stringValue, role: event["role"]?.stringValue ?? "actor", outcome: outcome)
            sums[key, default: Sum()].add(Self.sum(event))
        case "turn.taken":
            // What fails from here on is another attempt, also where a run that goes on asks this turn again.
            chargedTurn = nil
            guard event["usage"]?.objectValue != nil else { return }
            let key = Key(
                model: nil, role: event["role"]?.stringValue ?? "actor",
                outcome: event["ahead"]?.boolValue == true ? .ahead : .committed)
            answers[key, default: Sum()].add(Self.sum(event))
        default: break
        }
    }

    /// The log is over.
    package mutating func finish() { if !hasCharges { sums = answers } }

    package var total: Sum { sums.values.reduce(into: Sum()) { $0.add($1) } }

    private static func sum(_ event: JSON) -> Sum {
        var sum = Sum()
        sum.requests = 1
        sum.usage = Usage(json: event["usage"] ?? .null)
        if let money = event["money"]?.doubleValue {
            sum.money[event["currency"]?.stringValue ?? "USD"] = money
            if let day = event["pricesOf"]?.stringValue { sum.pricesOf = [day] }
        } else {
            sum.unpriced = 1
        }
        if event["estimated"]?.boolValue == true { sum.estimated = 1 }
        return sum
    }
}

extension Charge.Outcome {
    fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension Usage {
    /// As events have it.
    fileprivate init(json: JSON) {
        func count(_ key: String) -> Int { max(0, json[key]?.intValue ?? 0) }
        self.init(
            input: count("input"), cached: count("cached"), written: count("written"), output: count("output"),
            reasoning: count("reasoning"))
    }
}
