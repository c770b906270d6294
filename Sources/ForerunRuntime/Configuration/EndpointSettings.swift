/// Where models are asked, and on which terms.
package struct EndpointSettings: Sendable, Hashable {
    /// Seconds.
    package struct Timeouts: Sendable, Hashable {
        package var connect: Double = 10
        /// Without a byte of the answer. Large prompts on small machines take long to begin.
        package var idle: Double = 300
    }

    package struct ModelTerms: Sendable, Hashable {
        package var price: Price?
    }

    /// For a million tokens.
    package struct Price: Sendable, Hashable {
        package var input = 0.0
        /// Input read from the provider's cache; `nil`: as ``input``.
        package var cached: Double?
        package var output = 0.0
        package var currency = "USD"

        /// The price of tokens as the provider counted them: `input` includes `cached`.
        package func cost(input inputTokens: Int, cached cachedTokens: Int, output outputTokens: Int) -> Double {
            let fresh = Double(max(0, inputTokens - cachedTokens)) * input
            return (fresh + Double(cachedTokens) * (cached ?? input) + Double(outputTokens) * output) / 1_000_000
        }
    }

    package var preset: EndpointPreset?
    /// The address below which `/chat/completions` lies.
    package var baseURL: String?
    package var key: SecretSource?
    /// Requests that it takes at once; `nil`: unknown, which counts as 1.
    package var concurrency: Int?
    package var headers: Named<SecretSource> = [:]
    package var timeouts = Timeouts()
    package var models: Named<ModelTerms> = [:]

    package init() {}
}

extension EndpointSettings {
    package static let schema = ConfigurationSchema<Self>([
        .optional("preset", \.preset, .word, then: { $0.adoptPreset() }),
        .optional("baseURL", \.baseURL, .address),
        .optional("key", \.key, .key),
        .optional("concurrency", \.concurrency, .whole(1...10_000)),
        .values("headers", \.headers, .header),
        .group("timeouts", \.timeouts, Timeouts.schema),
        .table("models", \.models, ModelTerms.schema, new: ModelTerms()),
    ])

    private mutating func adoptPreset() {
        guard let preset else { return }
        baseURL = preset.baseURL
        key = preset.keyVariable.map(SecretSource.variable)
        concurrency = preset.concurrency
    }

    init(preset: EndpointPreset) {
        self.init()
        self.preset = preset
        adoptPreset()
    }
}

extension EndpointSettings.Timeouts {
    static let schema = ConfigurationSchema<Self>([
        .value("connect", \.connect, .number(0.001...3600)),
        .value("idle", \.idle, .number(0.001...86_400)),
    ])
}

extension EndpointSettings.ModelTerms {
    static let schema = ConfigurationSchema<Self>([.group("price", \.priceOrFree, EndpointSettings.Price.schema)])

    private var priceOrFree: EndpointSettings.Price {
        get { price ?? EndpointSettings.Price() }
        set { price = newValue }
    }
}

extension EndpointSettings.Price {
    static let schema = ConfigurationSchema<Self>([
        .value("input", \.input, .number(0...1_000_000)),
        .optional("cached", \.cached, .number(0...1_000_000)),
        .value("output", \.output, .number(0...1_000_000)),
        .value("currency", \.currency, .text),
    ])
}

extension ValueForm where Value == String {
    /// An `http` or `https` address, without the slash at its end.
    fileprivate static var address: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(var text, _) = value.content,
                    let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix),
                    text.count > scheme.count, !text.contains(where: \.isWhitespace)
                else {
                    throw value.mismatch(path, expected: "an address that begins with http:// or https://")
                }
                while text.hasSuffix("/") { text.removeLast() }
                return text
            },
            write: { $0 })
    }
}
