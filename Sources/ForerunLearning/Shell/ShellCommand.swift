/// One simple command of a shell command line, as a POSIX shell would see it before it expands anything.
///
/// Quotes and escapes are removed; `$x`, `$(…)`, `~` and patterns stay as they are written. Nothing is executed or looked
/// up, and no text is refused: what is no shell language becomes words that mean nothing.
package struct ShellCommand: Sendable, Hashable {
    /// How a command is joined to the one after it.
    package enum Connector: Sendable, Hashable {
        /// `;`, a line feed, `&`, or the end.
        case sequence
        /// `&&`
        case and
        /// `||`
        case or
        /// `|`, `|&`
        case pipe
    }

    /// `2> file`
    package struct Redirection: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case input
            case output
            case append
            /// The text itself is the target.
            case hereDocument
            /// `<<<`: the word itself is the target.
            case hereString
            /// `2>&1`: the target is a descriptor.
            case duplicate
        }

        package var kind: Kind
        package var target: String
    }

    /// The name of the command and its arguments.
    package var words: [String] = []
    /// `NAME=value` in front of the name.
    package var assignments: [String] = []
    package var redirections: [Redirection] = []
    package var connector = Connector.sequence
    /// Where it runs, relative to where the line does, by the `cd` before it; `nil`: there.
    package var directory: String?

    package init(words: [String] = [], connector: Connector = .sequence) {
        self.words = words
        self.connector = connector
    }

    /// `path` as seen from where the line runs.
    package func resolved(_ path: String) -> String { Self.join(directory, path) }

    /// `path` in `directory`, without `.` and, as far as names show it, without `..`.
    static func join(_ directory: String?, _ path: String) -> String {
        let isAbsolute = path.hasPrefix("/") || path.hasPrefix("~") || path.hasPrefix("$")
        let whole = isAbsolute ? path : directory.map { "\($0)/\(path)" } ?? path
        var parts: [Substring] = []
        for part in whole.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        let joined = parts.joined(separator: "/")
        return whole.hasPrefix("/") ? "/\(joined)" : joined.isEmpty ? "." : joined
    }
}

extension ShellCommand {
    /// The commands of a line or script, in their order.
    ///
    /// `cd X && …` is followed, subshells are entered, and so is what `bash -c` is given; the words of the shell's own
    /// language (`if`, `do`) are left out.
    package static func parse(_ text: String) -> [ShellCommand] { parse(text, directory: nil, depth: 0) }

    /// How deep `bash -c` is followed.
    private static let depthLimit = 4

    private static func parse(_ text: String, directory: String?, depth: Int) -> [ShellCommand] {
        var lexer = ShellLexer(text)
        var result: [ShellCommand] = []
        var current = ShellCommand()
        var directory = directory
        var outer: [String?] = []

        func end(_ connector: Connector) {
            guard !current.words.isEmpty || !current.redirections.isEmpty || !current.assignments.isEmpty else {
                // A subshell or a keyword ended just before: the connector is its last command's.
                if connector != .sequence, !result.isEmpty { result[result.count - 1].connector = connector }
                return
            }
            current.connector = connector
            current.directory = directory
            if depth < depthLimit, let script = current.script {
                var inner = parse(script, directory: directory, depth: depth + 1)
                if !inner.isEmpty {
                    inner[inner.count - 1].connector = connector
                    inner[inner.count - 1].redirections += current.redirections
                }
                result += inner
            } else {
                if connector != .pipe, let target = current.changedDirectory { directory = join(directory, target) }
                result.append(current)
            }
            current = ShellCommand()
        }

        while let token = lexer.next() {
            switch token {
            case .word(let word, let isQuoted):
                if current.words.isEmpty, !isQuoted {
                    if Self.keywords.contains(word) { continue }
                    if isAssignment(word) {
                        current.assignments.append(word)
                        continue
                    }
                }
                current.words.append(word)
            case .redirection(let redirection): current.redirections.append(redirection)
            case .connector(let connector): end(connector)
            case .open:
                end(.sequence)
                outer.append(directory)
            case .close:
                end(.sequence)
                if let before = outer.popLast() { directory = before }
            }
        }
        end(.sequence)
        return result
    }

    private static let keywords: Set<String> = [
        "if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time", "esac",
    ]

    private static func isAssignment(_ word: String) -> Bool {
        guard let sign = word.utf8.firstIndex(of: UInt8(ascii: "=")), sign != word.startIndex else { return false }
        return word.utf8[..<sign].enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
            default: false
            }
        }
    }

    /// What a shell is told to run.
    private var script: String? {
        guard let name = bareWords.first.map(Self.baseName), ["bash", "sh", "zsh", "dash"].contains(name) else {
            return nil
        }
        let words = bareWords
        guard
            let option = words.dropFirst().firstIndex(where: {
                $0.hasPrefix("-") && $0.hasSuffix("c") && !$0.hasPrefix("--")
            }),
            option + 1 < words.endIndex
        else { return nil }
        return words[option + 1]
    }

    private var changedDirectory: String? {
        guard words.first == "cd" || words.first == "pushd" else { return nil }
        let target = words.dropFirst().first { !$0.hasPrefix("-") || $0 == "-" }
        return target ?? "~"
    }

    /// The words without those that only say how the command is run: `sudo`, `env`, `timeout 10`, `nice`.
    var bareWords: ArraySlice<String> {
        var rest = words[...]
        while let first = rest.first {
            switch Self.baseName(first) {
            case "sudo", "nohup", "command", "builtin", "exec", "stdbuf", "time":
                rest = rest.dropFirst().drop { $0.hasPrefix("-") }
            case "env": rest = rest.dropFirst().drop { $0.hasPrefix("-") || Self.isAssignment($0) }
            case "nice":
                rest = rest.dropFirst()
                if rest.first == "-n" { rest = rest.dropFirst(2) } else { rest = rest.drop { $0.hasPrefix("-") } }
            case "timeout": rest = rest.dropFirst().drop { $0.hasPrefix("-") }.dropFirst()
            default: return rest
            }
        }
        return rest
    }

    static func baseName(_ word: String) -> String { word.split(separator: "/").last.map(String.init) ?? word }
}
