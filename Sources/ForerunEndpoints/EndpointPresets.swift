extension EndpointConfiguration {
    /// Endpoints that need no more than a name. Each field can be overridden in configuration.
    ///
    /// Only hosted services whose limits are rates, not slots, declare more than one request at a time. What a local
    /// server bears depends on how it was started.
    package static let presets: [EndpointConfiguration] = [
        EndpointConfiguration(
            name: "openai", baseURL: "https://api.openai.com/v1", key: .environment("OPENAI_API_KEY"), concurrency: 32,
            maxTokensField: .maxCompletionTokens),
        EndpointConfiguration(
            name: "openrouter", baseURL: "https://openrouter.ai/api/v1", key: .environment("OPENROUTER_API_KEY"),
            concurrency: 16),
        EndpointConfiguration(
            name: "groq", baseURL: "https://api.groq.com/openai/v1", key: .environment("GROQ_API_KEY"), concurrency: 8,
            maxTokensField: .maxCompletionTokens),
        EndpointConfiguration(
            name: "deepseek", baseURL: "https://api.deepseek.com/v1", key: .environment("DEEPSEEK_API_KEY"),
            concurrency: 16),
        EndpointConfiguration(
            name: "mistral", baseURL: "https://api.mistral.ai/v1", key: .environment("MISTRAL_API_KEY"), concurrency: 8,
            sendsStreamOptions: false),
        EndpointConfiguration(
            name: "gemini", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
            key: .environment("GEMINI_API_KEY"), concurrency: 8),
        EndpointConfiguration(name: "ollama", baseURL: "http://127.0.0.1:11434/v1"),
        EndpointConfiguration(name: "lmstudio", baseURL: "http://127.0.0.1:1234/v1"),
        EndpointConfiguration(name: "llamacpp", baseURL: "http://127.0.0.1:8080/v1"),
        EndpointConfiguration(name: "vllm", baseURL: "http://127.0.0.1:8000/v1", concurrency: 16),
        EndpointConfiguration(
            name: "litellm", baseURL: "http://127.0.0.1:4000/v1", key: .environment("LITELLM_API_KEY")),
    ]

    /// The preset of that name.
    package static func preset(_ name: String) -> EndpointConfiguration? { presets.first { $0.name == name } }
}
