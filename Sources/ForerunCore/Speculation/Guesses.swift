/// What is guessed at one question: guesses of the same turn are one, whoever made them.
struct Guesses: Sendable {
    struct Guess: Sendable {
        /// What stays the same. One reference, as guesses are passed on at every turn of a walk.
        fileprivate final class Statement: Sendable {
            let turn: JudgedTurn
            let entry: Transcript.Entry
            let source: String?

            init(_ turn: JudgedTurn, _ entry: Transcript.Entry, by source: String?) {
                self.turn = turn
                self.entry = entry
                self.source = source
            }
        }

        fileprivate let statement: Statement
        var turn: JudgedTurn { statement.turn }
        var entry: Transcript.Entry { statement.entry }
        /// Who named it first; `nil`: it is known.
        var source: String? { statement.source }
        /// Guessed outputs, of the first that had any.
        fileprivate(set) var outputs: [Int: Output]
        /// That this is the turn that comes.
        fileprivate(set) var probability = 0.0
        /// Of each of its calls: that the turn that comes makes it, with nothing in its way.
        fileprivate(set) var callProbabilities: [Double]
    }

    /// In order of arrival.
    private(set) var all: [Guess] = []
    private(set) var ballot = Ballot()
    /// Their numbers, the most probable first, as of the last update.
    private(set) var order: [Int] = []
    /// The lessons that the ensemble had had when the probabilities were computed; `nil`: there is news since.
    private var lessons: Int?

    /// A source has spoken: what it has not named counts as such.
    mutating func hear(_ source: String) {
        if ballot.sources.contains(source) { return }
        ballot.hear(source)
        lessons = nil
    }

    /// - Parameters:
    ///   - voice: under which name it is counted how often such guesses are right.
    ///   - source: whose it is.
    /// - Returns: the number of the guess.
    mutating func add(
        _ prediction: Prediction, _ turn: JudgedTurn, _ entry: Transcript.Entry, by voice: String,
        of source: String? = nil
    ) -> Int {
        lessons = nil
        let known = all.firstIndex { $0.entry == entry }
        let number = known ?? ballot.addCandidate(tool: turn.calls.first?.call.name ?? "")
        if known == nil {
            all.append(
                Guess(
                    statement: Guess.Statement(turn, entry, by: source ?? voice), outputs: prediction.outputs,
                    callProbabilities: Array(repeating: 0, count: turn.calls.count)))
        } else if all[number].outputs.isEmpty {
            all[number].outputs = prediction.outputs
        }
        ballot.claim(number, by: voice, rank: prediction.rank, confidence: prediction.confidence)
        return number
    }

    func isUpToDate(with ensemble: Ensemble) -> Bool { lessons == ensemble.lessons }

    /// Brings the probabilities up to date with what was said and learnt.
    ///
    /// - Parameter believing: what sources state is taken as it is.
    mutating func update(by ensemble: Ensemble, believing: Bool = false) {
        guard !isUpToDate(with: ensemble) else { return }
        lessons = ensemble.lessons
        let probabilities = believing ? ballot.statedProbabilities : ensemble.probabilities(ballot)
        for (number, probability) in probabilities.enumerated() {
            all[number].probability = probability
            for place in all[number].turn.calls.indices { all[number].callProbabilities[place] = probability }
        }
        order = all.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
        guard all.count > 1 else { return }
        // Guessed turns rule each other out: a call is as probable as all those together that make it.
        for number in all.indices {
            for other in all.indices where other != number {
                for place in all[number].turn.calls.indices where all[other].turn.makes(all[number].turn, callAt: place)
                {
                    all[number].callProbabilities[place] += probabilities[other]
                }
            }
        }
    }

    /// The number of the guess that this entry is; `nil`: none is. What only the provider can know does not count.
    func number(of entry: Transcript.Entry) -> Int? {
        var entry = entry
        if case .turn(let turn) = entry { entry = .turn(turn.withoutEcho) }
        return all.firstIndex { $0.entry == entry }
    }
}

extension JudgedTurn {
    /// Whether this turn makes call `place` of `other` in the same world: as one of the reads that it begins with, or after
    /// the same calls.
    fileprivate func makes(_ other: JudgedTurn, callAt place: Int) -> Bool {
        if other.calls[...place].allSatisfy({ !$0.isBarrier }) {
            return calls.prefix { !$0.isBarrier }.contains { $0.identity == other.calls[place].identity }
        }
        return calls.count > place && zip(calls, other.calls[...place]).allSatisfy { $0.identity == $1.identity }
    }
}

extension Guesses.Guess {
    /// A turn that is known.
    init(certain turn: JudgedTurn, outputs: [Int: Output] = [:]) {
        statement = Statement(turn, .turn(turn.turn), by: nil)
        self.outputs = outputs
        probability = 1
        callProbabilities = Array(repeating: 1, count: turn.calls.count)
    }
}
