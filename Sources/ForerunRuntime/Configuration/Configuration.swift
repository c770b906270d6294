package import ForerunEndpoints

/// What configuration files, variables and flags say, all layers together.
package struct Configuration: Sendable, Hashable {
    package enum Color: String, Sendable, CaseIterable {
        /// On terminals, unless `NO_COLOR` is set.
        case auto
        case always
        case never
    }

    package struct Interface: Sendable, Hashable {
        package var color = Color.auto
    }

    package var endpoints: Named<EndpointSettings> = EndpointConfiguration.presets.reduce(into: [:]) {
        endpoints, preset in
        endpoints[preset.name] = EndpointSettings(preset: preset)
    }
    package var ui = Interface()
    /// The defaults of every agent; with an agent, what counts for its run.
    package var settings = AgentSettings()

    package init() {}

    /// The keys of `config.yaml`.
    package static let schema = ConfigurationSchema<Configuration>(
        shared + [
            .transparent("defaults", \.settings, AgentSettings.schema),
            // Read once it is known which agent runs.
            .sections("agents", AgentSettings.schema, new: AgentSettings()),
        ])

    /// The keys of `--set` and of listings.
    package static let flatSchema = ConfigurationSchema<Configuration>(
        shared + AgentSettings.schema.settings.map { $0.lifted(\.settings) })

    private static let shared: [ConfigurationSetting<Configuration>] = [
        .table("endpoints", \.endpoints, EndpointSettings.schema, new: { EndpointSettings(name: $0) }),
        .group("ui", \.ui, ConfigurationSchema([.value("color", \.color, .word, untrusted: .free)])),
    ]
}

extension Configuration {
    /// The endpoint that `model` names.
    ///
    /// - Throws: `.notFound` for a name that nobody gave, `.missing` for one without an address.
    package func endpoint(of model: ModelName) throws(ConfigurationError) -> EndpointConfiguration {
        guard let endpoint = endpoints[model.endpoint]?.configuration(for: model.model) else {
            throw ConfigurationError(
                .notFound, "unknown endpoint “\(model.endpoint)” in \(model)",
                remedy: Suggestion.nearest(to: model.endpoint, among: endpoints.names)
                    .map { "Did you mean “\($0)”?" } ?? "Define it as endpoints.\(model.endpoint) in config.yaml")
        }
        guard !endpoint.baseURL.isEmpty else {
            throw ConfigurationError(
                .missing, "endpoint “\(model.endpoint)” has no baseURL",
                remedy: "Set endpoints.\(model.endpoint).baseURL or endpoints.\(model.endpoint).preset in config.yaml")
        }
        return endpoint
    }
}
