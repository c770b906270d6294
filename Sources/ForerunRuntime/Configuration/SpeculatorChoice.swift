/// One speculator of an agent, as its file names it.
package enum SpeculatorChoice: Sendable, Hashable {
    /// A model; `nil`: the one that `speculation.model` names. Asked once for all of its guesses, or `samples` times. Its
    /// confidence is what it states, how many samples agree, or with `logprobs` the probability of its tokens.
    case model(ModelName?, samples: Int = 1, logprobs: Bool = false)
    /// Mined transitions between calls.
    case transition
    /// A graph of tools, the sources of their arguments, and what the run has shown.
    case graph
    /// A model with parallel heads, behind an endpoint of plain completions; `nil`: the one that `speculation.model` names.
    case heads(ModelName?, logprobs: Bool = false)
    /// A model that is asked for the parts of a call, its arguments in parallel; `nil`: the one that `speculation.model` names.
    case parts(ModelName?)
    /// A chess engine that searches so many nodes for all of its guesses together.
    case engine(nodes: Int)

    package enum Kind: String, Sendable, CaseIterable {
        case model
        case transition
        case graph
        case heads
        case parts
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
                case .model(let name, let samples, let logprobs):
                    "{kind: model" + (name.map { ", model: \($0)" } ?? "")
                        + (samples > 1 ? ", samples: \(samples)" : "") + (logprobs ? ", logprobs: true}" : "}")
                case .heads(let name, let logprobs):
                    "{kind: heads" + (name.map { ", model: \($0)" } ?? "") + (logprobs ? ", logprobs: true}" : "}")
                case .parts(let name): "{kind: parts" + (name.map { ", model: \($0)}" } ?? "}")
                case .graph: "{kind: graph}"
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
    var samples: Int?
    var logprobs: Bool?

    static let schema = ConfigurationSchema<Self>([
        .optional("kind", \.kind, .word),
        .optional("model", \.model, .model),
        .optional("nodes", \.nodes, .whole(AgentSettings.nodes)),
        .optional("samples", \.samples, .whole(1...16)),
        .optional("logprobs", \.logprobs, .flag),
    ])

    func choice(_ value: ConfigurationValue, _ path: ConfigurationPath) throws(ConfigurationError) -> SpeculatorChoice {
        guard let kind else {
            throw ConfigurationError(
                .missing, "\(path) has no kind", at: value.origin,
                remedy: "Write kind: model, transition, graph, heads, parts or engine")
        }
        let tellsProbability = kind == .model || kind == .heads
        if let stray = tellsProbability || kind == .parts ? nil : value["model"] {
            throw misplaced("model", stray, kind, path)
        }
        if let stray = tellsProbability ? nil : value["logprobs"] { throw misplaced("logprobs", stray, kind, path) }
        if let stray = kind == .engine ? nil : value["nodes"] { throw misplaced("nodes", stray, kind, path) }
        if let stray = kind == .model ? nil : value["samples"] { throw misplaced("samples", stray, kind, path) }
        if samples ?? 1 > 1, logprobs == true, let origin = value["logprobs"]?.origin {
            throw ConfigurationError(
                .outOfRange, "\(path) has both samples and logprobs, which are two ways to tell how sure it is",
                at: origin, remedy: "Leave one of them out")
        }
        return switch kind {
        case .model: .model(model, samples: samples ?? 1, logprobs: logprobs ?? false)
        case .graph: .graph
        case .transition: .transition
        case .heads: .heads(model, logprobs: logprobs ?? false)
        case .parts: .parts(model)
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
