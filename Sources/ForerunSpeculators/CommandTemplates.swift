package import ForerunCore

/// The forms of the shell commands that are used again and again in a workspace.
///
/// Of a command, what varies (paths, numbers, quoted text) is left out: `python -m pytest … -q`. Commands that look as if they
/// held secrets are not kept at all.
package struct CommandTemplates: Sendable, Hashable {
    private static let limit = 200
    private static let longest = 120
    private static let argumentNames = ["command", "cmd", "script"]

    private var counts: [String: Int] = [:]

    package init() {}

    /// Those that were used more than once, the most frequent first.
    package func frequent(_ most: Int) -> [String] {
        let order = counts.filter { $0.value > 1 }.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
        return order.prefix(most).map(\.key)
    }

    package mutating func learn(_ turn: Turn) {
        for call in turn.calls {
            for name in Self.argumentNames {
                guard let command = call.arguments[name]?.stringValue, let template = Self.template(of: command) else {
                    continue
                }
                counts[template, default: 0] += 1
            }
        }
        guard counts.count > Self.limit else { return }
        // The rarer half goes, those seen once before all.
        let kept = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(Self.limit / 2)
        counts = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
    }

    /// The form of a command; `nil`: there is nothing to be learnt of it.
    static func template(of command: String) -> String? {
        guard let line = command.split(whereSeparator: \.isNewline).first, line.utf8.count <= 400,
            !SecretScreen.suspects(String(line))
        else { return nil }
        var words: [String] = []
        var quote: Character?
        for word in line.split(separator: " ") {
            let isInside = quote != nil
            for character in word where character == "\"" || character == "'" {
                if quote == nil { quote = character } else if quote == character { quote = nil }
            }
            let varies = isInside || quote != nil || word.contains { "/\"'*".contains($0) || $0.isNumber }
            if !varies { words.append(String(word)) } else if words.last != "…" { words.append("…") }
        }
        let template = words.joined(separator: " ")
        return words.first == "…" || template.utf8.count > longest ? nil : template
    }
}

extension CommandTemplates {
    /// `[[template, count], …]`, the most frequent first.
    package var snapshot: JSON {
        .array(
            counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map { [.string($0.key), .int($0.value)] })
    }

    /// Reads a snapshot; rows that make no sense are left out.
    package init(snapshot: JSON) {
        for row in (snapshot.arrayValue ?? []).prefix(Self.limit) {
            guard let pair = row.arrayValue, pair.count == 2, let template = pair[0].stringValue,
                template.utf8.count <= Self.longest, let count = pair[1].intValue, count > 0, count < 1 << 40
            else { continue }
            counts[template] = count
        }
    }
}
