import ForerunEndpoints

/// What may be a secret, by the setting in which it stands. Keys have no place in a configuration, but header fields, queries and
/// addresses can hold one: these are kept from logs, listings and messages.
extension ConfigurationValue {
    /// What stands for a secret where a value is shown.
    package static let concealed = "•••"

    /// Whether anything in it may be a secret.
    ///
    /// - Parameter path: the setting in a configuration.
    func mayHoldSecret(at path: ConfigurationPath) -> Bool {
        switch content {
        case .null: false
        case .scalar(let text, _): Self.shown(text, at: path) != text
        case .list(let values): values.contains { $0.mayHoldSecret(at: path) }
        case .map(let members): members.contains { $0.value.mayHoldSecret(at: path + $0.key) }
        }
    }

    /// ``text`` without what may be a secret.
    func shown(at path: ConfigurationPath) -> String {
        switch content {
        case .null: text
        case .scalar(let text, _): Self.shown(text, at: path)
        case .list(let values): "[" + values.map { $0.shown(at: path) }.joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\($0.key): \($0.value.shown(at: path + $0.key))" }.joined(separator: ", ") + "}"
        }
    }

    private static func shown(_ text: String, at path: ConfigurationPath) -> String {
        guard path.segments.first == "endpoints" else { return text }
        return switch path.segments.dropFirst(2).first {
        case "headers", "query": concealed
        case "baseURL": shown(address: text)
        case "key": KeySource(text) == nil ? concealed : text
        case let key? where EndpointSettings.schema.settings.contains { $0.key == key }: text
        // No value stands here, so that nobody knows what this one is.
        default: concealed
        }
    }

    /// An address without the name and password before its host, and without what follows a question mark.
    static func shown(address text: String) -> String {
        var shown = text[...]
        if let mark = shown.firstIndex(of: "?") { shown = shown[..<mark] + "?\(concealed)" }
        guard let at = shown.lastIndex(of: "@") else { return String(shown) }
        let scheme = shown.firstRange(of: "://").map { shown[..<$0.upperBound] } ?? ""
        return scheme + concealed + shown[at...]
    }
}

extension ConfigurationAssignment {
    /// The same in parts, where it sets an endpoint: for each value that stands in a map an assignment of its own.
    var parts: [ConfigurationAssignment] {
        guard path.segments.first == "endpoints", case .map(let members) = value.content, !members.isEmpty else {
            return [self]
        }
        return members.flatMap { ConfigurationAssignment(path + $0.key, $0.value).parts }
    }
}
