import ForerunTransport

/// An endpoint: where it is, how to be let in, how it is spoken with, and what it can bear.
package struct EndpointConfiguration: Sendable, Hashable {
    /// The first half of model ids: `openai` in `openai/gpt-5`.
    package var name: String
    /// Up to and including the version: `https://api.openai.com/v1`. `{model}` in it stands for the model's name.
    package var baseURL: String
    package var wire: WireProtocol
    package var key: KeySource
    /// The header field that carries the key as it is; `nil`: the protocol's own, as a rule `Authorization: Bearer`.
    package var keyHeader: String?
    /// Further header fields of every request.
    package var headers: [String: String]
    /// What follows the question mark in every address.
    package var query: [String: String]
    /// Requests that it serves at the same time. Unknown capacity is 1: nothing runs ahead there.
    package var concurrency: Int
    /// Seconds.
    package var connectTimeout: Double
    /// Seconds without a byte. Reasoning models may think for minutes before the first.
    package var idleTimeout: Double
    package var maxTokensField: MaxTokensField
    /// Ask for usage in the stream (`stream_options`). Some servers refuse the field and report usage anyway.
    package var sendsStreamOptions: Bool
    /// Some models refuse a temperature of the caller's.
    package var sendsTemperature: Bool
    /// `false`: the model is told to make one call at a time.
    package var parallelCalls: Bool
    /// Requests say where in a trace they are (W3C Trace Context). Off: endpoints are third parties as a rule.
    package var traceContext: Bool
    /// Parts of the names of its models that want their reasoning back (``mustEcho(model:)``).
    package var echoingModels: [String]
    package var reasoning: Reasoning

    /// What the limit of output tokens is called.
    package enum MaxTokensField: String, Sendable, Hashable {
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
    }

    /// How a model of the endpoint is asked to think. What is `nil` is left to the provider.
    package struct Reasoning: Sendable, Hashable {
        /// The provider's own word, such as `low` or `high`.
        package var effort: String?
        /// Tokens for thinking at most. Anthropic Messages only.
        package var budget: Int?
        /// Whether the model gets its reasoning back with later requests, where the provider leaves the choice.
        package var echo: Bool?

        package init(effort: String? = nil, budget: Int? = nil, echo: Bool? = nil) {
            self.effort = effort
            self.budget = budget
            self.echo = echo
        }

        /// The model was asked to think.
        var isAsked: Bool { effort != nil || budget != nil }
    }

    package init(
        name: String, baseURL: String, wire: WireProtocol = .chat, key: KeySource = .none, keyHeader: String? = nil,
        headers: [String: String] = [:], query: [String: String] = [:], concurrency: Int = 1,
        connectTimeout: Double = 10, idleTimeout: Double = 300, maxTokensField: MaxTokensField = .maxTokens,
        sendsStreamOptions: Bool = true, sendsTemperature: Bool = true, parallelCalls: Bool = true,
        traceContext: Bool = false,
        echoingModels: [String] = [], reasoning: Reasoning = Reasoning()
    ) {
        self.name = name
        self.baseURL = baseURL
        self.wire = wire
        self.key = key
        self.keyHeader = keyHeader
        self.headers = headers
        self.query = query
        self.concurrency = concurrency
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.maxTokensField = maxTokensField
        self.sendsStreamOptions = sendsStreamOptions
        self.sendsTemperature = sendsTemperature
        self.parallelCalls = parallelCalls
        self.traceContext = traceContext
        self.echoingModels = echoingModels
        self.reasoning = reasoning
    }
}

/// The wire format that an endpoint speaks.
package enum WireProtocol: String, Sendable, Hashable, CaseIterable {
    /// OpenAI's Chat Completions, as most servers have it.
    case chat
    /// OpenAI's Responses.
    case responses
    /// Anthropic's Messages.
    case anthropic
    /// Plain completions of text. Their models can guess, but make no calls.
    case completions
}

extension EndpointConfiguration {
    /// The address of `path` below the base.
    func url(_ path: String, model: String = "") -> String {
        var base = baseURL[...]
        while base.hasSuffix("/") { base.removeLast() }
        var url = String(base).replacing("{model}", with: Self.escaped(model)) + path
        for (index, item) in query.sorted(by: { $0.key < $1.key }).enumerated() {
            url += "\(index == 0 ? "?" : "&")\(Self.escaped(item.key))=\(Self.escaped(item.value))"
        }
        return url
    }

    /// The header fields of every request, and `more` of one.
    func headers(_ key: Secret?, adding more: [(name: String, value: String)] = []) -> HTTPHeaders {
        var fields = [(name: "Content-Type", value: "application/json")]
        if let key {
            switch keyHeader ?? (wire == .anthropic ? "x-api-key" : nil) {
            case let name?: fields.append((name, key.exposed))
            case nil: fields.append(("Authorization", "Bearer \(key.exposed)"))
            }
        }
        if wire == .anthropic, !headers.keys.contains(where: { $0.lowercased() == "anthropic-version" }) {
            fields.append(("anthropic-version", "2023-06-01"))
        }
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { fields.append((name, value)) }
        fields += more
        return HTTPHeaders(fields, secrets: secrets(key).map(\.exposed))
    }

    /// What must not be written down: the key, and whatever else may be one: values of header fields and of the query, and who
    /// is named in the address.
    func secrets(_ key: Secret?) -> [Secret] {
        var values = Array(headers.values) + query.values
        if let scheme = baseURL.firstRange(of: "://"), let at = baseURL.lastIndex(of: "@") {
            values += baseURL[scheme.upperBound..<at].split(separator: ":").map(String.init)
        }
        if let question = baseURL.firstIndex(of: "?") {
            values += baseURL[question...].split { "?&=#".contains($0) }.map(String.init)
        }
        // What is shorter is no key, and would be found in innocent text. Longer ones may contain shorter ones.
        let others = Set(values).filter { $0.utf8.count >= 6 }.sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
        return [key].compactMap(\.self) + others.map { Secret($0) }
    }

    /// The base URL for messages: without the name and password that may stand before the host.
    var shownURL: String {
        guard let scheme = baseURL.firstRange(of: "://"), let at = baseURL.lastIndex(of: "@") else { return baseURL }
        return String(baseURL[..<scheme.upperBound] + baseURL[baseURL.index(after: at)...])
    }

    /// What is left as it is stands unescaped in paths and queries alike (RFC 3986, 2.3).
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}

/// Header fields may hold keys, against advice: only their names are shown.
extension EndpointConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(name) at \(shownURL)" }
    package var customMirror: Mirror {
        Mirror(self, children: ["name": name, "baseURL": shownURL, "headers": headers.keys.sorted()])
    }
}
