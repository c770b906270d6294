import OrderedCollections

extension SpeculationTree {
    /// Output tokens that an answer is taken to need at most where the request sets no limit.
    static let mostOutput = 4096
    /// The same for the guesses of a small model.
    private static let mostGuesses = 1024

    /// Four bytes a token: used only where a server reports no usage, and to reserve.
    func estimatedUsage(_ request: ModelRequest, _ turn: Turn) -> Usage {
        let output = Transcript([.turn(turn)]).size / 4
        return Usage(input: inputEstimate(request), output: output)
    }

    /// The most that shadow work can cost; `nil`: nothing.
    func greatestCost(of recipe: Recipe, _ key: WorkKey) -> Cost? {
        switch (recipe, key) {
        case (.ask(let request), _):
            let usage = Usage(input: inputEstimate(request), output: request.role.options.maxTokens ?? Self.mostOutput)
            return cost(usage, of: request)
        case (.predict(let context), .prediction(_, let speculator)):
            guard setup.speculators[speculator].resource != nil else { return nil }
            let requests = max(1, setup.requests[setup.speculators[speculator].source] ?? 1)
            let usage = Usage(input: requests * inputEstimate(context.request), output: requests * Self.mostGuesses)
            return cost(usage, ofSpeculator: speculator)
        default: return nil
        }
    }

    func cost(_ usage: Usage, ofSpeculator index: Int) -> Cost {
        Cost(usage, price: setup.prices[setup.speculators[index].source], assumed: .assumedSmall)
    }

    func cost(_ usage: Usage, of request: ModelRequest) -> Cost {
        Cost(usage, price: setup.prices[request.role.name])
    }

    /// An answer was taken: it counts for the run, whoever asked it when.
    mutating func settle(answer id: WorkID, _ request: ModelRequest) {
        ledger.unreserve(id)
        guard let usage = works[id]?.answer.usage else { return }
        ledger.usage += usage
        ledger.cost += cost(usage, of: request)
        ledger.answers += 1
    }

    func inputEstimate(_ request: ModelRequest) -> Int {
        let seen =
            request.view == .whole
            ? request.transcript.size : (request.entries.first.map { Transcript([$0]).size } ?? 0)
        return (request.role.instructions.utf8.count + seen) / 4 + 50 * request.role.tools.count
    }

    // MARK: - What speculation comes to

    /// Seconds of work that was used which had passed before the real path needed it.
    func secondsAhead(_ work: Work) -> Double {
        max(0, min(work.end ?? now, work.promotion ?? now) - work.start)
    }

    /// What was spent in vain on work: its cost as far as time is worth it to the user, and the slot that it held.
    func priceInSeconds(_ cost: Cost, slotSeconds: Double) -> Double {
        let price = cost == .zero ? 0 : setup.policy.speed.rate * estimate.meanAnswer * inTurns(cost)
        return price + setup.policy.speed.slotRate * slotSeconds
    }

    /// At the end of a turn: what loses is turned off, what has been off for long enough is tried again.
    mutating func judgeSpeculation() {
        for change in switchboard.turnEnded(turnSeconds: estimate.meanAnswer) {
            statistics.note(change, turn: root.turn)
            record(.speculationSwitched(turn: root.turn, change))
        }
    }
}
