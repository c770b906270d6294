/// One speculator of an agent, as its file names it.
package enum SpeculatorChoice: Sendable, Hashable {
    /// A model; `nil`: the one that `speculation.model` names.
    case model(ModelName?)
    /// Mined transitions between calls.
    case transition
    /// A chess engine that searches so many nodes for all of its guesses together.
    case engine(nodes: Int)

    package enum Kind: String, Sendable, CaseIterable {
        case model
        case transition
        case engine
    }
}

extension ValueForm where Value == SpeculatorChoice {
    /// What stands in the list `speculators`.
    static var speculator: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                var draft = SpeculatorDraft()
                var journal = ConfigurationJournal()
                try SpeculatorDraft.schema.apply(value, to: &draft, at: path, journal: &journal)
                return try draft.choice(value, path)
            },
            write: { choice in
                switch choice {
                case .model(let name): "{kind: model" + (name.map { ", model: \($0)" } ?? "") + "}"
                case .transition: "{kind: transition}"
                case .engine(let nodes): "{kind: engine, nodes: \(nodes)}"
                }
            })
    }
}

/// A speculator whose keys were read one by one.
private struct SpeculatorDraft: Sendable {
    var kind: SpeculatorChoice.Kind?
    var model: ModelName?
    var nodes: Int?

    static let schema = ConfigurationSchema<Self>([
        .optional("kind", \.kind, .word),
        .optional("model", \.model, .model),
        .optional("nodes", \.nodes, .whole(AgentSettings.nodes)),
    ])

    func choice(_ value: ConfigurationValue, _ path: ConfigurationPath) throws(ConfigurationError) -> SpeculatorChoice {
        guard let kind else {
            throw ConfigurationError(
                .missing, "\(path) has no kind", at: value.origin, remedy: "Write kind: model, transition or engine")
        }
        if let stray = kind == .model ? nil : value["model"] { throw misplaced("model", stray, kind, path) }
        if let stray = kind == .engine ? nil : value["nodes"] { throw misplaced("nodes", stray, kind, path) }
        return switch kind {
        case .model: .model(model)
        case .transition: .transition
        case .engine: .engine(nodes: nodes ?? 60_000)
        }
    }

    private func misplaced(
        _ key: String, _ value: ConfigurationValue, _ kind: SpeculatorChoice.Kind, _ path: ConfigurationPath
    ) -> ConfigurationError {
        ConfigurationError(
            .unknownKey, "\(path) is of kind \(kind.rawValue), which has no key “\(key)”", at: value.origin)
    }
}
