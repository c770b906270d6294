import ForerunCore

extension ConfigurationSetting {
    /// Tool → decision, or tool → {pattern: decision}. Layers are strung together; they replace nothing.
    static func permissions(_ key: String, _ place: Place<Permissions>) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                for tool in try value.members(of: path) {
                    for (pattern, value, path) in try rules(of: tool, at: path + tool.key) {
                        let decision = try ValueForm<Permissions.Decision>.word.read(value, path)
                        if journal.isTightening, decision == .allow {
                            journal.ignore(value, at: path)
                            continue
                        }
                        root[keyPath: place].append(
                            Permissions.Rule(
                                tool.key, pattern: pattern, decision, isLimit: journal.isTightening,
                                origin: value.origin))
                    }
                }
            },
            list: { root, path in
                root[keyPath: place].rules.map { rule in
                    ConfigurationEntry(
                        path: rule.pattern == "*" ? path + rule.tool : path + rule.tool + rule.pattern,
                        text: rule.decision.rawValue + (rule.isLimit ? " (at most)" : ""), origin: rule.origin)
                }
            },
            leaves: [])
    }

    private static func rules(
        of tool: ConfigurationValue.Member, at path: ConfigurationPath
    ) throws(ConfigurationError) -> [(pattern: String, value: ConfigurationValue, path: ConfigurationPath)] {
        guard case .map(let patterns) = tool.value.content else { return [("*", tool.value, path)] }
        return patterns.map { ($0.key, $0.value, path + $0.key) }
    }
}
