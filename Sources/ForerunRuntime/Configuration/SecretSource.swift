/// Where a secret is kept. The secret itself never stands in a configuration that is shown or logged.
package enum SecretSource: Sendable, Hashable {
    case variable(String)
    /// A file that only its owner can read.
    case file(String)
    /// Written right here: allowed for headers, which need not be secret.
    case literal(String)

    /// Reads it now.
    ///
    /// - Parameters:
    ///   - purpose: for messages, “the key of endpoint openai”.
    ///   - origin: where the configuration names this source.
    /// - Throws: `.missingKey` where there is none, `.insecureKeyFile` where others could read the file too.
    package func secret(
        for purpose: String, from environment: [String: String], home: String, named origin: ConfigurationOrigin?
    ) throws(ConfigurationError) -> String {
        switch self {
        case .literal(let text): return text
        case .variable(let name):
            guard let value = environment[name], !value.isEmpty else {
                throw ConfigurationError(
                    .missingKey, "\(purpose): the variable \(name) is not set", at: origin,
                    remedy: "Set it (export \(name)=…), or name another place in endpoints.NAME.key")
            }
            return value
        case .file(let path):
            return try Self.read(path.hasPrefix("~/") ? home + path.dropFirst(1) : path, purpose, origin)
        }
    }

    private static func read(
        _ path: String, _ purpose: String, _ origin: ConfigurationOrigin?
    ) throws(ConfigurationError) -> String {
        guard let mode = FileAccess.mode(of: path) else {
            throw ConfigurationError(
                .missingKey, "\(purpose): there is no file \(path)", at: origin,
                remedy: "Write the key into it and make it yours alone (chmod 600 \(path))")
        }
        guard mode & 0o077 == 0 else {
            throw ConfigurationError(
                .insecureKeyFile, "\(purpose): others can read \(path)", at: origin, remedy: "chmod 600 \(path)")
        }
        let text = try FileAccess.text(of: path) ?? ""
        guard let key = text.split(whereSeparator: \.isNewline).first, !key.isEmpty else {
            throw ConfigurationError(
                .missingKey, "\(purpose): \(path) holds no key", at: origin,
                remedy: "Write the key into its first line")
        }
        return String(key)
    }
}

extension ValueForm where Value == SecretSource {
    /// `env:NAME` or `file:PATH`.
    static var key: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                guard case .scalar(let text, _) = value.content, let source = reference(text) else {
                    // The text may be the key itself: it is not repeated.
                    throw ConfigurationError(
                        .wrongType, "\(path) must be env:NAME or file:PATH; a key never stands in a configuration",
                        at: value.origin)
                }
                return source
            },
            write: shown)
    }

    /// A text, or `env:NAME` or `file:PATH` where it is a secret.
    static var header: Self {
        Self(
            read: { value, path throws(ConfigurationError) in
                let text = try ValueForm<String>.text.read(value, path)
                return reference(text) ?? .literal(text)
            },
            write: shown)
    }

    private static func reference(_ text: String) -> SecretSource? {
        if text.hasPrefix("env:"), text.count > 4 { return .variable(String(text.dropFirst(4))) }
        if text.hasPrefix("file:"), text.count > 5 { return .file(String(text.dropFirst(5))) }
        return nil
    }

    private static func shown(_ source: SecretSource) -> String {
        switch source {
        case .variable(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .literal: "•••"
        }
    }
}
