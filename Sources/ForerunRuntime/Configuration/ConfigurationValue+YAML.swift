internal import Yams

extension ConfigurationValue {
    /// Reads one YAML document.
    ///
    /// - Parameters:
    ///   - file: the name for messages.
    ///   - firstLine: the number of the text's first line within that file.
    package init(yaml text: String, file: String, firstLine: Int = 1) throws(ConfigurationError) {
        try self.init(yaml: text) { line in .file(file, line: line == 0 ? 0 : line + firstLine - 1) }
    }

    /// Reads the value of a flag or variable: a word, a number, or YAML's flow style (`{ask: 1}`, `[a, b]`).
    package init(inline text: String, at origin: ConfigurationOrigin) throws(ConfigurationError) {
        guard text.first.map({ "[{\"'".contains($0) }) ?? false else {
            self.init(.scalar(text, isQuoted: false), at: origin)
            return
        }
        try self.init(yaml: text) { _ in origin }
    }

    private init(yaml text: String, origin: (_ line: Int) -> ConfigurationOrigin) throws(ConfigurationError) {
        let node: Node?
        do {
            node = try compose(yaml: text)
        } catch let error as YamlError {
            let (line, problem) = error.place
            throw ConfigurationError(.syntax, "broken YAML: \(problem)", at: origin(line))
        } catch {
            throw ConfigurationError(.syntax, "broken YAML: \(error)", at: origin(0))
        }
        if let node {
            try self.init(node, origin: origin)
        } else {
            self.init(.null, at: origin(1))
        }
    }

    private init(_ node: Node, origin place: (_ line: Int) -> ConfigurationOrigin) throws(ConfigurationError) {
        let origin = place(node.mark?.line ?? 0)
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            let isNull = !isQuoted && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
            self.init(isNull ? .null : .scalar(scalar.string, isQuoted: isQuoted), at: origin)
        case .sequence(let nodes):
            var values: [ConfigurationValue] = []
            for node in nodes { values.append(try ConfigurationValue(node, origin: place)) }
            self.init(.list(values), at: origin)
        case .mapping(let pairs):
            var members: [Member] = []
            for (key, value) in pairs {
                let keyOrigin = place(key.mark?.line ?? 0)
                guard let name = key.scalar?.string else {
                    throw ConfigurationError(.syntax, "a key must be a word", at: keyOrigin)
                }
                members.append(
                    Member(key: name, keyOrigin: keyOrigin, value: try ConfigurationValue(value, origin: place)))
            }
            self.init(.map(members), at: origin)
        case .alias:
            throw ConfigurationError(.syntax, "YAML aliases are not supported here", at: origin)
        }
    }
}

extension YamlError {
    /// The line (0: unknown) and the problem, in libYAML's words.
    fileprivate var place: (line: Int, problem: String) {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            (context.mark.line, "the key “\(duplicates.sorted().first ?? "")” is given twice")
        case .reader(let problem, _, _, _): (0, problem)
        default: (0, "\(self)")
        }
    }
}
