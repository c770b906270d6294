import OrderedCollections

extension SpeculationTree {
    /// Output tokens that an answer is taken to need at most where the request sets no limit.
    private static let mostOutput = 4096

    /// Four bytes a token: used only where a server reports no usage, and to reserve.
    func estimatedUsage(_ request: ModelRequest, _ turn: Turn) -> Usage {
        let output = Transcript([.turn(turn)]).size / 4
        return Usage(input: inputEstimate(request), output: output)
    }

    /// The most that asking ahead can cost.
    func greatestCost(of request: ModelRequest) -> Cost {
        let usage = Usage(input: inputEstimate(request), output: request.role.options.maxTokens ?? Self.mostOutput)
        return cost(usage, of: request)
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

    private func inputEstimate(_ request: ModelRequest) -> Int {
        let seen = request.view == .whole ? request.transcript.size : (request.entries.first.map { Transcript([$0]).size } ?? 0)
        return (request.role.instructions.utf8.count + seen) / 4 + 50 * request.role.tools.count
    }
}
