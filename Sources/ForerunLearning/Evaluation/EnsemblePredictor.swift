package import ForerunCore

/// Several predictors under measurement, merged as the core merges speculators; only that here a candidate is one call, and
/// in the core a turn.
package struct EnsemblePredictor: MeasuredPredictor {
    private var members: [(source: String, predictor: any MeasuredPredictor)]
    /// Runs that it will learn: what its members are worth, the last third of them teaches it, before they learn them.
    private let expectedRuns: Int
    private var runs = 0
    private var ensemble = Ensemble()
    private var current = Ensemble()
    /// What is said of the turn under way, from its start.
    private var said: (ballot: Ballot, calls: [Call])?

    /// - Parameter members: by the names of their sources. The first one says which tool comes next.
    package init(_ members: [(source: String, predictor: any MeasuredPredictor)], expectedRuns: Int) {
        self.members = members
        self.expectedRuns = expectedRuns
    }

    package mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
        runs += 1
        if 3 * runs > 2 * expectedRuns {
            var score = PredictorScore()
            score.add(run, tools, &self)
            ensemble = current
        }
        for index in members.indices { members[index].predictor.learn(run, tools) }
    }

    package mutating func begin(_ tools: [Tool]) {
        current = ensemble
        said = nil
        for index in members.indices { members[index].predictor.begin(tools) }
    }

    package mutating func guess() -> MeasuredGuess {
        var ballot = Ballot()
        var calls: [Call] = []
        var tools: [String?] = []
        for index in members.indices {
            let guess = members[index].predictor.guess()
            ballot.hear(members[index].source)
            if index == 0 { tools = guess.tools }
            for (rank, item) in guess.calls.merged.enumerated() {
                let place = calls.firstIndex(of: item.call) ?? ballot.addCandidate(tool: item.call.name)
                if place == calls.count { calls.append(item.call) }
                ballot.claim(place, by: members[index].source, rank: rank, confidence: item.probability)
            }
        }
        if said == nil { said = (ballot, calls) }
        let probabilities = current.probabilities(ballot)
        let order = calls.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
        return MeasuredGuess(
            tools: tools, calls: order.map { GuessedCall(calls[$0], probability: probabilities[$0]) })
    }

    package mutating func message(_ text: String) { tell { $0.message(text) } }
    package mutating func said(_ text: String) { tell { $0.said(text) } }
    package mutating func call(_ call: Call) { tell { $0.call(call) } }

    package mutating func ended(_ turn: Turn) {
        if let said {
            current.learn(said.ballot, came: said.calls.firstIndex { turn.calls.contains($0) })
        }
        said = nil
        tell { $0.ended(turn) }
    }

    package mutating func output(_ output: Output, of call: Call) { tell { $0.output(output, of: call) } }

    private mutating func tell(_ change: (inout any MeasuredPredictor) -> Void) {
        for index in members.indices { change(&members[index].predictor) }
    }
}
