/// The layers of a configuration, read and checked, not yet laid over each other.
///
/// Built-in < the user's `config.yaml` < the project's < the agent's file < `agents.NAME` of the user and the project <
/// variables < flags. A project that is not trusted comes after the agent and can only tighten what it finds.
package struct ConfigurationLayers: Sendable {
    package let places: ConfigurationPlaces
    private let user: ConfigurationValue?
    private let project: ConfigurationValue?
    private let assignments: [ConfigurationAssignment]

    /// Reads the files.
    package init(
        places: ConfigurationPlaces, environment: [String: String], flags: [ConfigurationAssignment] = []
    ) throws(ConfigurationError) {
        self.places = places
        user = try Self.read(places.userDirectory + "/config.yaml")
        project = if let project = places.project { try Self.read(project.directory + "/config.yaml") } else { nil }
        assignments = try ConfigurationAssignment.variables(environment) + flags
    }

    private static func read(_ path: String) throws(ConfigurationError) -> ConfigurationValue? {
        guard let text = try FileAccess.text(of: path) else { return nil }
        return try ConfigurationValue(yaml: text, file: path)
    }

    /// Lays them over each other, for a run of `agent` or for none.
    package func resolved(for agent: AgentDefinition? = nil) throws(ConfigurationError) -> ResolvedConfiguration {
        var configuration = Configuration()
        var journal = ConfigurationJournal()
        let isTrusted = places.project?.isTrusted ?? false
        let trusted = [user, isTrusted ? project : nil].compactMap { $0 }

        for layer in trusted { try Configuration.schema.apply(layer, to: &configuration, journal: &journal) }
        if let agent {
            try agent.apply(to: &configuration.settings, journal: &journal)
            for layer in trusted { try Self.apply(layer, for: agent, to: &configuration, &journal) }
        }
        if let project, !isTrusted {
            journal.isTightening = true
            try Configuration.schema.apply(project, to: &configuration, journal: &journal)
            if let agent { try Self.apply(project, for: agent, to: &configuration, &journal) }
            journal.isTightening = false
        }
        for assignment in assignments {
            let document = ConfigurationValue(assignment.value, under: assignment.path)
            try Configuration.flatSchema.apply(document, to: &configuration, journal: &journal)
        }
        addNamedSpeculator(to: &configuration.settings.speculation)
        return ResolvedConfiguration(configuration: configuration, agent: agent, journal: journal)
    }

    private static func apply(
        _ layer: ConfigurationValue, for agent: AgentDefinition, to configuration: inout Configuration,
        _ journal: inout ConfigurationJournal
    ) throws(ConfigurationError) {
        guard let section = layer["agents"]?[agent.name] else { return }
        try AgentSettings.schema.apply(section, to: &configuration.settings, journal: &journal)
    }

    /// Who names a speculator for this run wants it, also where the agent has none of that kind.
    private func addNamedSpeculator(to speculation: inout AgentSettings.Speculation) {
        let isNamed = assignments.contains { $0.path.segments == ["speculation", "model"] }
        let isThere = speculation.speculators.contains { if case .model = $0 { true } else { false } }
        if isNamed, !isThere, speculation.model != nil { speculation.speculators.append(.model(nil)) }
    }
}
