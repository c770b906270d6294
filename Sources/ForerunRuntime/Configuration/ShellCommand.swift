/// What a shell command consists of, as far as permissions must know.
///
/// No parser and no wall: it finds the commands that a person would see, so that rules mean what they say. What a
/// command may do in the end, the sandbox decides.
package enum ShellCommand {
    private static let operators: Set<Character> = [";", "&", "|", "\n", "(", ")", "`"]

    package static func holdsOperator(_ text: String) -> Bool { text.contains { operators.contains($0) } }

    /// The commands in `text`, without what only wraps them (`sudo`, `timeout 10`, `A=b`).
    ///
    /// Never empty for a text that says something; substitutions within double quotes are commands too.
    package static func parts(of text: String) -> [String] {
        split(text).map(unwrapped).filter { !$0.isEmpty }
    }

    private static func split(_ text: String) -> [String] {
        var parts: [String] = []
        var part = ""
        var quote: Character?
        var isEscaped = false
        var previous: Character?
        for character in text {
            defer { previous = character }
            if isEscaped {
                isEscaped = false
                part.append(character)
                continue
            }
            let opensSubstitution = character == "`" || (character == "(" && previous == "$")
            if quote == "'" {
                if character == "'" { quote = nil }
            } else if character == "\\" {
                isEscaped = true
            } else if character == "'", quote == nil {
                quote = character
            } else if character == "\"" {
                quote = quote == nil ? character : nil
            } else if opensSubstitution
                || (quote == nil && operators.contains(character) && !isRedirection(character, previous))
            {
                parts.append(part)
                part = ""
                // Inside of a substitution quotes begin anew; treating the rest as unquoted only splits more.
                if opensSubstitution { quote = nil }
                continue
            }
            part.append(character)
        }
        parts.append(part)
        return parts.map(trimmed)
    }

    /// `2>&1`, `>&2`, `>|`: no operator between commands.
    private static func isRedirection(_ character: Character, _ previous: Character?) -> Bool {
        (character == "&" || character == "|") && (previous == ">" || previous == "<")
    }

    private static let wrappers: Set<Substring> = [
        "builtin", "command", "doas", "env", "exec", "nice", "nohup", "setsid", "stdbuf", "sudo", "time", "timeout",
        "xargs", "if", "then", "else", "elif", "while", "until", "do", "!", "{",
    ]

    private static func unwrapped(_ part: String) -> String {
        var words = part.split(separator: " ", omittingEmptySubsequences: true)[...]
        while let first = words.first {
            if wrappers.contains(first) {
                words = words.dropFirst().drop { $0.hasPrefix("-") || isDuration($0) }
            } else if isAssignment(first), words.count > 1 {
                words = words.dropFirst()
            } else {
                break
            }
        }
        return words.isEmpty ? part : words.joined(separator: " ")
    }

    private static func isAssignment(_ word: Substring) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    private static func isDuration(_ word: Substring) -> Bool {
        word.first?.isNumber ?? false && word.allSatisfy { $0.isNumber || ".smhd".contains($0) }
    }

    private static func trimmed(_ text: String) -> String {
        guard let start = text.firstIndex(where: { !$0.isWhitespace }),
            let end = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[start...end])
    }
}
