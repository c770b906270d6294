package import ForerunCore
import ForerunLearning

extension ReplayReport {
    /// One object for each run, one for each domain, and a summary at last.
    package var objects: [JSON] {
        domains.flatMap { domain in domain.runs.map(\.json) + domain.failureObjects + [domain.json] } + [summary]
    }

    /// What it all comes to.
    package var summary: JSON {
        let verdict = ReplayVerdict(self)
        return [
            "type": "summary", "version": 1, "mode": .string(options.mode.rawValue),
            "speculators": .array(options.sources.map { .string($0.rawValue) }),
            "actorLatency": .string(options.actorLatency.description),
            "toolLatency": .string(options.toolLatency.description), "seed": .string(String(options.seed)),
            "runs": .int(domains.reduce(0) { $0 + $1.runs.count }),
            "notReplayed": .int(domains.reduce(0) { $0 + $1.failures.values.reduce(0) { $0 + $1.count } }),
            "interrupted": .bool(isInterrupted),
            "secondsInTurn": .seconds(domains.reduce(0) { $0 + $1.sequential.seconds }),
            "seconds": .seconds(domains.reduce(0) { $0 + $1.speculative.seconds }),
            "secondsOracle": .seconds(domains.reduce(0) { $0 + $1.oracle.seconds }),
            "problems": .array(
                problems.counts.sorted { $0.key < $1.key }
                    .map { ["reason": .string($0.key.description), "count": .int($0.value)] }),
            "domains": .array(domains.map { .string($0.name) }), "verdict": .string(verdict.answer.rawValue),
            "sentence": .string(verdict.sentence),
        ]
    }
}

extension ReplayedRun {
    fileprivate var json: JSON {
        [
            "type": "run", "domain": .string(domain), "key": .string(key), "turns": .int(turns), "calls": .int(calls),
            "callsThatMayRunAhead": .int(callsAhead), "secondsInTurn": .seconds(sequential.seconds),
            "seconds": .seconds(speculative.seconds), "secondsOracle": .seconds(oracle.seconds),
            "callHits": .int(speculative.statistics.callHits), "turnHits": .int(speculative.statistics.turnHits),
            "askedAhead": .int(speculative.statistics.askedAhead),
            "performedAhead": .int(speculative.statistics.performedAhead),
            "tokens": .int(speculative.tokens), "wastedTokens": .int(speculative.wastedTokens),
            "wastedSeconds": .seconds(speculative.wastedSeconds),
        ]
    }
}

extension ReplayedDomain {
    fileprivate var failureObjects: [JSON] {
        failures.sorted { $0.key < $1.key }.map { reason, found in
            [
                "type": "notReplayed", "domain": .string(name), "reason": .string(reason), "runs": .int(found.count),
                "keys": .array(found.keys.map { .string($0) }),
            ]
        }
    }

    fileprivate var json: JSON {
        let scores = observed.scores
        return [
            "type": "domain", "domain": .string(name), "runs": .int(runs.count), "turns": .int(turns),
            "calls": .int(calls), "callsThatMayRunAhead": .int(callsAhead), "learntRuns": .int(trainingRuns),
            "learntCalls": .int(trainingCalls), "sharedGroups": .int(sharedGroups), "hasRecords": .bool(hasRecords),
            "secondsInTurn": .seconds(sequential.seconds), "seconds": .seconds(speculative.seconds),
            "secondsOracle": .seconds(oracle.seconds), "savedShare": .seconds(savedShare),
            "savedShareOracle": .seconds(oracleShare), "callShare": .seconds(callShare),
            "saved": [
                "mean": .optional(runs.isEmpty ? nil : savedSeconds.reduce(0, +) / Double(runs.count)),
                "p50": .optional(saved(atQuantile: 0.5)), "p95": .optional(saved(atQuantile: 0.95)),
            ],
            "callHits": .int(speculative.callHits), "turnHits": .int(speculative.turnHits),
            "askedAhead": .int(speculative.askedAhead), "askedAheadPerTurn": .seconds(speculative.askedAheadPerTurn),
            "performedAhead": .int(speculative.performedAhead), "tokens": .int(speculative.tokens),
            "wastedTokens": .int(speculative.wastedTokens), "wastedSeconds": .seconds(speculative.wastedSeconds),
            "exact": scores.calls.json, "exactReads": scores.reads.json, "decision": scores.decisions.json,
            "turnsWithCalls": .int(scores.turnsWithCalls), "guessedTurns": .int(scores.guessedTurns),
            "guesses": .int(observed.forecasts.count), "brier": .optional(observed.forecasts.brier),
            "calibrationError": .optional(observed.forecasts.calibrationError),
            "calibration": .array(observed.forecasts.bins.map(\.json)),
            "sources": .array(speculative.earned.sorted { $0.key < $1.key }.map { $1.json($0) }),
            "compared": .int(sequential.comparisons), "differing": .int(sequential.differences),
        ]
    }
}

extension PredictionHits {
    fileprivate var json: JSON { ["count": .int(count), "first": .int(first), "three": .int(three)] }
}

extension ForecastScores.Bin {
    fileprivate var json: JSON {
        ["guesses": .int(count), "probability": .optional(mean), "hits": .int(hits)]
    }
}

extension ReplayPass.Earned {
    fileprivate func json(_ source: String) -> JSON {
        ["source": .string(source), "calls": .int(calls), "turns": .int(turns), "seconds": .seconds(seconds)]
    }
}
