package import ForerunCore

/// Several predictors under measurement, merged as the core merges speculators; only that here a candidate is one call, and
/// in the core a turn.
package struct EnsemblePredictor: MeasuredPredictor {
    private typealias Member = (source: String, predictor: any MeasuredPredictor)

    private var members: [Member]
    /// The members as they are without the runs that are held out.
    private var students: [Member]
    /// Runs that it will learn.
    private let expectedRuns: Int
    private var runs = 0
    /// Runs that teach what the members are worth, once the students have learnt all others.
    private var heldOut: [(run: RecordedRun, tools: [Tool])] = []
    /// For guesses at the start of a turn, and for those within one: there the members know other things.
    private var ensembles = [Ensemble(), Ensemble()]
    private var current = [Ensemble(), Ensemble()]
    /// What was said of the turn under way: at its start, and after each call.
    private var said: [(ballot: Ballot, calls: [Call])] = []

    /// - Parameter members: by the names of their sources. The first one says which tool comes next.
    package init(_ members: [(source: String, predictor: any MeasuredPredictor)], expectedRuns: Int) {
        self.members = members
        students = members
        self.expectedRuns = expectedRuns
    }

    package mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
        runs += 1
        for index in members.indices { members[index].predictor.learn(run, tools) }
        if Self.isHeldOut(run) {
            heldOut.append((run, tools))
        } else {
            for index in students.indices { students[index].predictor.learn(run, tools) }
        }
        if runs >= expectedRuns { learnWorth() }
    }

    /// Every third group. Runs of a group share ids and wishes: a source that learns calls by heart would look far better in a
    /// run whose group it knows than it is with people that it meets for the first time.
    private static func isHeldOut(_ run: RecordedRun) -> Bool {
        var digest = StableDigest()
        digest.update((run.group ?? run.key).utf8)
        return digest.bytes[0] % 3 == 0
    }

    private mutating func learnWorth() {
        swap(&members, &students)
        for (run, tools) in heldOut {
            var score = PredictorScore()
            score.add(run, tools, &self)
            ensembles = current
        }
        swap(&members, &students)
        heldOut = []
    }

    package mutating func begin(_ tools: [Tool]) {
        current = ensembles
        said = []
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
        let probabilities = current[said.isEmpty ? 0 : 1].probabilities(ballot)
        said.append((ballot, calls))
        let order = calls.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
        return MeasuredGuess(
            tools: tools, calls: order.map { GuessedCall(calls[$0], probability: probabilities[$0]) })
    }

    package mutating func message(_ text: String) { tell { $0.message(text) } }
    package mutating func said(_ text: String) { tell { $0.said(text) } }
    package mutating func call(_ call: Call) { tell { $0.call(call) } }

    package mutating func ended(_ turn: Turn) {
        for (place, said) in said.enumerated() {
            let rest = turn.calls.dropFirst(place)
            current[place == 0 ? 0 : 1].learn(said.ballot, came: said.calls.firstIndex { rest.contains($0) })
        }
        said = []
        tell { $0.ended(turn) }
    }

    package mutating func output(_ output: Output, of call: Call) { tell { $0.output(output, of: call) } }

    private mutating func tell(_ change: (inout any MeasuredPredictor) -> Void) {
        for index in members.indices { change(&members[index].predictor) }
    }
}
