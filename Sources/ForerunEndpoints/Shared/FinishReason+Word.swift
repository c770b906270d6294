import ForerunCore

extension FinishReason {
    /// What a provider's word for the end of an answer means. Unknown words are kept: the core takes them for no proper end.
    ///
    /// - Parameter hasCalls: an answer with calls waits for their outputs, whatever word its server has for a proper end.
    /// - Throws: where the word says that the server broke off by itself, so that asking again may help.
    init(word: String?, hasCalls: Bool) throws(ModelFailure) {
        switch word?.lowercased() {
        case nil, "", "stop", "end_turn", "stop_sequence", "eos", "eos_token", "complete", "completed",
            "tool_calls", "tool_call", "tool_use", "function_call":
            self = hasCalls ? .toolCalls : .stop
        case "length", "max_tokens", "max_output_tokens", "max_length": self = .length
        case "content_filter", "refusal", "safety", "recitation", "blocklist", "prohibited_content", "spii",
            "sensitive":
            self = .contentFilter
        case "model_context_window_exceeded", "model_length": self = .contextFull
        case "error", "abort", "aborted", "insufficient_system_resource", "network_error":
            throw ModelFailure(.server, "The server broke the answer off: “\(word ?? "")”")
        case "malformed_function_call":
            throw ModelFailure(.malformed, "The model wrote a call that its server cannot read")
        case let other?: self.init(other)
        }
    }
}
