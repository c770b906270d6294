/// The one description of a part of the configuration: which keys it has, what may stand there, what it means.
///
/// Reading, checking, merging, suggestions, origins, `--set`, environment variables and listings all follow from it.
package struct ConfigurationSchema<Root: Sendable>: Sendable {
    package let settings: [ConfigurationSetting<Root>]

    package init(_ settings: [ConfigurationSetting<Root>]) { self.settings = settings }

    /// Reads `value` into `root`, over what is there already. Keys that `value` lacks keep their values.
    package func apply(
        _ value: ConfigurationValue, to root: inout Root, at path: ConfigurationPath = .root,
        journal: inout ConfigurationJournal
    ) throws(ConfigurationError) {
        let members = try value.members(of: path)
        let keys = settings.map(\.key)
        if let stranger = members.first(where: { !keys.contains($0.key) }) {
            let place = path.segments.isEmpty ? "" : " in \(path)"
            throw ConfigurationError(
                .unknownKey, "unknown key “\(stranger.key)”\(place)", at: stranger.keyOrigin,
                remedy: Suggestion.remedy(for: stranger.key, among: keys))
        }
        for setting in settings {
            guard let member = members.first(where: { $0.key == setting.key }) else { continue }
            try setting.apply(&root, member.value, path + setting.key, &journal)
        }
    }

    /// All values that `root` holds, in the schema's order.
    package func list(_ root: Root, at path: ConfigurationPath = .root) -> [ConfigurationEntry] {
        settings.flatMap { $0.list(root, path + $0.key) }
    }

    /// The paths below this schema that hold one value each, under fixed keys only.
    package var leaves: [ConfigurationPath] {
        settings.flatMap { setting in setting.leaves.map { ConfigurationPath([setting.key] + $0.segments) } }
    }
}

/// One key of a schema.
package struct ConfigurationSetting<Root: Sendable>: Sendable {
    package typealias Apply =
        @Sendable (inout Root, ConfigurationValue, ConfigurationPath, inout ConfigurationJournal)
        throws(ConfigurationError) -> Void
    /// Where a value is kept.
    package typealias Place<Value> = any WritableKeyPath<Root, Value> & Sendable

    package let key: String
    /// Reads a value into the root, or says what is wrong with it.
    package let apply: Apply
    /// What the root holds here.
    package let list: @Sendable (Root, ConfigurationPath) -> [ConfigurationEntry]
    /// Paths below `key` that hold one value each; the empty path stands for `key` itself.
    package let leaves: [ConfigurationPath]
}

/// One line of `config show --origin`.
package struct ConfigurationEntry: Sendable, Hashable {
    package var path: ConfigurationPath
    package var text: String
    /// `nil`: what the journal says, else built-in.
    package var origin: ConfigurationOrigin?

    package init(path: ConfigurationPath, text: String, origin: ConfigurationOrigin? = nil) {
        self.path = path
        self.text = text
        self.origin = origin
    }
}

/// What happened while layers were read.
package struct ConfigurationJournal: Sendable {
    /// Something that a project which is not trusted would have raised.
    package struct Ignored: Sendable, Hashable, CustomStringConvertible {
        package var path: ConfigurationPath
        package var text: String
        package var origin: ConfigurationOrigin
        package var description: String {
            "\(origin): \(path) = \(text) is ignored: a project that is not trusted can only tighten"
        }
    }

    /// The layer that is being read may only tighten.
    package var isTightening = false
    package var origins: [ConfigurationPath: ConfigurationOrigin] = [:]
    package var ignored: [Ignored] = []

    package init() {}

    package mutating func ignore(_ value: ConfigurationValue, at path: ConfigurationPath) {
        ignored.append(Ignored(path: path, text: value.shown(at: path), origin: value.origin))
    }
}
