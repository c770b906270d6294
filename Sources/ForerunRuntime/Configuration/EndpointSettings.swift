package import ForerunCore
package import ForerunEndpoints

/// Where models are asked, and on which terms.
package struct EndpointSettings: Sendable, Hashable {
    package struct ModelTerms: Sendable, Hashable {
        /// `nil`: unknown.
        package var tariff: Tariff?
        package var reasoning = EndpointConfiguration.Reasoning()
    }

    /// Prices for a million tokens.
    package struct Tariff: Sendable, Hashable {
        package var input = 0.0
        /// Input read from the provider's cache; `nil`: as ``input``.
        package var cached: Double?
        /// Input written to the provider's cache; `nil`: as ``input``.
        package var written: Double?
        package var output = 0.0
        package var currency = "USD"
        /// When these were the prices, as people write dates. Only shown, and kept with what it is applied to.
        package var asOf: String?

        package var long: LongTariff?

        package var price: Price {
            let long = long.map {
                Price.Long(
                    above: $0.above, input: $0.input, cached: $0.cached, written: $0.written, output: $0.output)
            }
            return Price(
                input: input, cached: cached, written: written, output: output, currency: currency, long: long,
                asOf: asOf)
        }
    }

    /// Prices of requests with more input than that, for all their tokens.
    package struct LongTariff: Sendable, Hashable {
        package var above = 0
        package var input = 0.0
        package var cached: Double?
        package var written: Double?
        package var output = 0.0
    }

    /// The well-known endpoint that this one is like.
    package var preset: String?
    package var headers = Named<String>()
    package var query = Named<String>()
    package var models = Named<ModelTerms>()
    private var base: EndpointConfiguration

    /// An endpoint that still lacks its address.
    init(name: String) { base = EndpointConfiguration(name: name, baseURL: "") }

    init(preset: EndpointConfiguration) {
        self.preset = preset.name
        base = preset
    }

    /// What requests need. Without an address, `baseURL` is empty.
    package var configuration: EndpointConfiguration {
        var configuration = base
        for (name, value) in headers { configuration.headers[name] = value }
        for (name, value) in query { configuration.query[name] = value }
        return configuration
    }

    /// What a model costs: as the user says, else as is known of the preset; `nil`: unknown.
    package func tariff(of model: String) -> Tariff? {
        models[model]?.tariff ?? PricePresets.tariff(of: model, at: base, preset: preset)
    }

    /// What requests to one of its models need.
    package func configuration(for model: String) -> EndpointConfiguration {
        var configuration = configuration
        if let terms = models[model] { configuration.reasoning = terms.reasoning }
        return configuration
    }
}

extension EndpointSettings {
    package static let schema = ConfigurationSchema<Self>([
        // First: the rest is said of what the preset is.
        .optional(
            "preset", \.preset, .oneOf(EndpointConfiguration.presets.map(\.name)), then: { $0.adoptPreset() }),
        .value("baseURL", \.base.baseURL, .address),
        .value("protocol", \.base.wire, .word),
        .value("key", \.base.key, .key),
        .optional("keyHeader", \.base.keyHeader, .text),
        .value("concurrency", \.base.concurrency, .whole(1...10_000)),
        .values("headers", \.headers, .concealed),
        .values("query", \.query, .concealed),
        .group(
            "timeouts", \.base,
            ConfigurationSchema<EndpointConfiguration>([
                .value("connect", \.connectTimeout, .number(0.001...3600)),
                .value("idle", \.idleTimeout, .number(0.001...86_400)),
            ])),
        .value("maxTokensField", \.base.maxTokensField, .word),
        .value("sendsStreamOptions", \.base.sendsStreamOptions, .flag),
        .value("sendsTemperature", \.base.sendsTemperature, .flag),
        .value("parallelCalls", \.base.parallelCalls, .flag),
        .value("traceContext", \.base.traceContext, .flag),
        .table("models", \.models, ModelTerms.schema, new: { _ in ModelTerms() }),
    ])

    private mutating func adoptPreset() {
        guard let preset, var configuration = EndpointConfiguration.preset(preset) else { return }
        configuration.name = base.name
        base = configuration
    }
}

extension EndpointSettings.ModelTerms {
    static let schema = ConfigurationSchema<Self>([
        .group("price", \.tariff, new: EndpointSettings.Tariff(), EndpointSettings.Tariff.schema),
        .group(
            "reasoning", \.reasoning,
            ConfigurationSchema<EndpointConfiguration.Reasoning>([
                .optional("effort", \.effort, .text),
                .optional("budget", \.budget, .whole(1024...1_000_000)),
                .optional("echo", \.echo, .flag),
            ])),
    ])
}

extension EndpointSettings.Tariff {
    static let schema = ConfigurationSchema<Self>([
        .value("input", \.input, .number(0...1_000_000)),
        .optional("cached", \.cached, .number(0...1_000_000)),
        .optional("written", \.written, .number(0...1_000_000)),
        .value("output", \.output, .number(0...1_000_000)),
        .value("currency", \.currency, .text),
        .optional("asOf", \.asOf, .text),
        .group("long", \.long, new: EndpointSettings.LongTariff(), EndpointSettings.LongTariff.schema),
    ])
}

extension EndpointSettings.LongTariff {
    static let schema = ConfigurationSchema<Self>([
        .value("above", \.above, .whole(0...100_000_000)),
        .value("input", \.input, .number(0...1_000_000)),
        .optional("cached", \.cached, .number(0...1_000_000)),
        .optional("written", \.written, .number(0...1_000_000)),
        .value("output", \.output, .number(0...1_000_000)),
    ])
}

extension EndpointConfiguration.MaxTokensField: CaseIterable {
    package static var allCases: [Self] { [.maxTokens, .maxCompletionTokens] }
}
