/// What came of a run's calls and guesses: by tool, and by source of guesses.
///
/// A fold over what happens, the same for a run that goes on and for its log. Calls are told apart by a number that the caller
/// makes of them, equal for equal calls.
package struct RunTally: Sendable, Hashable {
    /// The calls that were made under a name.
    package struct Tool: Sendable, Hashable {
        package internal(set) var calls = 0
        /// Those whose output came of an execution made ahead.
        package internal(set) var hits = 0
        package internal(set) var errors = 0
        /// Seconds of the executions that were used.
        package internal(set) var seconds = 0.0
        /// Seconds of those that were made ahead and used.
        package internal(set) var aheadSeconds = 0.0
        /// Seconds of those that were made ahead in vain.
        package internal(set) var wastedSeconds = 0.0

        package init() {}
    }

    /// The guesses of one source, and the executions that were made for them. An execution counts for the source that thought it
    /// the most probable as it began.
    package struct Source: Sendable, Hashable {
        /// Different ones: what it says again counts once.
        package internal(set) var guesses = 0
        /// Turns that it guessed.
        package internal(set) var hits = 0
        /// Sum of the probabilities that its guesses had.
        package internal(set) var expected = 0.0
        package internal(set) var aheadSeconds = 0.0
        package internal(set) var wastedSeconds = 0.0
        /// What asking it took.
        package internal(set) var tokens = 0
        /// `nil` once a price is unknown.
        package internal(set) var money: Double? = 0

        package init() {}
    }

    private struct Execution: Hashable {
        var tool: String
        var source: String?
        /// `nil`: it is not over.
        var seconds: Double?
    }

    private struct Guess: Hashable {
        var turn: Int
        var source: String
        var calls: [Int]
        var probability: Double
    }

    package private(set) var tools: [String: Tool] = [:]
    package private(set) var sources: [String: Source] = [:]
    /// Executions that were begun ahead and have come to nothing yet, by number of the work.
    private var executions: [Int: Execution] = [:]
    /// Guesses about turns that have not come.
    private var guesses: [Guess] = []

    package init() {}

    /// A source that says the same of a turn again has thought it over: its last word counts, once.
    package mutating func guessed(turn: Int, source: String, calls: [Int], probability: Double) {
        let same = guesses.lastIndex { $0.turn == turn && $0.source == source && $0.calls == calls }
        if let same {
            sources[source]?.expected += probability - guesses[same].probability
            guesses[same].probability = probability
            return
        }
        sources[source, default: Source()].guesses += 1
        sources[source]?.expected += probability
        guesses.append(Guess(turn: turn, source: source, calls: calls, probability: probability))
    }

    /// An answer is on the path, with these calls.
    package mutating func took(turn: Int, calls: [Int]) {
        for guess in guesses where guess.turn == turn && guess.calls == calls { sources[guess.source]?.hits += 1 }
        guesses.removeAll { $0.turn <= turn }
    }

    /// A call is made ahead.
    package mutating func began(work: Int, tool: String, call: Int) {
        let source = guesses.lazy.filter { $0.calls.contains(call) }.max { $0.probability < $1.probability }?.source
        executions[work] = Execution(tool: tool, source: source)
    }

    package mutating func ended(work: Int, seconds: Double) { executions[work]?.seconds = seconds }

    package mutating func cancelled(work: Int, seconds: Double) {
        guard let execution = executions.removeValue(forKey: work) else { return }
        waste(execution, seconds)
    }

    /// An output is on the path.
    package mutating func took(work: Int?, tool: String, isHit: Bool, isError: Bool, seconds: Double) {
        tools[tool, default: Tool()].calls += 1
        tools[tool]?.seconds += seconds
        if isError { tools[tool]?.errors += 1 }
        // Made ahead or promoted: it was not in vain.
        let execution = work.flatMap { executions.removeValue(forKey: $0) }
        guard isHit else { return }
        tools[tool]?.hits += 1
        tools[tool]?.aheadSeconds += seconds
        if let source = execution?.source { sources[source]?.aheadSeconds += seconds }
    }

    /// A source was asked.
    package mutating func charged(source: String, tokens: Int, money: Double?) {
        sources[source, default: Source()].tokens += tokens
        let sum = sources[source]?.money
        sources[source]?.money = sum.flatMap { sum in money.map { sum + $0 } }
    }

    /// The run is over, or goes on in another process: what nobody took by now was in vain.
    package mutating func finish() {
        for (_, execution) in executions.sorted(by: { $0.key < $1.key }) { waste(execution, execution.seconds ?? 0) }
        executions = [:]
    }

    private mutating func waste(_ execution: Execution, _ seconds: Double) {
        tools[execution.tool, default: Tool()].wastedSeconds += seconds
        if let source = execution.source { sources[source]?.wastedSeconds += seconds }
    }
}
