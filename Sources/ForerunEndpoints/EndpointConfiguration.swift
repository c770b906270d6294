import ForerunTransport

/// An endpoint: where it is, how to be let in, and what it can bear.
package struct EndpointConfiguration: Sendable, Hashable {
    /// The first half of model ids: `openai` in `openai/gpt-5`.
    package var name: String
    /// Up to and including the version: `https://api.openai.com/v1`.
    package var baseURL: String
    package var key: KeySource
    /// The header field that carries the key as it is; `nil`: `Authorization: Bearer`.
    package var keyHeader: String?
    /// Further header fields of every request.
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
        name: String, baseURL: String, key: KeySource = .none, keyHeader: String? = nil,
        headers: [String: String] = [:], concurrency: Int = 1, connectTimeout: Double = 10, idleTimeout: Double = 300,
        maxTokensField: MaxTokensField = .maxTokens,
        sendsStreamOptions: Bool = true
    ) {
        self.name = name
        self.baseURL = baseURL
        self.key = key
        self.keyHeader = keyHeader
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

extension EndpointConfiguration {
    /// The header fields of every request.
    func headers(_ key: Secret?) -> HTTPHeaders {
        var fields = [(name: "Content-Type", value: "application/json")]
        if let key {
            fields.append(keyHeader.map { ($0, key.exposed) } ?? ("Authorization", "Bearer \(key.exposed)"))
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { fields.append((name, value)) }
        return HTTPHeaders(fields, secrets: key.map { [$0.exposed] } ?? [])
    }

    /// The base URL for messages: without the name and password that may stand before the host.
    var shownURL: String {
        guard let scheme = baseURL.firstRange(of: "://"), let at = baseURL.lastIndex(of: "@") else { return baseURL }
        return String(baseURL[..<scheme.upperBound] + baseURL[baseURL.index(after: at)...])
    }
}

/// Header fields may hold keys, against advice: only their names are shown.
extension EndpointConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(name) at \(shownURL)" }
    package var customMirror: Mirror {
        Mirror(self, children: ["name": name, "baseURL": shownURL, "headers": headers.keys.sorted()])
    }
}
