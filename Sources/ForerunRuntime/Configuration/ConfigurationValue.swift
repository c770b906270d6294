/// A value as it was written, with the place where it stands. What it means is for a ``ConfigurationSchema`` to say.
package struct ConfigurationValue: Sendable, Hashable {
    package indirect enum Content: Sendable, Hashable {
        case null
        /// A number, a word, a text. Quoted ones are never taken for numbers.
        case scalar(String, isQuoted: Bool)
        case list([ConfigurationValue])
        case map([Member])
    }

    /// A key and its value, in the order in which they were written. Keys differ within a map.
    package struct Member: Sendable, Hashable {
        package var key: String
        package var keyOrigin: ConfigurationOrigin
        package var value: ConfigurationValue
    }

    package var content: Content
    package var origin: ConfigurationOrigin

    package init(_ content: Content, at origin: ConfigurationOrigin) {
        self.content = content
        self.origin = origin
    }

    /// The members of a map; nothing was written: none.
    package func members(of path: ConfigurationPath) throws(ConfigurationError) -> [Member] {
        switch content {
        case .map(let members): return members
        case .null: return []
        case .scalar, .list: throw mismatch(path, expected: "keys with values")
        }
    }

    /// The value at `key` of a map.
    package subscript(key: String) -> ConfigurationValue? {
        guard case .map(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// As it could be written, on one line.
    package var text: String {
        switch content {
        case .null: "null"
        case .scalar(let text, _): text
        case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .map(let members): "{" + members.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }

    package func mismatch(_ path: ConfigurationPath, expected: String) -> ConfigurationError {
        let subject = path.segments.isEmpty ? "the document" : "\(path)"
        return ConfigurationError(.wrongType, "\(subject) must be \(expected), not “\(shown(at: path))”", at: origin)
    }

    package func outOfRange(_ path: ConfigurationPath, expected: String) -> ConfigurationError {
        ConfigurationError(.outOfRange, "\(path) must be \(expected), not \(text)", at: origin)
    }

    /// `value` at `path`, as if it stood in nested maps.
    package init(_ value: ConfigurationValue, under path: ConfigurationPath) {
        self = path.segments.reversed().reduce(value) { inner, key in
            ConfigurationValue(.map([Member(key: key, keyOrigin: inner.origin, value: inner)]), at: inner.origin)
        }
    }
}
