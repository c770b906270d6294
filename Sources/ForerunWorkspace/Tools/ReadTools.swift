import ForerunCore
import Glibc
import Synchronization

/// What a tool that changes nothing found.
struct Reading: Sendable {
    var output: Output
    var reads: Set<String>
}

/// The tools that only look, on one view of a world.
struct ReadTools: Sendable {
    let view: View
    /// Absolute paths that stand for the root of the workspace.
    let roots: [String]
    /// Bytes of output.
    let limit: Int
    let rules: PathRules
    let cancellation: Cancellation

    func perform(_ call: Call) throws -> Reading {
        let arguments = Arguments(call)
        return switch call.name {
        case "read_file": try readFile(arguments)
        case "list_directory": try listDirectory(arguments)
        default: try searchText(arguments)
        }
    }

    private func find(_ text: String) throws -> ResolvedPath {
        let found = try view.resolve(text, roots: roots)
        try rules.check(text, leadsTo: found.path)
        return found
    }

    // MARK: - read_file

    private static let largestFile = 64 * 1024 * 1024
    private static let longestLine = 2000

    private func readFile(_ arguments: Arguments) throws -> Reading {
        let text = try arguments.string("path")
        let offset = try arguments.int("offset", default: 1, in: 1...Int.max)
        let count = try arguments.int("limit", default: 2000, in: 1...Int.max)
        let found = try find(text)
        guard let entry = found.entry else {
            return refuse("there is no file \(text)", found)
        }
        guard entry.kind == .file else { return refuse("\(text) is a directory; use list_directory", found) }
        guard entry.size <= Self.largestFile else {
            return refuse("\(text) has \(entry.size) bytes, too many to read; use search_text or run_command", found)
        }
        let bytes = try view.content(of: found.path, entry)
        if Self.isBinary(bytes) { return refuse("\(text) is a binary file of \(bytes.count) bytes", found) }
        return Reading(output: page(bytes, named: text, offset: offset, count: count), reads: found.looked)
    }

    private func page(_ bytes: [UInt8], named name: String, offset: Int, count: Int) -> Output {
        if bytes.isEmpty { return Output("(\(name) is empty)") }
        var lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard offset <= lines.count else {
            return Output("offset \(offset) is beyond the end: \(name) has \(lines.count) lines", isError: true)
        }
        var result: [UInt8] = []
        var number = offset
        for line in lines.dropFirst(offset - 1).prefix(count) {
            let label = String(number)
            let cut = line.count > Self.longestLine ? " … \(line.count - Self.longestLine) bytes cut" : ""
            let next =
                Array((String(repeating: " ", count: max(0, 6 - label.count)) + label + "\t").utf8)
                + line.prefix(Self.longestLine) + cut.utf8 + [10]
            if result.count + next.count > limit, number > offset { break }
            result += next
            number += 1
        }
        var text = String(decoding: result, as: UTF8.self)
        if number <= lines.count {
            text += "(lines \(number) to \(lines.count) are not shown; go on with offset \(number))\n"
        } else if bytes.last != 10 {
            text += "(no newline at the end of the file)\n"
        }
        return Output(text)
    }

    static func isBinary(_ bytes: [UInt8]) -> Bool { bytes.prefix(8192).contains(0) }

    // MARK: - list_directory

    private func listDirectory(_ arguments: Arguments) throws -> Reading {
        let text = try arguments.optionalString("path") ?? "."
        let depth = try arguments.int("depth", default: 1, in: 1...10)
        let found = try find(text)
        var reads = found.looked
        reads.insert(found.path.tree)
        guard let entry = found.entry else { return refuse("there is no directory \(text)", found) }
        guard entry.kind == .directory else { return refuse("\(text) is a file; use read_file", found) }
        var lines = ""
        var hidden = 0
        try list(found.path, depth: depth, below: found.path) { line in
            if lines.utf8.count + line.utf8.count < limit { lines += line } else { hidden += 1 }
        }
        if lines.isEmpty { lines = "(\(text) is empty)\n" }
        if hidden > 0 { lines += "(\(hidden) more entries are not shown; list a directory below, or less deep)\n" }
        return Reading(output: Output(lines), reads: reads)
    }

    private func list(
        _ directory: RelativePath, depth: Int, below top: RelativePath, emit: (String) -> Void
    ) throws {
        let children: [(path: RelativePath, entry: View.Entry)]
        do {
            children = try view.children(of: directory)
        } catch {
            guard error.code == EACCES && directory != top else { throw error }
            return
        }
        for (path, entry) in children {
            try cancellation.check()
            let name = String(
                decoding: top.isRoot ? path.bytes[...] : path.bytes[(top.bytes.count + 1)...], as: UTF8.self)
            switch entry.kind {
            case .directory: emit(name + "/\n")
            case .symlink:
                emit("\(name) -> \(String(decoding: try view.target(of: path, entry), as: UTF8.self))\n")
            case .file: emit(name + "\n")
            case .special: emit(name + " (special file)\n")
            }
            if depth > 1, entry.kind == .directory, !Self.isHidden(path) {
                try list(path, depth: depth - 1, below: top, emit: emit)
            }
        }
    }

    private static func isHidden(_ path: RelativePath) -> Bool { path.name.elementsEqual(".git".utf8) }

    // MARK: - search_text

    private static let largestSearched = 8 * 1024 * 1024

    private func searchText(_ arguments: Arguments) throws -> Reading {
        let source = try arguments.string("pattern")
        let text = try arguments.optionalString("path") ?? "."
        let glob = try arguments.optionalString("glob").map { Glob($0) }
        let maximum = try arguments.int("max_results", default: 100, in: 1...1000)
        let found = try find(text)
        guard let entry = found.entry else { return refuse("there is no file or directory \(text)", found) }
        let pattern = try SearchPattern(source)
        var matches = Search(view: view, pattern: pattern, maximum: maximum, limit: limit)
        var reads = found.looked
        if entry.kind == .file {
            try matches.search(found.path, entry)
        } else {
            reads.insert(found.path.tree)
            try view.walk(found.path) { path, entry in
                try cancellation.check()
                if rules.isHidden(path) { return false }
                if entry.kind == .directory { return !Self.isHidden(path) && !matches.isFull }
                let below = RelativePath(
                    bytes: found.path.isRoot ? path.bytes : Array(path.bytes[(found.path.bytes.count + 1)...]))
                if entry.kind == .file, !matches.isFull, glob.map({ $0.matches(path) || $0.matches(below) }) ?? true {
                    try matches.search(path, entry)
                }
                return true
            }
        }
        return Reading(output: Output(matches.text), reads: reads)
    }

    private struct Search {
        let view: View
        let pattern: SearchPattern
        let maximum: Int
        let limit: Int
        private(set) var isFull = false
        private var lines = ""
        private var count = 0
        private var tooLarge = 0

        init(view: View, pattern: SearchPattern, maximum: Int, limit: Int) {
            self.view = view
            self.pattern = pattern
            self.maximum = maximum
            self.limit = limit
        }

        mutating func search(_ path: RelativePath, _ entry: View.Entry) throws {
            guard entry.size <= ReadTools.largestSearched else {
                tooLarge += 1
                return
            }
            let bytes: [UInt8]
            do {
                bytes = try view.content(of: path, entry)
            } catch {
                guard error.code == EACCES || error.code == ENOENT else { throw error }
                return
            }
            if ReadTools.isBinary(bytes) { return }
            bytes.withUnsafeBytes { buffer in
                var start = 0
                var line = 1
                while start < buffer.count, !isFull, let match = pattern.firstMatch(in: buffer, from: start) {
                    // An empty match behind the last newline is no line.
                    if match >= buffer.count, match > start { break }
                    line += buffer[start..<match].lazy.filter { $0 == 10 }.count
                    let first = buffer[start..<match].lastIndex(of: 10).map { $0 + 1 } ?? start
                    let end = buffer[match...].firstIndex(of: 10) ?? buffer.count
                    add("\(path):\(line): ", buffer[first..<end])
                    start = end + 1
                    line += 1
                }
            }
        }

        private mutating func add(_ place: String, _ line: Slice<UnsafeRawBufferPointer>) {
            let long = line.count > 400 ? " …" : ""
            let text = place + String(decoding: line.prefix(400), as: UTF8.self) + long + "\n"
            if count == maximum || lines.utf8.count + text.utf8.count > limit {
                isFull = true
            } else {
                lines += text
                count += 1
            }
        }

        var text: String {
            var result =
                pattern.isLiteral ? "(no regular expression that can be used here; searched for the text itself)\n" : ""
            result += count == 0 ? "(no matches)\n" : lines
            if isFull { result += "(there are more matches; narrow the search with path or glob)\n" }
            if tooLarge > 0 { result += "(\(tooLarge) files of more than 8 MiB were not searched)\n" }
            return result
        }
    }

    private func refuse(_ message: String, _ found: ResolvedPath) -> Reading {
        // What is not there may come, so the directories above are part of what was read.
        Reading(output: Output(message, isError: true), reads: found.looked)
    }
}

/// Says to work on another thread that nobody waits for it any more.
final class Cancellation: Sendable {
    private let isCancelled = Atomic(false)

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    func check() throws(CancellationError) {
        if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
    }
}
