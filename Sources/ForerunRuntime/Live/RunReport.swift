package import ForerunCore

/// What a run came to.
package struct RunReport: Sendable {
    package var end: RunEnd
    /// From the first event to the decision.
    package var seconds: Double
    package var statistics: Statistics
    package var ledger: Ledger
    /// What the same run would have taken in turn (``SequentialEstimate``).
    package var sequentialSeconds: Double
    package var transcript: Transcript
    /// Digest of the committed transcript and the committed world.
    package var digest: String
    /// What is known now.
    package var experience: Experience
    /// Why no question was asked ahead; `nil`: nothing was in the way.
    package var restriction: String?
    /// Of ``seconds``, how long people were waited for.
    package var waitedSeconds = 0.0
    /// Models that were replaced by the next of their role.
    package var fallbacks: [Fallback] = []

    /// Seconds that speculation took off the critical path, by the counterfactual.
    package var savedSeconds: Double { sequentialSeconds - seconds }

    /// The last words of the actor; empty where the run ended otherwise.
    package var finalText: String { transcript.latestTurn.map { $0.turn.calls.isEmpty ? $0.turn.text : "" } ?? "" }

    /// The last event of a run: `run.completed`.
    package var json: JSON {
        let own: JSON = [
            "type": "run.completed", "end": .string(end.label), "seconds": .seconds(seconds),
            "turns": .int(statistics.turns),
            "usage": ledger.usage.json, "cost": .optional(ledger.cost.money),
            "speculation": [
                "predicted": .int(statistics.predicted), "askedAhead": .int(statistics.askedAhead),
                "performedAhead": .int(statistics.performedAhead), "callHits": .int(statistics.callHits),
                "turnHits": .int(statistics.turnHits), "calls": .int(statistics.calls),
                "cancelled": .int(statistics.cancelled), "hedged": .int(statistics.hedged),
                "savedSeconds": .seconds(savedSeconds), "wastedSeconds": .seconds(ledger.wastedSeconds),
                "wastedTokens": .int(ledger.wasted.tokens), "extraCost": .optional(ledger.wasted.money),
                "brier": .optional(statistics.forecasts.brier),
                "calibrationError": .optional(statistics.forecasts.calibrationError),
                "switched": .array(statistics.switched.map(\.json)),
            ],
            "digest": .string(digest),
        ]
        let json = waitedSeconds > 0 ? own.adding("waited", .seconds(waitedSeconds)) : own
        let whole = fallbacks.isEmpty ? json : json.adding("fallbacks", .array(fallbacks.map(\.json)))
        return restriction.map { whole.adding("restriction", .string($0)) } ?? whole
    }
}

extension Statistics.Switching {
    fileprivate var json: JSON {
        RunEvent.speculationSwitched(turn: turn, change).json
    }
}

extension RunEnd {
    /// A bounded label: `finished`, `limit steps`, `endpoint failed`…
    package var label: String {
        switch self {
        case .finished: "finished"
        case .limit(let kind): "limit \(kind.rawValue)"
        case .endpointFailed: "endpoint failed"
        case .environmentFailed: "environment failed"
        case .interrupted: "interrupted"
        }
    }
}
