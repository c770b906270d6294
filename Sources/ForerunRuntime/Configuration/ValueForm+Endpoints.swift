internal import ForerunEndpoints

extension ValueForm where Value == String {
    /// An `http` or `https` address, without the slash at its end.
    static var address: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(var text, _) = value.content,
                    let scheme = ["http://", "https://"].first(where: text.lowercased().hasPrefix),
                    text.count > scheme.count, !text.contains(where: \.isWhitespace)
                else {
                    throw value.mismatch(path, expected: "an address that begins with http:// or https://")
                }
                while text.hasSuffix("/") { text.removeLast() }
                return text
            },
            write: { $0.isEmpty ? "none" : ConfigurationValue.shown(address: $0) })
    }

    /// A text that may be a secret and is not shown.
    static var concealed: Self { Self(read: ValueForm<String>.text.read, write: { _ in ConfigurationValue.concealed }) }
}

extension ValueForm where Value == KeySource {
    /// `env:NAME`, `file:PATH` or `none`.
    static var key: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, _) = value.content, let source = KeySource(text) else {
                    // The text may be the key itself: it is not repeated.
                    throw ConfigurationError(
                        .wrongType,
                        "\(path) must be env:NAME, file:PATH or none; a key never stands in a configuration",
                        at: value.origin)
                }
                return source
            },
            write: { source in
                switch source {
                case .none: "none"
                case .environment(let name): "env:\(name)"
                case .file(let path): "file:\(path)"
                }
            })
    }
}
