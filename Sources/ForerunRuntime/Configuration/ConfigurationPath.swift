/// Where a value stands within a document: `speculation.maxExtraCost.ratio`.
package struct ConfigurationPath: Sendable, Hashable, CustomStringConvertible {
    package var segments: [String]

    package init(_ segments: [String] = []) { self.segments = segments }

    package static let root = ConfigurationPath()

    package static func + (path: ConfigurationPath, key: String) -> ConfigurationPath {
        ConfigurationPath(path.segments + [key])
    }

    /// Segments with dots in them are quoted: `endpoints.local.models."qwen2.5".price`.
    package var description: String {
        segments.map { $0.contains(".") || $0.isEmpty ? "\"\($0)\"" : $0 }.joined(separator: ".")
    }

    package func hasPrefix(_ other: ConfigurationPath) -> Bool { segments.starts(with: other.segments) }

    /// Reads what `description` writes; `nil`: an empty segment or an open quote.
    package init?(parsing text: some StringProtocol) {
        segments = []
        var segment = ""
        var isQuoted = false
        var wasQuoted = false
        for character in text {
            switch character {
            case "\"":
                isQuoted.toggle()
                wasQuoted = true
            case "." where !isQuoted:
                guard wasQuoted || !segment.isEmpty else { return nil }
                segments.append(segment)
                segment = ""
                wasQuoted = false
            default: segment.append(character)
            }
        }
        guard !isQuoted, wasQuoted || !segment.isEmpty else { return nil }
        segments.append(segment)
    }
}
