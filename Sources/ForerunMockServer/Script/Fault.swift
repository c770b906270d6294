/// Something that goes wrong on purpose.
package struct Fault: Sendable, Hashable {
    /// Which requests it befalls.
    package enum Place: Sendable, Hashable {
        case anywhere
        /// Requests at this step, the first being 0.
        case step(Int)
        /// From this request to the model on, the first being 1.
        case request(Int)
    }

    package var kind: Kind
    package var place: Place
    /// How many requests it befalls; `nil`: all of them.
    package var times: Int?
    /// How likely it befalls a request that it could befall; drawn by the script's seed and the request's number.
    package var probability: Double
    /// The protocols in which it happens; empty: all of them.
    package var dialects: Set<Dialect>
    /// The models to which it happens; empty: all of them.
    package var models: Set<String>

    /// Events of the answer that are sent before it; ``Kind`` says what counts where it is not given.
    package var after: Int?
    package var status: Int?
    /// The error's code.
    package var code: String?
    /// The error's words; `nil`: as providers say it.
    package var message: String?
    package var retry: RetryAdvice
    /// How many bytes it is about.
    package var bytes: Int?
    /// Seconds between two pieces.
    package var pause: Double?

    package init(
        _ kind: Kind, at place: Place = .anywhere, times: Int? = 1, probability: Double = 1,
        dialects: Set<Dialect> = [], models: Set<String> = [], after: Int? = nil, status: Int? = nil,
        code: String? = nil, message: String? = nil, retry: RetryAdvice = RetryAdvice(), bytes: Int? = nil,
        pause: Double? = nil
    ) {
        self.kind = kind
        self.place = place
        self.times = times
        self.probability = probability
        self.dialects = dialects
        self.models = models
        self.after = after
        self.status = status
        self.code = code
        self.message = message
        self.retry = retry
        self.bytes = bytes
        self.pause = pause
    }

    /// The name that scripts and logs use.
    package var name: String { kind.rawValue }
}

/// A habit of local servers that a decoder must tolerate. It changes the form of an answer, never its meaning.
package enum Quirk: String, Sendable, Hashable, CaseIterable {
    /// All calls have index 0; only a new id tells them apart (vLLM, SGLang).
    case indexZero = "index_zero"
    /// Later fragments of a call carry `"id": ""`.
    case emptyIDs = "empty_ids"
    /// Name and whole arguments in one fragment (Ollama).
    case wholeCall = "whole_call"
}
