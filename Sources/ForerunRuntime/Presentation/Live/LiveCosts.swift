import ForerunCore

/// What a run has used so far, by role and outcome.
struct LiveCosts: Sendable {
    struct Key: Sendable, Hashable, Comparable {
        var role: String
        var outcome: Charge.Outcome

        static func < (left: Key, right: Key) -> Bool {
            (left.order, left.role) < (right.order, right.role)
        }

        private var order: Int { Charge.Outcome.allCases.firstIndex(of: outcome) ?? 0 }
    }

    struct Sum: Sendable {
        var requests = 0
        var usage = Usage.zero
        /// `nil` once a price is unknown.
        var money: Double? = 0

        mutating func add(_ charge: Charge) {
            requests += 1
            usage = usage + charge.usage
            money = money.flatMap { sum in charge.money.map { sum + $0 } }
        }
    }

    private(set) var sums: [Key: Sum] = [:]
    /// What the run itself took.
    private(set) var own = Sum()
    /// What speculation took beyond that.
    private(set) var inVain = Sum()
    private(set) var currency: String?

    mutating func add(_ charge: Charge) {
        sums[Key(role: charge.role, outcome: charge.outcome), default: Sum()].add(charge)
        currency = currency ?? charge.currency
        switch charge.outcome {
        case .committed, .ahead: own.add(charge)
        case .wasted, .guesses: inVain.add(charge)
        case .unfinished: break
        }
    }

    var isEmpty: Bool { sums.isEmpty }

    /// `1,204 tokens, 0.0412 USD`: money where there is a price.
    func text(_ sum: Sum) -> String {
        let tokens = PresentedNumber.count(sum.usage.total, "token")
        guard let money = sum.money, money > 0 else { return tokens }
        return "\(tokens), \(self.money(money))"
    }

    func money(_ value: Double) -> String {
        PresentedNumber.fixed(value, 4) + (currency.map { " " + DisplayText.line($0, limit: 8) } ?? "")
    }
}
