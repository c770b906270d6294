/// What counts for a run, and where each value comes from.
package struct ResolvedConfiguration: Sendable {
    package let configuration: Configuration
    package let agent: AgentDefinition?
    private let journal: ConfigurationJournal

    init(configuration: Configuration, agent: AgentDefinition?, journal: ConfigurationJournal) {
        self.configuration = configuration
        self.agent = agent
        self.journal = journal
    }

    package var settings: AgentSettings { configuration.settings }

    /// Every value as text, with its origin, in the schema's order.
    package var origins: [(keyPath: String, value: String, origin: ConfigurationOrigin)] {
        Configuration.flatSchema.list(configuration).map { entry in
            (entry.path.description, entry.text, entry.origin ?? journal.origins[entry.path] ?? .builtIn)
        }
    }

    /// What the project's configuration would have raised, had it been trusted.
    package var ignored: [ConfigurationJournal.Ignored] { journal.ignored }

    /// Who plays `role`.
    ///
    /// - Throws: `.missing` where nobody named one.
    package func actor(of role: String) throws(ConfigurationError) -> Casting {
        guard let name = settings.actor(of: role) else {
            let subject = agent.map { "agent “\($0.name)”" } ?? "the run"
            throw ConfigurationError(
                .missing, "\(subject) has no actor" + (role == "actor" ? "" : " for the role “\(role)”"),
                remedy: "Name a model: --actor endpoint/model, FORERUN_ACTOR, or defaults.actor in config.yaml")
        }
        return name
    }
}
