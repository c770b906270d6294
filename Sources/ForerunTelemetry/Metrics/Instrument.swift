/// What is measured, with its name, its unit and how values are put together.
package enum Instrument: Int, Sendable, Hashable, CaseIterable {
    case tokenUsage, operationDuration, timeToFirstChunk
    case runDuration
    case predicted, started, hits, misses, cancelled, wastedTokens
    case saved, wasted

    enum Kind: Sendable, Hashable {
        /// Rises only.
        case counter
        /// May fall.
        case balance
        /// - Parameter bounds: upper bounds of the buckets, inclusive.
        case histogram(bounds: [Double])
    }

    var name: String { description.name }
    var unit: String { description.unit }
    var words: String { description.words }
    var kind: Kind { description.kind }

    /// Bounds of the first two as the conventions give them.
    private var description: (name: String, unit: String, words: String, kind: Kind) {
        switch self {
        case .tokenUsage:
            (
                "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
                .histogram(bounds: (0...13).map { Double(1 << (2 * $0)) })
            )
        case .operationDuration:
            (
                "gen_ai.client.operation.duration", "s", "GenAI operation duration.",
                .histogram(bounds: (0...13).map { 0.01 * Double(1 << $0) })
            )
        case .timeToFirstChunk:
            (
                "gen_ai.client.operation.time_to_first_chunk", "s", "Time to receive the first chunk.",
                .histogram(bounds: [
                    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
                ])
            )
        case .runDuration:
            (
                "forerun.run.duration", "s", "Time from the beginning of a run to its end.",
                .histogram(bounds: [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000])
            )
        case .predicted: ("forerun.speculation.predicted", "{prediction}", "Turns that were guessed.", .counter)
        case .started:
            ("forerun.speculation.started", "{work}", "Calls made and questions asked ahead of the actor.", .counter)
        case .hits: ("forerun.speculation.hits", "{work}", "Calls and answers made ahead that were used.", .counter)
        case .misses:
            ("forerun.speculation.misses", "{turn}", "Turns that were guessed, and not as they came.", .counter)
        case .cancelled:
            ("forerun.speculation.cancelled", "{work}", "Work that was ended before it was over.", .counter)
        case .wastedTokens:
            ("forerun.speculation.wasted_tokens", "{token}", "Tokens of answers in vain and of guesses.", .counter)
        case .saved:
            ("forerun.speculation.saved", "s", "Time that speculation took off the critical path of runs.", .balance)
        case .wasted: ("forerun.speculation.wasted", "s", "Time of work made ahead that was not used.", .counter)
        }
    }
}

/// One value of an instrument.
package struct Measurement: Sendable, Hashable {
    package enum Value: Sendable, Hashable {
        case count(Int)
        case amount(Double)
    }

    package var instrument: Instrument
    package var value: Value
    package var attributes: Attributes
}
