/// What one request to a model took, once it is known what came of it.
package struct Charge: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// Asked on the real path.
        case committed
        /// Asked ahead, and used.
        case ahead
        /// Asked ahead in vain.
        case wasted
        /// Asked for guesses.
        case guesses
        /// Asked on the real path, and not answered when the run ended.
        case unfinished
    }

    package var work: Int
    package var turn: Int
    /// The role; of a speculator, its source.
    package var role: String
    /// `endpoint/model`, where it is known.
    package var model: String?
    package var outcome: Outcome
    package var usage: Usage
    /// `nil`: the price is unknown.
    package var money: Double?
    package var currency: String?
    /// Of which day the price is, where that is known.
    package var pricesOf: String?
    /// The provider reported no usage (a request that was ended, some servers): it is taken from the length of the texts.
    package var isEstimated: Bool

    package init(
        work: Int, turn: Int, role: String, model: String?, outcome: Outcome, usage: Usage, price: Price?,
        isEstimated: Bool
    ) {
        self.work = work
        self.turn = turn
        self.role = role
        self.model = model
        self.outcome = outcome
        self.usage = usage
        money = price?.money(for: usage)
        currency = price?.currency
        pricesOf = price?.asOf
        self.isEstimated = isEstimated
    }
}
