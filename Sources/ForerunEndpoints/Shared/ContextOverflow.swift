/// How servers say that a request is longer than the model's context. Few have a code for it.
enum ContextOverflow {
    static let codes: Set<String> = [
        "context_length_exceeded",  // OpenAI, Groq, Azure
        "exceed_context_size_error",  // llama.cpp
        "request_too_large",  // Anthropic
        "string_above_max_length",
    ]

    /// In lower case.
    static let phrases = [
        "maximum context length",  // OpenAI, Azure, DeepSeek, Mistral, OpenRouter, vLLM, Ollama
        "context window",  // OpenAI Responses, llama-cpp-python, LiteLLM
        "exceeds the available context size",  // llama.cpp
        "prompt is too long",  // Anthropic
        "exceed context limit",  // Anthropic, input and max_tokens together
        "exceeds the maximum number of tokens allowed",  // Gemini
        "input token count",  // Gemini
        "reduce the length of the messages",  // Groq
        "longer than the maximum model length",  // vLLM
        "longer than the model's context length",  // SGLang
        "context length of only",  // LM Studio
        "context overflows",  // LM Studio
        "maximum prompt length",  // xAI
        "input is too long",  // Bedrock
        "exceeds the context length",  // Ollama
        "contextwindowexceedederror",  // LiteLLM, which has it in the message
    ]

    static func isNamed(by message: String) -> Bool {
        let message = message.lowercased()
        return phrases.contains { message.contains($0) }
    }
}
