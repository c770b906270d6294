extension ConfigurationSetting {
    /// A key with one value.
    ///
    /// - Parameter then: what else a new value means, such as ending another setting of lower layers.
    package static func value<Value: Sendable & Equatable>(
        _ key: String, _ place: Place<Value>, _ form: ValueForm<Value>,
        untrusted: Tightening<Value> = .never, then: @escaping @Sendable (inout Root) -> Void = { _ in }
    ) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                let wish = try form.read(value, path)
                guard let new = journal.admit(value, wish, over: root[keyPath: place], untrusted, at: path) else {
                    return
                }
                root[keyPath: place] = new
                journal.origins[path] = value.origin
                then(&root)
            },
            list: { root, path in [ConfigurationEntry(path: path, text: form.write(root[keyPath: place]))] },
            leaves: [.root])
    }

    /// A key with one value or none.
    package static func optional<Value: Sendable & Equatable>(
        _ key: String, _ place: Place<Value?>, _ form: ValueForm<Value>,
        untrusted: Tightening<Value?> = .never, then: @escaping @Sendable (inout Root) -> Void = { _ in }
    ) -> Self {
        .value(key, place, form.optional, untrusted: untrusted, then: then)
    }

    /// A part with keys of its own.
    package static func group<Part>(
        _ key: String, _ place: Place<Part>, _ schema: ConfigurationSchema<Part>
    ) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                try schema.apply(value, to: &root[keyPath: place], at: path, journal: &journal)
            },
            list: { root, path in schema.list(root[keyPath: place], at: path) },
            leaves: schema.leaves)
    }

    /// The same for a part that need not be there: it begins as `new` once one of its keys is set.
    package static func group<Part>(
        _ key: String, _ place: Place<Part?>, new: Part, _ schema: ConfigurationSchema<Part>
    ) -> Self where Part: Sendable {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                var part = root[keyPath: place] ?? new
                try schema.apply(value, to: &part, at: path, journal: &journal)
                root[keyPath: place] = part
            },
            list: { root, path in root[keyPath: place].map { schema.list($0, at: path) } ?? [] },
            leaves: schema.leaves)
    }

    /// A part whose keys are named as if they stood one level above. It is listed there, not here.
    static func transparent<Part>(
        _ key: String, _ place: Place<Part>, _ schema: ConfigurationSchema<Part>
    ) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                let above = ConfigurationPath(path.segments.dropLast())
                try schema.apply(value, to: &root[keyPath: place], at: above, journal: &journal)
            },
            list: { _, _ in [] },
            leaves: [])
    }

    /// The same setting, of something that holds `Root`.
    func lifted<Whole>(_ place: ConfigurationSetting<Whole>.Place<Root>) -> ConfigurationSetting<Whole> {
        ConfigurationSetting<Whole>(
            key: key,
            apply: { whole, value, path, journal throws(ConfigurationError) in
                try apply(&whole[keyPath: place], value, path, &journal)
            },
            list: { whole, path in list(whole[keyPath: place], path) },
            leaves: leaves)
    }

    /// Free names, each with a part of its own. A project that is not trusted may touch none.
    static func table<Part>(
        _ key: String, _ place: Place<Named<Part>>,
        _ schema: ConfigurationSchema<Part>,
        new: @escaping @Sendable (String) -> Part
    ) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                for member in try value.members(of: path) {
                    let isTightening = journal.isTightening
                    var part = root[keyPath: place][member.key] ?? new(member.key)
                    var attempt = journal
                    attempt.isTightening = false
                    try schema.apply(member.value, to: &part, at: path + member.key, journal: &attempt)
                    if isTightening {
                        journal.ignore(member.value, at: path + member.key)
                    } else {
                        journal = attempt
                        root[keyPath: place][member.key] = part
                    }
                }
            },
            list: { root, path in
                root[keyPath: place].flatMap { schema.list($0.value, at: path + $0.name) }
            },
            leaves: [])
    }

    /// Free names, each with one value.
    static func values<Value: Sendable & Equatable>(
        _ key: String, _ place: Place<Named<Value>>,
        _ form: ValueForm<Value>, untrusted: Tightening<Value?> = .never
    ) -> Self {
        Self(
            key: key,
            apply: { root, value, path, journal throws(ConfigurationError) in
                for member in try value.members(of: path) {
                    let path = path + member.key
                    let wish = try form.read(member.value, path)
                    let current = root[keyPath: place][member.key]
                    guard case .some(let new?) = journal.admit(member.value, wish, over: current, untrusted, at: path)
                    else { continue }
                    root[keyPath: place][member.key] = new
                    journal.origins[path] = member.value.origin
                }
            },
            list: { root, path in
                root[keyPath: place].map { ConfigurationEntry(path: path + $0.name, text: form.write($0.value)) }
            },
            leaves: [])
    }

    /// Free names, each with a part that is checked here and read later, by whoever knows its name.
    static func sections<Part>(_ key: String, _ schema: ConfigurationSchema<Part>, new: Part) -> Self {
        Self(
            key: key,
            apply: { _, value, path, _ throws(ConfigurationError) in
                for member in try value.members(of: path) {
                    var scratch = new
                    var journal = ConfigurationJournal()
                    try schema.apply(member.value, to: &scratch, at: path + member.key, journal: &journal)
                }
            },
            list: { _, _ in [] },
            leaves: [])
    }
}

extension ConfigurationJournal {
    /// What becomes of `wish`: itself, or what a layer that may only tighten can have of it.
    fileprivate mutating func admit<Value: Equatable>(
        _ value: ConfigurationValue, _ wish: Value, over current: Value, _ tightening: Tightening<Value>,
        at path: ConfigurationPath
    ) -> Value? {
        guard isTightening else { return wish }
        guard wish != current else { return nil }
        let admitted = tightening.admit(current, wish)
        if admitted != wish { ignore(value, at: path) }
        return admitted
    }
}
