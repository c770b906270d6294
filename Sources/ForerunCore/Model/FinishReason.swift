/// Why a model stopped writing.
public struct FinishReason: Sendable, Hashable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }

    /// The model said all that it had to say.
    public static let stop = FinishReason("stop")
    /// The model waits for the outputs of its calls.
    public static let toolCalls = FinishReason("tool_calls")
    /// The limit of output tokens cut the answer off.
    public static let length = FinishReason("length")
    /// The provider withheld the rest.
    public static let contentFilter = FinishReason("content_filter")
    /// The model's context is full.
    public static let contextFull = FinishReason("model_context_window_exceeded")
}

extension FinishReason {
    /// Why an answer that ended so is no turn; `nil`: it is whole.
    ///
    /// Such an answer is an outcome like others: it is not asked for again, since that would favour some answers over others.
    /// But what was cut off says something else than the whole would have said, and of its calls some may be missing: none is
    /// performed, and the run ends.
    package var failure: ModelFailure? {
        switch self {
        case .stop, .toolCalls: nil
        case .length:
            ModelFailure(
                .cutOff, "the limit of output tokens was reached before the answer was whole",
                remedy: "Raise sampling.maxTokens, ask for less at a time, or use a model that may write more.")
        case .contentFilter:
            ModelFailure(
                .withheld, "the provider withheld the rest of the answer, or all of it",
                remedy: "Word the task differently, or use another model.")
        case .contextFull:
            ModelFailure(
                .contextOverflow, "the model's context was full before the answer was whole",
                remedy: "Shorten the task or its outputs, or use a model with a longer context.")
        default:
            ModelFailure(
                .cutOff, "the model stopped before its answer was whole: “\(description)”",
                remedy: "See what the provider means by that, or use another model.")
        }
    }
}
