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
            name: "anthropic", baseURL: "https://api.anthropic.com/v1", wire: .anthropic,
            key: .environment("ANTHROPIC_API_KEY"), concurrency: 16),
        EndpointConfiguration(
            name: "openrouter", baseURL: "https://openrouter.ai/api/v1", key: .environment("OPENROUTER_API_KEY"),
            concurrency: 16),
        EndpointConfiguration(
            name: "groq", baseURL: "https://api.groq.com/openai/v1", key: .environment("GROQ_API_KEY"), concurrency: 8,
            maxTokensField: .maxCompletionTokens),
        // In a turn that goes on after calls, the reasoning model wants its reasoning back.
        EndpointConfiguration(
            name: "deepseek", baseURL: "https://api.deepseek.com/v1", key: .environment("DEEPSEEK_API_KEY"),
            concurrency: 16, echoingModels: ["reasoner"]),
        EndpointConfiguration(
            name: "mistral", baseURL: "https://api.mistral.ai/v1", key: .environment("MISTRAL_API_KEY"), concurrency: 8,
            sendsStreamOptions: false),
        // From version 3 on, a call without the signature that came with it is refused.
        EndpointConfiguration(
            name: "gemini", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
            key: .environment("GEMINI_API_KEY"), concurrency: 8, echoingModels: ["gemini-3"]),
        // The address names the resource: https://NAME.openai.azure.com/openai/deployments/{model}
        EndpointConfiguration(
            name: "azure", baseURL: "", key: .environment("AZURE_OPENAI_API_KEY"), keyHeader: "api-key",
            query: ["api-version": "2024-10-21"], concurrency: 16, maxTokensField: .maxCompletionTokens),
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
