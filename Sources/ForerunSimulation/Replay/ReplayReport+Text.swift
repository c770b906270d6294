import ForerunCore
import ForerunLearning

extension ReplayReport {
    /// A plain table for each domain, and what it comes to in a sentence.
    package var lines: [String] {
        var lines = [conditions] + (options.mode.runsAhead ? [limits] : []) + [""]
        for domain in domains { lines += domain.lines(options) + [""] }
        for (reason, count) in problems.counts.sorted(by: { $0.key < $1.key }) {
            lines.append("left out of the logs: \(reason): \(count)")
        }
        if isInterrupted { lines.append("interrupted: the figures are of the runs until then") }
        lines.append(ReplayVerdict(self).sentence)
        return lines
    }

    private var conditions: String {
        """
        mode \(options.mode.rawValue), speculators \(options.sources.map(\.rawValue).joined(separator: ", ")), \
        actor latency \(options.actorLatency), tool latency \(options.toolLatency), seed \(options.seed); \
        a guess takes \(ReplayDriver.guessSeconds) s, persons answer at once, \
        \(ReplaySetup.spareSlots) slots to spare at the actor and each tool
        """
    }

    /// What is known too early, and what is counted too low.
    private var limits: String {
        let tokens =
            options.mode == .full
            ? "; of an answer that was broken off, hardly any output is counted among the extra tokens" : ""
        return """
            where the agent waits for a person or ends after calls, and which tools it uses where a log describes none, is \
            known from the start\(tokens)
            """
    }
}

extension ReplayedDomain {
    fileprivate func lines(_ options: ReplayOptions) -> [String] {
        var table = ReplayTable()
        var title = "\(name): \(runs.count) runs, \(turns) turns, \(calls) calls"
        title += trainingRuns > 0 ? "; learnt from \(trainingRuns) other runs with \(trainingCalls) calls" : ""
        guard !runs.isEmpty else { return [title] + notes(options) }
        let perRun = Double(runs.count)
        table.add(
            "seconds in turn", ReplayFigures.seconds(sequential.seconds),
            "\(ReplayFigures.seconds(sequential.seconds / perRun)) a run; \(ReplayFigures.percent(callShare)) of it waiting for calls"
        )
        if options.mode.runsAhead {
            addTimes(&table)
            addWork(&table)
        }
        if options.mode != .off { addGuesses(&table, options) }
        table.add(
            "calls that may run ahead", ReplayFigures.percent(callsAhead, of: calls),
            "they read, or change their branch only")
        return [title] + table.lines + notes(options)
    }

    private func addTimes(_ table: inout ReplayTable) {
        let perRun = Double(runs.count)
        table.add(
            "with speculation", ReplayFigures.seconds(speculative.seconds),
            "\(ReplayFigures.percent(savedShare)) saved")
        table.add(
            "with perfect guesses", ReplayFigures.seconds(oracle.seconds), "\(ReplayFigures.percent(oracleShare)) saved"
        )
        let quantiles = [0.5, 0.95].map { ReplayFigures.seconds(saved(atQuantile: $0) ?? 0) }
        table.add(
            "saved a run", ReplayFigures.seconds((sequential.seconds - speculative.seconds) / perRun),
            "mean; median \(quantiles[0]), p95 \(quantiles[1])")
    }

    private func addWork(_ table: inout ReplayTable) {
        let total = speculative
        table.add(
            "call hits", "\(total.callHits)", "\(ReplayFigures.percent(total.callHits, of: total.callsTaken)) of calls")
        table.add(
            "turn hits", "\(total.turnHits)", "\(ReplayFigures.percent(total.turnHits, of: total.turnsTaken)) of turns")
        table.add(
            "asked ahead a turn", ReplayFigures.fixed(total.askedAheadPerTurn, 2),
            "\(total.askedAhead) actor calls, \(total.askedAhead - total.turnHits) in vain")
        table.add(
            "extra tokens", ReplayFigures.percent(total.wastedTokenShare),
            "\(total.wastedTokens) beside \(total.tokens)")
        table.add(
            "wasted work", ReplayFigures.seconds(total.wastedSeconds),
            "of answers and calls ahead; \(total.performedAhead) calls were made ahead")
        for (source, earned) in total.earned.sorted(by: { ($0.value.seconds, $1.key) > ($1.value.seconds, $0.key) }) {
            table.add(
                "earned by \(source)", ReplayFigures.seconds(earned.seconds),
                "ahead of need; \(earned.calls) calls, \(earned.turns) turns")
        }
    }

    private func addGuesses(_ table: inout ReplayTable, _ options: ReplayOptions) {
        let scores = observed.scores
        func shares(_ hits: PredictionHits) -> String {
            "\(ReplayFigures.percent(hits.first, of: hits.count)) / \(ReplayFigures.percent(hits.three, of: hits.count))"
        }
        table.add(
            "exact, top 1 / top 3", shares(scores.calls), "of \(scores.calls.count) calls, name and all arguments")
        table.add("exact, reads", shares(scores.reads), "of \(scores.reads.count) calls that only read")
        let ranking = options.sources.first(where: \.ranksTools).map { ", by \($0.rawValue)" } ?? ""
        table.add(
            "decision\(ranking)", shares(scores.decisions),
            "of \(scores.decisions.count) turns, the next tool or none")
        table.add(
            "coverage", ReplayFigures.percent(scores.guessedTurns, of: scores.turnsWithCalls),
            "of turns with calls have a guess")
        let forecasts = observed.forecasts
        if let brier = forecasts.brier, let error = forecasts.calibrationError {
            table.add(
                "Brier score", ReplayFigures.fixed(brier, 3),
                "calibration error \(ReplayFigures.fixed(error, 3)), of \(forecasts.count) guesses")
        }
    }

    private func notes(_ options: ReplayOptions) -> [String] {
        var notes: [String] = []
        if hasRecords, speculative.comparisons + sequential.comparisons > 0 {
            notes.append(
                "the database differs from the record in \(sequential.differences) of \(sequential.comparisons) calls of the path; there the record counts"
            )
        }
        if lacksAnswerTimes {
            notes.append(
                "the log has no times of answers: \(ReplayLatencies.assumedAnswer) s are assumed (--actor-latency)")
        }
        if lacksCallTimes {
            notes.append("the log has no times of calls: \(ReplayLatencies.assumedCall) s are assumed (--tool-latency)")
        }
        if leftOut > 0 { notes.append("\(leftOut) runs to learn from are replayed as well, so they were not learnt") }
        if sharedGroups > 0 {
            notes.append("\(sharedGroups) customers or tasks occur both in what was learnt and in what is replayed")
        }
        for (reason, found) in failures.sorted(by: { $0.key < $1.key }) {
            notes.append("not replayed, since \(reason): \(found.count) (\(found.keys.joined(separator: ", ")))")
        }
        return notes.map { "  " + $0 }
    }
}

/// Rows of a name, a figure and a remark, in columns.
struct ReplayTable {
    private var rows: [(name: String, figure: String, remark: String)] = []

    mutating func add(_ name: String, _ figure: String, _ remark: String) { rows.append((name, figure, remark)) }

    var lines: [String] {
        let names = rows.map(\.name.count).max() ?? 0
        let figures = rows.map(\.figure.count).max() ?? 0
        return rows.map { row in
            let name = row.name + String(repeating: " ", count: names - row.name.count)
            let figure = String(repeating: " ", count: figures - row.figure.count) + row.figure
            return "  \(name)  \(figure)  \(row.remark)"
        }
    }
}
