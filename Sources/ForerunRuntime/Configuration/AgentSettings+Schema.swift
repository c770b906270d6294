package import ForerunCore

extension AgentSettings {
    static let nodes = 1...10_000_000_000

    /// The keys of agent files, of `defaults`, and of `agents.NAME`.
    ///
    /// `untrusted` says what a project that is not trusted may do to a value; where nothing is said, nothing.
    package static let schema = ConfigurationSchema<AgentSettings>([
        .value("program", \.program, .word),
        // An actor named in a higher layer plays all roles: `--actor` means what it says.
        .optional("actor", \.actor, .casting, then: { $0.actors = [:] }),
        .values("actors", \.actors, .casting),
        .group("speculation", \.speculation, Speculation.schema),
        .optional("tools", \.tools, .list(of: .text), untrusted: .subset),
        .values("effects", \.effects, .word, untrusted: .towardsExternal),
        .permissions("permissions", \.permissions),
        .group("limits", \.limits, Limits.schema),
        .group("environment", \.environment, EnvironmentChoice.schema),
        .group("engine", \.engine, Engine.schema),
        .value("commentary", \.commentary, .word),
        .group("sampling", \.sampling, samplingSchema),
    ])

    private static let samplingSchema = ConfigurationSchema<SamplingOptions>([
        .optional("temperature", \.temperature, .number(0...2)),
        .optional("maxTokens", \.maxTokens, .whole(1...10_000_000), untrusted: .limit()),
    ])
}

extension AgentSettings.Speculation {
    static let schema = ConfigurationSchema<Self>(
        SpeculationPolicy.schema.settings.map { $0.lifted(\.policy) } + [
            // A model named in a higher layer replaces those that lower layers gave to their speculators.
            .optional(
                "model", \.model, .model,
                then: { speculation in
                    speculation.speculators = speculation.speculators.map {
                        switch $0 {
                        case .model(_, let samples, let logprobs): .model(nil, samples: samples, logprobs: logprobs)
                        case .heads(_, let logprobs): .heads(nil, logprobs: logprobs)
                        case .parts: .parts(nil)
                        case .transition, .graph, .engine: $0
                        }
                    }
                }),
            .value("speculators", \.speculators, .list(of: .speculator)),
        ])

    /// The speculators with the models that they ask. One of kind `model` is left out where none is named.
    package var namedSpeculators: [SpeculatorChoice] {
        speculators.compactMap { choice in
            switch choice {
            case .model(nil, let samples, let logprobs):
                model.map { .model($0, samples: samples, logprobs: logprobs) }
            case .heads(nil, let logprobs): model.map { .heads($0, logprobs: logprobs) }
            case .parts(nil): model.map { .parts($0) }
            default: choice
            }
        }
    }
}

extension SpeculationPolicy {
    /// The keys that say how far to speculate.
    package static let schema = ConfigurationSchema<Self>([
        .value("mode", \.mode, .word, untrusted: .towardsFirst),
        .value("policy", \.rule, .word),
        // The limit of extra cost goes with it, unless it was named itself.
        .value(
            "speed", \.speed, .word, untrusted: .towardsFirst,
            then: { policy in
                guard policy.maxExtraCost.followsSpeed else { return }
                policy.maxExtraCost = .standard(policy.speed)
            }),
        .value("width", \.width, .whole(1...16), untrusted: .down),
        .value("depth", \.depth, .whole(1...64), untrusted: .down),
        .value("threshold", \.threshold, .number(0...1), untrusted: .up),
        .value("killSwitch", \.hasKillSwitch, .flag, untrusted: .when { _, wish in wish }),
        .group("maxExtraCost", \.maxExtraCost, ExtraCostLimit.schema),
    ])
}

extension ExtraCostLimit {
    static let schema = ConfigurationSchema<Self>([
        .optional("ratio", \.ratio, .number(0...100), untrusted: .limit(), then: { $0.followsSpeed = false }),
        .optional("tokens", \.tokens, .whole(0...1_000_000_000_000), untrusted: .limit()),
        .optional("money", \.money, .number(0...1_000_000), untrusted: .limit()),
    ])
}

extension Limits {
    static let schema = ConfigurationSchema<Self>([
        .optional("steps", \.steps, .whole(1...1_000_000), untrusted: .limit()),
        .optional("seconds", \.seconds, .number(0.001...31_536_000), untrusted: .limit()),
        .optional("tokens", \.tokens, .whole(1...1_000_000_000_000), untrusted: .limit()),
        .optional("money", \.money, .number(0...1_000_000), untrusted: .limit()),
    ])
}

extension AgentSettings.EnvironmentChoice {
    static let schema = ConfigurationSchema<Self>([
        .value("kind", \.kind, .word),
        .value("network", \.network, .flag, untrusted: .when { _, wish in !wish }),
        .value("sandbox", \.sandbox, .word, untrusted: .towardsLast),
        .value("sharing", \.sharing, .word, untrusted: .towardsLast),
        .optional("maxPlies", \.maxPlies, .whole(1...10_000), untrusted: .limit()),
    ])
}

extension AgentSettings.Engine {
    static let schema = ConfigurationSchema<Self>([
        .value("path", \.path, .text),
        .value("nodes", \.nodes, .whole(AgentSettings.nodes), untrusted: .down),
    ])
}

extension Tightening where Value == [String]? {
    /// Tools can be taken away; names that were not there are left out.
    fileprivate static var subset: Self {
        Self { current, wish in
            guard let wish else { return nil }
            return .some(wish.filter { current?.contains($0) ?? true })
        }
    }
}

extension Tightening where Value == Effect? {
    /// An effect can grow. Without a word of lower layers only `external` surely is more than what the tool says itself.
    fileprivate static var towardsExternal: Self {
        .when { current, wish in
            switch wish {
            case .external: true
            case .contained: current == .readOnly || current == .contained
            case .readOnly, nil: current == wish
            }
        }
    }
}
