/// An endpoint: where it is, how to be let in, and what it can bear.
package struct EndpointConfiguration: Sendable, Hashable {
    /// The first half of model ids: `openai` in `openai/gpt-5`.
    package var name: String
    /// Up to and including the version: `https://api.openai.com/v1`.
    package var baseURL: String
    package var key: KeySource
    /// Further header fields of every request. Not for keys.
    package var headers: [String: String]
    /// Requests that it serves at the same time. Unknown capacity is 1: nothing runs ahead there.
    package var concurrency: Int
    /// Seconds.
    package var connectTimeout: Double
    /// Seconds without a byte. Reasoning models may think for minutes before the first.
    package var idleTimeout: Double
    package var maxTokensField: MaxTokensField
    /// Ask for usage in the stream (`stream_options`). Some servers refuse the field and report usage anyway.
    package var sendsStreamOptions: Bool

    /// What the limit of output tokens is called.
    package enum MaxTokensField: String, Sendable, Hashable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    package init(
        name: String, baseURL: String, key: KeySource = .none, headers: [String: String] = [:], concurrency: Int = 1,
        connectTimeout: Double = 10, idleTimeout: Double = 300, maxTokensField: MaxTokensField = .maxTokens,
        sendsStreamOptions: Bool = true
    ) {
        self.name = name
        self.baseURL = baseURL
        self.key = key
        self.headers = headers
        self.concurrency = concurrency
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.maxTokensField = maxTokensField
        self.sendsStreamOptions = sendsStreamOptions
    }

    /// The address of `path` below the base.
    func url(_ path: String) -> String {
        var base = baseURL[...]
        while base.hasSuffix("/") { base.removeLast() }
        return base + path
    }
}
