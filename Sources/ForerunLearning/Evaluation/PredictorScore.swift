package import ForerunCore

/// How often a predictor was right in recorded runs that it had not seen.
package struct PredictorScore: Sendable {
    /// The next tool, or none, at the start of every generation.
    package private(set) var decisions = PredictionHits()
    /// Whole calls, name and arguments, given the calls before them in their generation. By what their logs say that the
    /// tools do; under ``everything``, all of them.
    package private(set) var calls: [String: PredictionHits] = [:]
    /// Whole calls, as guessed at the start of their generation.
    package private(set) var ahead: [String: PredictionHits] = [:]
    /// The probabilities of the first three calls that were guessed at the start of each generation.
    package private(set) var reliability = ForecastScores()
    /// Guesses asked for.
    package private(set) var guesses = 0

    package static let everything = ""
    /// What logs say of tools that only read.
    package static let reads = "read"

    package init() {}

    /// Goes through a run with `predictor`.
    ///
    /// - Parameter tools: what the agent may call.
    package mutating func add(_ run: RecordedRun, _ tools: [Tool], _ predictor: inout some MeasuredPredictor) {
        predictor.begin(tools)
        for step in run.steps {
            switch step {
            case .message(let text): predictor.message(text)
            case .turn(let turn): add(turn, run.statedEffects, &predictor)
            }
        }
    }

    private mutating func add(
        _ turn: RecordedTurn, _ effects: [String: String], _ predictor: inout some MeasuredPredictor
    ) {
        let start = predictor.guess()
        guesses += 1
        decisions.add(rank: start.tools.firstIndex(of: turn.calls.first?.call.name))
        for guess in start.calls.prefix(3) {
            reliability.add(guess.probability, came: turn.calls.contains { $0.call == guess.call })
        }
        if turn.calls.isEmpty { predictor.said(turn.text) }
        for (index, recorded) in turn.calls.enumerated() {
            let call = recorded.call
            let now = index == 0 ? start : predictor.guess()
            if index > 0 { guesses += 1 }
            for name in Set([Self.everything, effects[call.name] ?? "unknown"]) {
                calls[name, default: PredictionHits()].add(rank: now.calls.firstIndex { $0.call == call })
                ahead[name, default: PredictionHits()].add(rank: start.calls.firstIndex { $0.call == call })
            }
            if index == 0 { predictor.said(turn.text) }
            predictor.call(call)
        }
        predictor.ended(Turn(text: turn.text, calls: turn.calls.map(\.call)))
        for recorded in turn.calls {
            if let output = recorded.output { predictor.output(output, of: recorded.call) }
        }
    }
}
