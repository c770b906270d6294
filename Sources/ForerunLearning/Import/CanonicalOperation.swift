package import ForerunCore

/// What a call does, whatever its agent calls the tool.
package enum CanonicalOperation: String, Sendable, Hashable, CaseIterable {
    case read
    case list
    case glob
    case grep
    case edit
    case write
    case shell
    case web
    case plan
    case other
}

extension CanonicalOperation {
    /// The operation of a call. A shell command that does one thing with files counts as that, anything else as `shell`.
    package init(_ call: Call) {
        let name = Self.plain(call.name)
        switch name {
        case "read", "read_file", "read_many_files", "view_image", "view", "readfile", "open_file", "cat": self = .read
        case "ls", "list_dir", "list_directory", "tree", "listdir", "list_files": self = .list
        case "glob", "find", "find_files", "file_glob_search": self = .glob
        case "grep", "grep_search", "search_file_content", "code_search", "ripgrep": self = .grep
        case "edit", "replace", "apply_patch", "multiedit", "notebookedit", "str_replace", "insert": self = .edit
        case "write", "write_file", "create_file": self = .write
        case "web_search", "web_fetch", "google_web_search", "webfetch", "websearch", "fetch": self = .web
        case "update_plan", "write_todos", "todowrite", "todo_write", "todoread": self = .plan
        case "text_editor", "str_replace_editor", "str_replace_based_edit_tool":
            self = Self.editor(call.arguments["command"]?.stringValue)
        default: self = call.shellText.map(Self.shell) ?? .other
        }
    }

    /// The name in lower case without the extension it belongs to: `developer__shell`.
    ///
    /// Tools of MCP servers stay themselves: what they do, only the server knows.
    private static func plain(_ name: String) -> String {
        let name = name.lowercased()
        guard !name.hasPrefix("mcp_") else { return name }
        var plain = name[...]
        var position = name.startIndex
        while position < name.endIndex {
            let rest = name[position...]
            if rest.hasPrefix("__"), rest.count > 2 { plain = rest.dropFirst(2) }
            position = name.index(after: position)
        }
        return String(plain)
    }

    private static func editor(_ command: String?) -> CanonicalOperation {
        switch command {
        case "view": .read
        case "create", "write": .write
        case nil: .other
        default: .edit
        }
    }

    private static func shell(_ text: String) -> CanonicalOperation {
        let uses = ShellUse.uses(of: text).filter { if case .changeDirectory = $0 { false } else { true } }
        guard let first = uses.first else { return .shell }
        let operations = Set(uses.map(CanonicalOperation.init))
        return operations.count == 1 ? CanonicalOperation(first) : .shell
    }

    private init(_ use: ShellUse) {
        switch use {
        case .read: self = .read
        case .list(_, let pattern): self = pattern == nil ? .list : .glob
        case .search: self = .grep
        case .edit: self = .edit
        case .changeDirectory, .unknown: self = .shell
        }
    }
}

extension Call {
    /// What this call gives to a shell, as one text; `nil` where it is no shell call.
    package var shellText: String? {
        let names: Set<String> = [
            "bash", "shell", "shell_command", "exec_command", "run_shell_command", "local_shell", "execute_bash",
            "developer__shell", "run_command", "terminal", "run_terminal_cmd",
        ]
        guard names.contains(name.lowercased()) else { return nil }
        switch arguments["command"] ?? arguments["cmd"] {
        case .string(let text): return text
        case .array(let words):
            let words = words.compactMap(\.stringValue)
            // Of `bash -lc TEXT` only the text matters.
            if words.count == 3, words[1].hasPrefix("-"), words[1].hasSuffix("c") { return words[2] }
            return words.map(Self.quoted).joined(separator: " ")
        default: return nil
        }
    }

    /// A word as a shell would need it to be written.
    private static func quoted(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_./=:,+@%".utf8.contains(byte)
                }
            }
        guard !isPlain else { return word }
        let parts = word.split(separator: "'", omittingEmptySubsequences: false)
        return "'\(parts.joined(separator: "'\\''"))'"
    }
}
