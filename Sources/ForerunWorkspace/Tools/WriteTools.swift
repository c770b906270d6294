import ForerunCore
import Glibc

/// What a tool wants to change.
struct Writing: Sendable {
    var output: Output
    var changes: [RelativePath: Change] = [:]
    var reads: Set<String>
}

/// The tools that change files, on one view of a world. They only say what to change: the caller makes a layer of it.
struct WriteTools: Sendable {
    let view: View
    /// Absolute paths that stand for the root of the workspace.
    let roots: [String]
    let store: ContentStore
    /// The permission bits that new files do not get.
    let umask: UInt32
    let rules: PathRules

    func perform(_ call: Call) throws -> Writing {
        let arguments = Arguments(call)
        let writing = call.name == "write_file" ? try writeFile(arguments) : try editFile(arguments)
        if try BareRepositories.refused(of: writing.changes, on: view).isEmpty { return writing }
        return Writing(
            output: Output(Self.protected(try arguments.string("path")), isError: true), reads: writing.reads)
    }

    private func find(_ text: String) throws -> ResolvedPath {
        let found = try view.resolve(text, roots: roots)
        try rules.check(text, leadsTo: found.path)
        return found
    }

    private func writeFile(_ arguments: Arguments) throws -> Writing {
        let text = try arguments.string("path")
        let content = try arguments.string("content")
        let found = try find(text)
        if found.path.isRoot || text.hasSuffix("/") || found.entry?.kind == .directory {
            return refuse("\(text) is a directory; name a file in it", found)
        }
        if let protected = try protection(of: found, text) { return protected }
        var changes: [RelativePath: Change] = [:]
        for parent in found.path.ancestors where try view.entry(at: parent) == nil {
            changes[parent] = Change(.directory(mode: 0o777 & ~umask), expected: nil)
        }
        changes[found.path] = try change(Array(content.utf8), of: found)
        let verb = found.entry == nil ? "made" : "replaced"
        return Writing(
            output: Output("\(verb) \(text): \(content.utf8.count) bytes"), changes: changes, reads: found.looked)
    }

    private func editFile(_ arguments: Arguments) throws -> Writing {
        let text = try arguments.string("path")
        let old = Array(try arguments.string("old_text").utf8)
        let new = Array(try arguments.string("new_text").utf8)
        let replacesAll = try arguments.bool("replace_all", default: false)
        let found = try find(text)
        guard let entry = found.entry else {
            return refuse("there is no file \(text); use write_file to make it", found)
        }
        guard entry.kind == .file else { return refuse("\(text) is a directory", found) }
        guard entry.size <= 64 * 1024 * 1024 else { return refuse("\(text) has \(entry.size) bytes, too many", found) }
        if let protected = try protection(of: found, text) { return protected }
        guard !old.isEmpty else { return refuse("old_text must not be empty; use write_file for a whole file", found) }
        guard old != new else { return refuse("old_text and new_text are the same", found) }
        let bytes = try view.content(of: found.path, entry)
        let places = Self.occurrences(of: old, in: bytes)
        guard let first = places.first else {
            let hint = Self.occurrences(of: Self.withoutSpace(old), in: Self.withoutSpace(bytes)).isEmpty
            return refuse(
                "old_text does not occur in \(text)"
                    + (hint ? "; read the file again" : " with exactly this white space; copy it from the file"), found)
        }
        let lines = places.prefix(10).map { Self.line(of: $0, in: bytes) }
        guard places.count == 1 || replacesAll else {
            let list = lines.map(String.init).joined(separator: ", ") + (places.count > 10 ? ", …" : "")
            return refuse(
                "old_text occurs \(places.count) times in \(text) (lines \(list)); add lines around it, or set "
                    + "replace_all", found)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + places.count * max(0, new.count - old.count))
        var rest = 0
        for place in places {
            result += bytes[rest..<place]
            result += new
            rest = place + old.count
        }
        result += bytes[rest...]
        let what = places.count == 1 ? "in line \(Self.line(of: first, in: bytes))" : "in \(places.count) places"
        return Writing(
            output: Output("changed \(text) \(what)"), changes: [found.path: try change(result, of: found)],
            reads: found.looked)
    }

    /// The refusal where file modes forbid the change. Replacing a file by renaming would get around them.
    private func protection(of found: ResolvedPath, _ text: String) throws -> Writing? {
        if ProtectedPaths.isClosed(found.path) {
            return refuse(Self.protected(text), found)
        }
        if geteuid() == 0 { return nil }
        if let entry = found.entry {
            return entry.mode & 0o222 == 0 ? refuse("\(text) is write-protected", found) : nil
        }
        for parent in found.path.ancestors.reversed() + [.root] {
            guard let entry = try view.entry(at: parent) else { continue }
            return entry.mode & 0o222 == 0 ? refuse("\(parent) is write-protected", found) : nil
        }
        return nil
    }

    private static func protected(_ text: String) -> String {
        "\(text) is protected: it could make programs run outside of the sandbox"
    }

    private func change(_ bytes: [UInt8], of found: ResolvedPath) throws(FileError) -> Change {
        Change(
            .file(
                try store.make(bytes), mode: found.entry.map { $0.mode & 0o1777 } ?? 0o666 & ~umask,
                modified: Signature.now()), expected: found.entry?.origin, expectedContent: try recentContent(found))
    }

    /// What a file holds that was changed a moment ago.
    private func recentContent(_ found: ResolvedPath) throws(FileError) -> ContentDigest? {
        guard let entry = found.entry, case .base(let signature) = entry.origin, entry.kind == .file,
            signature.isRecent(at: Signature.now())
        else { return nil }
        return ContentDigest(of: try view.content(of: found.path, entry))
    }

    private func refuse(_ message: String, _ found: ResolvedPath) -> Writing {
        Writing(output: Output(message, isError: true), reads: found.looked)
    }

    // MARK: - Bytes

    /// Where `part` begins, from left to right and without overlaps.
    static func occurrences(of part: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard let first = part.first else { return [] }
        var places: [Int] = []
        var start = 0
        while start + part.count <= bytes.count,
            let place = bytes[start...(bytes.count - part.count)].firstIndex(of: first)
        {
            if bytes[place..<(place + part.count)].elementsEqual(part) {
                places.append(place)
                start = place + part.count
            } else {
                start = place + 1
            }
        }
        return places
    }

    private static func line(of place: Int, in bytes: [UInt8]) -> Int {
        1 + bytes[..<place].lazy.filter { $0 == 10 }.count
    }

    private static func withoutSpace(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { ![9, 10, 13, 32].contains($0) } }
}
