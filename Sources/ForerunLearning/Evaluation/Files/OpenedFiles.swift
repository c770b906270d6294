import ForerunCore
import OrderedCollections

/// What a call does with files, and which.
struct OpenedFiles {
    enum Kind: Int { case none, read, search, change }

    private(set) var kind = Kind.none
    /// Each once, in order, as the call writes them.
    private(set) var paths: [String] = []
    /// Absolute directories that the call makes its own.
    private(set) var directories: [String] = []

    /// Members of arguments that name a file, whatever their tool calls them.
    private static let members: Set<String> = ["path", "file_path", "filePath", "file", "filename", "notebook_path"]

    init(_ call: Call) {
        if let text = call.shellText {
            for use in ShellUse.uses(of: text) { add(use) }
        } else {
            collect(call.arguments)
            guard !paths.isEmpty else { return }
            switch CanonicalOperation(call) {
            case .read, .list: kind = .read
            case .glob, .grep: kind = .search
            case .edit, .write: kind = .change
            case .shell, .web, .plan, .other: kind = call.arguments["old_str"] == nil ? .read : .change
            }
        }
    }

    private mutating func add(_ use: ShellUse) {
        switch use {
        case .changeDirectory(let path): if path.hasPrefix("/") { directories.append(path) }
        case .read: kind = .read
        case .search: if kind == .none { kind = .search }
        case .edit: kind = .change
        case .list, .unknown: break
        }
        for path in use.files { add(path) }
    }

    private mutating func add(_ path: String) {
        if FileName.isLikely(path), !paths.contains(path) { paths.append(path) }
    }

    private mutating func collect(_ value: JSON) {
        switch value {
        case .object(let members):
            for (name, member) in members {
                if Self.members.contains(name), let path = member.stringValue { add(path) } else { collect(member) }
            }
        case .array(let elements): for element in elements { collect(element) }
        default: break
        }
    }
}

/// Telling names of files from other words.
enum FileName {
    private static let endings: Set<String> = [
        "py", "pyx", "pyi", "ipynb", "c", "h", "cc", "cpp", "hpp", "cu", "js", "jsx", "ts", "tsx", "mjs", "vue", "json",
        "jsonl",
        "yaml", "yml", "toml", "cfg", "ini", "conf", "txt", "md", "rst", "html", "htm", "css", "scss", "sh", "bash",
        "swift",
        "rs", "go", "java", "kt", "rb", "php", "cs", "po", "tex", "xml", "sql", "csv", "lock", "in", "log", "patch",
        "diff",
        "mk", "cmake", "tpl", "jinja", "svg", "env", "zig", "lua", "r", "f90", "fits",
    ]

    /// Whether a word ends as files' names do, and has no wildcard.
    static func isLikely(_ word: some StringProtocol) -> Bool {
        guard let dot = word.lastIndex(of: "."), dot != word.startIndex, word.utf8.count <= 200,
            !word.utf8.contains(UInt8(ascii: "*"))
        else { return false }
        return endings.contains(word[word.index(after: dot)...].lowercased())
    }

    /// The names of files in a text, in order, each once.
    static func all(in text: String, limit: Int = 8_000) -> [String] {
        var found: [String] = []
        for word in text.utf8.prefix(limit).split(whereSeparator: { !isPart($0) }) {
            guard word.count > 3, word.count <= 200, word.contains(UInt8(ascii: ".")), var name = String(word)?[...]
            else {
                continue
            }
            while name.hasSuffix(".") { name.removeLast() }
            if isLikely(name), !found.contains(String(name)) { found.append(String(name)) }
        }
        return found
    }

    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"),
            UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "@"):
            true
        default: false
        }
    }
}
