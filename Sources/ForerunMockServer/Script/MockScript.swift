/// What a ``MockServer`` answers: some models by name, and one seed for all draws.
package struct MockScript: Sendable {
    package var seed: Int
    package var models: [MockModel]
    /// Faults that befall requests to all models, or to those that they name.
    package var faults: [Fault]
    /// The key that requests must bring; `nil`: none.
    package var key: String?

    package init(seed: Int = 0, models: [MockModel], faults: [Fault] = [], key: String? = nil) {
        self.seed = seed
        self.models = models
        self.faults = faults
        self.key = key
    }
}

/// One model of a ``MockScript``.
package struct MockModel: Sendable {
    package enum Answers: Sendable {
        case script(ScriptedTurns)
        case guesses(ScriptedGuesses)
    }

    package var name: String
    package var answers: Answers
    /// Time to the first byte.
    package var latency: LatencyLaw
    /// How fast the answer streams; a token is four bytes here. 0: all at once.
    package var tokensPerSecond: Double
    /// Tokens a chunk; 0: every text and every arguments object in one piece.
    package var chunk: Int
    /// Whether usage is reported to those who ask for it.
    package var reportsUsage: Bool
    package var faults: [Fault]
    package var quirks: Set<Quirk>
    package var limits: RateLimits
    /// In plain completions, the text before each answer in a prompt: by it the server knows the step.
    package var marker: String

    package static let marker = "<|im_start|>assistant"

    package init(
        _ name: String, _ answers: Answers, latency: LatencyLaw = LatencyLaw(), tokensPerSecond: Double = 0,
        chunk: Int = 4, reportsUsage: Bool = true, faults: [Fault] = [], quirks: Set<Quirk> = [],
        limits: RateLimits = RateLimits(), marker: String = Self.marker
    ) {
        self.name = name
        self.answers = answers
        self.latency = latency
        self.tokensPerSecond = tokensPerSecond
        self.chunk = chunk
        self.reportsUsage = reportsUsage
        self.faults = faults
        self.quirks = quirks
        self.limits = limits
        self.marker = marker
    }
}

/// A script could not be read.
package struct MockScriptFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var file: String
    /// From 1; `nil` where the file as a whole is meant.
    package var line: Int?
    /// The path of the key, such as `models.actor.latency.mean`.
    package var key: String?
    package var message: String
    package var remedy: String?

    package var description: String {
        var text = file
        if let line { text += ":\(line)" }
        if let key { text += ": \(key)" }
        text += ": \(message)"
        if let remedy { text += ". \(remedy)" }
        return text
    }
}
