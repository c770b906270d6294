/// Well-known endpoints that speak OpenAI's Chat Completions. Each is there under its own name without a word of
/// configuration, and can be the base of others.
package enum EndpointPreset: String, Sendable, CaseIterable {
    case openai
    case openrouter
    case anthropic
    case gemini
    case mistral
    case deepseek
    case groq
    case together
    case vllm
    case llamacpp
    case ollama
    case lmstudio
    case litellm

    package var baseURL: String {
        switch self {
        case .openai: "https://api.openai.com/v1"
        case .openrouter: "https://openrouter.ai/api/v1"
        case .anthropic: "https://api.anthropic.com/v1"
        case .gemini: "https://generativelanguage.googleapis.com/v1beta/openai"
        case .mistral: "https://api.mistral.ai/v1"
        case .deepseek: "https://api.deepseek.com/v1"
        case .groq: "https://api.groq.com/openai/v1"
        case .together: "https://api.together.xyz/v1"
        case .vllm: "http://127.0.0.1:8000/v1"
        case .llamacpp: "http://127.0.0.1:8080/v1"
        case .ollama: "http://127.0.0.1:11434/v1"
        case .lmstudio: "http://127.0.0.1:1234/v1"
        case .litellm: "http://127.0.0.1:4000/v1"
        }
    }

    /// The variable in which its users keep their key; `nil`: it needs none.
    package var keyVariable: String? {
        switch self {
        case .openai: "OPENAI_API_KEY"
        case .openrouter: "OPENROUTER_API_KEY"
        case .anthropic: "ANTHROPIC_API_KEY"
        case .gemini: "GEMINI_API_KEY"
        case .mistral: "MISTRAL_API_KEY"
        case .deepseek: "DEEPSEEK_API_KEY"
        case .groq: "GROQ_API_KEY"
        case .together: "TOGETHER_API_KEY"
        case .vllm, .llamacpp, .ollama, .lmstudio, .litellm: nil
        }
    }

    /// Services and vLLM answer many requests at once by design. How many slots a small local server has depends on how
    /// it was started: unknown.
    package var concurrency: Int? {
        switch self {
        case .llamacpp, .ollama, .lmstudio, .litellm: nil
        default: 8
        }
    }
}
