package import ForerunCore
package import ForerunLearning

/// What a replay came to.
package struct ReplayReport: Sendable {
    package let options: ReplayOptions
    /// What of the logs could not be read.
    package let problems: ImportProblems
    package private(set) var domains: [ReplayedDomain] = []
    /// It was ended before all runs were read.
    private var isCut = false
    /// It was ended before all runs were replayed.
    package var isInterrupted: Bool { isCut || domains.contains { $0.replayed < $0.runCount } }

    init(options: ReplayOptions, problems: ImportProblems) {
        self.options = options
        self.problems = problems
    }

    mutating func add(_ domain: ReplayDomain, _ runs: [RecordedRun], training: [RecordedRun], leftOut: Int) {
        var replayed = ReplayedDomain(name: domain.name, runCount: runs.count)
        replayed.trainingRuns = domain.lessons.runs
        replayed.trainingCalls = domain.lessons.calls
        replayed.leftOut = leftOut
        let groups = Set(training.compactMap(\.group))
        replayed.sharedGroups = Set(runs.compactMap(\.group)).intersection(groups).count
        replayed.hasRecords = domain.records != nil
        replayed.lacksAnswerTimes = options.actorLatency == .recorded && domain.latencies.recorded.answers.isEmpty
        replayed.lacksCallTimes = options.toolLatency == .recorded && domain.latencies.recorded.calls.isEmpty
        domains.append(replayed)
    }

    /// This report, ended here.
    func interrupted() -> ReplayReport {
        var report = self
        report.isCut = true
        return report
    }

    func runCount(of name: String) -> Int { domains.first { $0.name == name }?.runCount ?? 0 }

    mutating func add(_ run: ReplayedRun) {
        guard let place = domains.firstIndex(where: { $0.name == run.domain }) else { return }
        domains[place].add(run)
    }

    mutating func finish() { for place in domains.indices { domains[place].finish() } }
}

/// What replaying the runs of one domain came to.
package struct ReplayedDomain: Sendable {
    package let name: String
    /// Runs that were to be replayed.
    package let runCount: Int
    package var trainingRuns = 0
    package var trainingCalls = 0
    /// Runs that were to be learnt but are replayed, too, and so were not.
    package var leftOut = 0
    /// Groups (customers, tasks) that are both learnt from and replayed.
    package var sharedGroups = 0
    /// Wrong guesses get true answers from a database.
    package var hasRecords = false
    /// The log has none, so they are assumed.
    package var lacksAnswerTimes = false
    package var lacksCallTimes = false

    /// Runs that were replayed to their ends.
    package private(set) var runs: [ReplayedRun] = []
    /// Runs that could not be, by reason, with the keys of the first few.
    package private(set) var failures: [String: (count: Int, keys: [String])] = [:]
    package private(set) var turns = 0
    package private(set) var calls = 0
    package private(set) var callsAhead = 0
    package private(set) var sequential = ReplayTotal()
    package private(set) var observed = ReplayTotal()
    package private(set) var speculative = ReplayTotal()
    package private(set) var oracle = ReplayTotal()
    /// Seconds saved a run, sorted.
    package private(set) var savedSeconds: [Double] = []

    init(name: String, runCount: Int) {
        self.name = name
        self.runCount = runCount
    }

    package var replayed: Int { runs.count + failures.values.reduce(0) { $0 + $1.count } }

    /// The share of the time in turn that was saved, of all runs together.
    package var savedShare: Double { share(speculative.seconds) }
    /// The same with perfect guesses.
    package var oracleShare: Double { share(oracle.seconds) }
    /// What of the time in turn is waiting for calls.
    package var callShare: Double {
        sequential.seconds > 0 ? 1 - sequential.answerSeconds / sequential.seconds : 0
    }

    private func share(_ seconds: Double) -> Double {
        sequential.seconds > 0 ? 1 - seconds / sequential.seconds : 0
    }

    mutating func add(_ run: ReplayedRun) {
        if let failure = run.failure {
            failures[failure, default: (0, [])].count += 1
            if failures[failure]?.keys.count ?? 0 < 5 {
                failures[failure]?.keys.append(run.key.isEmpty ? "number \(run.index + 1)" : run.key)
            }
            return
        }
        runs.append(run)
        turns += run.turns
        calls += run.calls
        callsAhead += run.callsAhead
        sequential.add(run.sequential)
        observed.add(run.observed)
        speculative.add(run.speculative)
        oracle.add(run.oracle)
        savedSeconds.append(run.saved)
    }

    mutating func finish() { savedSeconds.sort() }

    /// Seconds saved by the run below which this share of all runs is; `nil`: there is none.
    package func saved(atQuantile quantile: Double) -> Double? {
        guard !savedSeconds.isEmpty else { return nil }
        return savedSeconds[min(savedSeconds.count - 1, Int((quantile * Double(savedSeconds.count)).rounded(.down)))]
    }
}

/// The passes of many runs, added up.
package struct ReplayTotal: Sendable, Hashable {
    package private(set) var seconds = 0.0
    package private(set) var answerSeconds = 0.0
    package private(set) var wastedSeconds = 0.0
    package private(set) var tokens = 0
    package private(set) var wastedTokens = 0
    package private(set) var turnsTaken = 0
    package private(set) var turnHits = 0
    package private(set) var callsTaken = 0
    package private(set) var callHits = 0
    package private(set) var askedAhead = 0
    package private(set) var performedAhead = 0
    package private(set) var scores = GuessScores()
    /// The probabilities of guesses, and what came of them, as the core counts them.
    package private(set) var forecasts = ForecastScores()
    package private(set) var earned: [String: ReplayPass.Earned] = [:]
    package private(set) var comparisons = 0
    package private(set) var differences = 0

    mutating func add(_ pass: ReplayPass) {
        seconds += pass.seconds
        answerSeconds += pass.answerSeconds
        wastedSeconds += pass.wastedSeconds
        tokens += pass.tokens
        wastedTokens += pass.wastedTokens
        turnsTaken += pass.statistics.turns
        turnHits += pass.statistics.turnHits
        callsTaken += pass.statistics.calls
        callHits += pass.statistics.callHits
        askedAhead += pass.statistics.askedAhead
        performedAhead += pass.statistics.performedAhead
        scores += pass.scores
        forecasts += pass.statistics.forecasts
        for (source, more) in pass.earned { earned[source, default: ReplayPass.Earned()] += more }
        comparisons += pass.comparisons
        differences += pass.differences
    }

    /// Answers asked ahead for each one that was taken.
    package var askedAheadPerTurn: Double { turnsTaken == 0 ? 0 : Double(askedAhead) / Double(turnsTaken) }
    /// Tokens of answers asked ahead in vain, for each token of an answer that was taken.
    package var wastedTokenShare: Double { tokens == 0 ? 0 : Double(wastedTokens) / Double(tokens) }
}
