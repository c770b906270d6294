/// One value that a variable or a flag sets.
package struct ConfigurationAssignment: Sendable, Hashable {
    package var path: ConfigurationPath
    package var value: ConfigurationValue

    package init(_ path: ConfigurationPath, _ value: ConfigurationValue) {
        self.path = path
        self.value = value
    }

    /// A flag of its own for one setting: `--mode observe` is `init(flag: "--mode", "speculation.mode", "observe")`.
    package init(flag: String, _ path: String, _ text: String) throws(ConfigurationError) {
        let origin = ConfigurationOrigin.flag("\(flag) \(text)")
        guard let path = ConfigurationPath(parsing: path) else {
            throw ConfigurationError(.syntax, "“\(path)” is no key", at: origin)
        }
        self.init(path, try ConfigurationValue(inline: text, at: origin))
    }

    /// The argument of `--set`: `speculation.width=4`.
    package init(set text: String) throws(ConfigurationError) {
        let origin = ConfigurationOrigin.flag("--set \(text)")
        guard let equals = text.firstIndex(of: "="), let path = ConfigurationPath(parsing: text[..<equals]) else {
            throw ConfigurationError(
                .syntax, "“\(text)” sets nothing", at: origin, remedy: "Write --set key.path=value")
        }
        let written = String(text[text.index(after: equals)...])
        // What cannot be read may hold anything.
        let isOpen = path.segments.first != "endpoints"
        let hidden = ConfigurationOrigin.flag("--set \(path)=\(ConfigurationValue.concealed)")
        let value = try ConfigurationValue(inline: written, at: isOpen ? origin : hidden)
        let shown =
            value.mayHoldSecret(at: path) ? ConfigurationOrigin.flag("--set \(path)=\(value.shown(at: path))") : origin
        self.init(path, try ConfigurationValue(inline: written, at: shown))
    }

    /// What the environment sets.
    ///
    /// `FORERUN_ACTOR`, `FORERUN_MODE` and `FORERUN_SPECULATOR` are `actor`, `speculation.mode` and `speculation.model`.
    /// Any setting under fixed keys has a variable too: `FORERUN_SET_LIMITS_MONEY` is `limits.money`,
    /// `FORERUN_SET_SPECULATION_MAX_EXTRA_COST_RATIO` is `speculation.maxExtraCost.ratio`.
    package static func variables(_ environment: [String: String]) throws(ConfigurationError) -> [Self] {
        var result: [Self] = []
        let known = Configuration.flatSchema.leaves
        for (name, text) in environment.sorted(by: { $0.key < $1.key }) where !text.isEmpty {
            let origin = ConfigurationOrigin.variable(name)
            let path: ConfigurationPath
            if let short = shortNames[name] {
                path = short
            } else if name.hasPrefix(prefix) {
                guard
                    let leaf = known.first(where: { plain($0.segments.joined()) == plain(name.dropFirst(prefix.count)) }
                    )
                else {
                    throw ConfigurationError(
                        .unknownKey, "the variable \(name) sets nothing", at: origin,
                        remedy: Suggestion.nearest(to: name, among: known.map(variable)).map { "Did you mean “\($0)”?" }
                    )
                }
                path = leaf
            } else {
                continue
            }
            result.append(Self(path, try ConfigurationValue(inline: text, at: origin)))
        }
        // The short names are the plainer words: they win.
        return result.filter { !isShort($0) } + result.filter(isShort)
    }

    private static let prefix = "FORERUN_SET_"
    private static let shortNames: [String: ConfigurationPath] = [
        "FORERUN_ACTOR": ConfigurationPath(["actor"]),
        "FORERUN_MODE": ConfigurationPath(["speculation", "mode"]),
        "FORERUN_SPECULATOR": ConfigurationPath(["speculation", "model"]),
    ]

    private static func isShort(_ assignment: Self) -> Bool {
        if case .variable(let name) = assignment.value.origin { shortNames[name] != nil } else { false }
    }

    private static func plain(_ text: some StringProtocol) -> String { String(text.filter { $0 != "_" }).lowercased() }

    /// The variable of a setting, as people would write it.
    private static func variable(_ path: ConfigurationPath) -> String {
        prefix
            + path.segments
            .map { key in key.map { $0.isUppercase ? "_\($0)" : $0.uppercased() }.joined() }
            .joined(separator: "_")
    }
}
