import ForerunCore

/// How far the probabilities of a run's guesses can be trusted: those about a turn count when it comes.
///
/// Guesses that say the same count once, with what was last known.
struct RunForecasts: Sendable {
    /// About turns that have not come: by turn, calls and their probability.
    private var open: [Int: [JSON: Double]] = [:]
    private(set) var scores = ForecastScores()

    mutating func add(_ event: JSON) {
        guard let turn = event["turn"]?.intValue, let calls = event["calls"] else { return }
        switch event["type"]?.stringValue {
        case "prediction": open[turn, default: [:]][calls] = event["probability"]?.doubleValue ?? 0
        case "turn.taken":
            for (guess, probability) in open[turn] ?? [:] { scores.add(probability, came: guess == calls) }
            open = open.filter { $0.key > turn }
        default: break
        }
    }

    /// Ten rows, a tenth of the probabilities each: how many, the sum of their probabilities, how many came true.
    var json: JSON {
        .array(scores.bins.map { [.int($0.count), .seconds($0.probabilities), .int($0.hits)] })
    }
}

extension RunCosts {
    /// A row for each model and outcome.
    var rows: JSON {
        .array(
            sums.sorted { $0.key < $1.key }.map { key, sum in
                [
                    "model": key.model.map { .string($0) } ?? .null, "role": .string(key.role),
                    "outcome": .string(key.outcome.rawValue), "requests": .int(sum.requests),
                    "input": .int(sum.usage.input), "output": .int(sum.usage.output), "unpriced": .int(sum.unpriced),
                    "money": JSON(
                        members: sum.money.sorted { $0.key < $1.key }.map { ($0.key, .number(JSONNumber($0.value))) }),
                ]
            })
    }
}
