import OrderedCollections

extension SpeculationTree {
    /// Output tokens that an answer is taken to need at most where the request sets no limit.
    static let mostOutput = 4096
    /// The same for the guesses of a small model.
    private static let mostGuesses = 1024
    /// What a few guesses take.
    private static let someGuesses = 150

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
            return cost(greatestUsage(context.request, ofSpeculator: speculator), ofSpeculator: speculator)
        default: return nil
        }
    }

    func greatestUsage(_ request: ModelRequest, ofSpeculator index: Int) -> Usage {
        let requests = max(1, setup.requests[setup.speculators[index].source] ?? 1)
        return Usage(input: requests * inputEstimate(request), output: requests * Self.mostGuesses)
    }

    /// What a prediction is taken to have used where nobody says: as much as those before it.
    func expectedUsage(_ request: ModelRequest, ofSpeculator index: Int) -> Usage {
        let source = setup.speculators[index].source
        if let known = estimates.meanUsage(role: source) { return known }
        let requests = max(1, setup.requests[source] ?? 1)
        return Usage(input: requests * inputEstimate(request), output: requests * Self.someGuesses)
    }

    func cost(_ usage: Usage, ofSpeculator index: Int) -> Cost {
        Cost(usage, price: setup.prices[setup.speculators[index].source], assumed: .assumedSmall)
    }

    func cost(_ usage: Usage, of request: ModelRequest) -> Cost {
        Cost(usage, price: price(of: request.role.name))
    }

    /// An answer was taken: it counts for the run, whoever asked it when.
    mutating func settle(answer id: WorkID, _ request: ModelRequest) {
        ledger.unreserve(id)
        guard let work = works[id], let usage = work.answer.usage else { return }
        charge(work, usage, isEstimated: !work.answer.hasReportedUsage, work.wasAhead ? .ahead : .committed)
        ledger.usage += usage
        ledger.cost += cost(usage, of: request)
        ledger.answers += 1
    }

    /// The run ends, and an answer of the real path is not whole: its tokens were used for nothing.
    mutating func settle(unfinished id: WorkID) {
        guard let work = works[id], work.lane == .active, case .answer(let key) = work.kind else { return }
        charge(work, estimatedUsage(key.request, work.answer.soFar), isEstimated: true, .unfinished)
    }

    /// Notes what a request took. What cost next to nothing (patterns, a graph) is no request.
    mutating func charge(_ work: Work, _ usage: Usage, isEstimated: Bool, _ outcome: Charge.Outcome) {
        let (turn, role, model, price): (Int, String, String?, Price?)
        switch work.kind {
        case .answer(let key):
            let name = key.request.role.name
            (turn, role, model, price) = (key.turn, name, self.model(of: name), self.price(of: name))
        case .prediction(let transcript, let speculator):
            let source = setup.speculators[speculator].source
            guard setup.speculators[speculator].resource != nil, usage != .zero else { return }
            (turn, role, model, price) = (transcript.turns, source, setup.models[source], setup.prices[source])
        case .execution: return
        }
        record(
            .charged(
                Charge(
                    work: work.id.number, turn: turn, role: role, model: model, outcome: outcome, usage: usage,
                    price: price, isEstimated: isEstimated)))
    }

    func inputEstimate(_ request: ModelRequest) -> Int {
        let seen =
            request.view == .whole
            ? request.transcript.size : (request.entries.first.map { Transcript([$0]).size } ?? 0)
        return (request.role.instructions.utf8.count + seen) / 4 + 50 * request.role.tools.count
    }

    // MARK: - What speculation comes to

    /// Where nothing runs ahead, nothing can be saved: who only watches is no loser.
    private var isJudged: Bool { setup.policy.hasKillSwitch && setup.policy.runsAhead }

    /// Whether anything is guessed, or by this source.
    func mayGuess(_ source: String? = nil) -> Bool {
        guard isJudged else { return true }
        return source.map(switchboard.isOn) ?? switchboard.isOn
    }

    /// Work that was started ahead was used: what of it had passed before the real path needed it is saved.
    mutating func noteSaved(_ work: Work, isRead: Bool = false) {
        guard isJudged else { return }
        let seconds = max(0, min(work.end ?? now, work.promotion ?? now) - work.start)
        isRead ? switchboard.saveRead(seconds, by: work.source) : switchboard.save(seconds, by: work.source)
    }

    /// Work was in vain: its cost counts as far as time is worth it to the user, and the slot that it held.
    mutating func noteSpent(_ cost: Cost, on work: Work) {
        guard isJudged, cost != .zero || work.resource != nil else { return }
        let price = cost == .zero ? 0 : setup.policy.speed.rate * estimate.meanAnswer * inTurns(cost)
        let held = work.resource == nil || work.execution.isUsed ? 0 : (work.end ?? now) - work.start
        switchboard.spend(price + setup.policy.speed.slotRate * held, by: work.source)
    }

    /// What earlier runs have turned off is told at the beginning.
    mutating func tellWhatIsOff() {
        guard isJudged else { return }
        for change in switchboard.whatIsOff {
            statistics.note(change, turn: root.turn)
            record(.speculationSwitched(turn: root.turn, change))
        }
    }

    /// At the end of a turn: what loses is turned off, what has been off for long enough is tried again.
    mutating func judgeSpeculation() {
        guard isJudged else { return }
        for change in switchboard.turnEnded(turnSeconds: estimate.meanAnswer) {
            statistics.note(change, turn: root.turn)
            record(.speculationSwitched(turn: root.turn, change))
        }
    }
}
