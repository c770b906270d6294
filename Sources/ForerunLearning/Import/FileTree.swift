#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The files under some paths, in an order that depends on nothing but their names.
struct FileTree {
    struct File {
        let path: String
        let size: Int
        /// The user named this very file; it is tried whatever its name is.
        let isNamed: Bool
    }

    private struct Identity: Hashable {
        let device: UInt64
        let inode: UInt64
    }

    private(set) var files: [File] = []
    private(set) var ignored = 0
    private(set) var problems: [ImportProblem] = []
    private var seen: Set<Identity> = []

    /// Walks `paths`. A file or directory that is reached twice, by links or because it is named twice, counts once.
    init(_ paths: [String]) {
        for path in paths { add(Self.trimmed(path), isNamed: true) }
    }

    private static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    private mutating func add(_ path: String, isNamed: Bool) {
        // Directories wait here, so that depth costs no stack.
        var waiting = [(path, isNamed)]
        while let (path, isNamed) = waiting.popLast() {
            var status = stat()
            guard stat(path, &status) == 0 else {
                problems.append(ImportProblem(.unreadable, path: path, detail: String(cString: strerror(errno))))
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                guard isNamed || Self.isCandidate(path) else {
                    ignored += 1
                    continue
                }
                guard isNew(status) else { continue }
                files.append(File(path: path, size: Int(status.st_size), isNamed: isNamed))
            case S_IFDIR:
                guard isNew(status) else { continue }
                waiting += children(of: path).reversed().map { ($0, false) }
            default:
                // Pipes and devices would block, or never end.
                if isNamed {
                    problems.append(ImportProblem(.unreadable, path: path, detail: "neither a file nor a directory"))
                } else {
                    ignored += 1
                }
            }
        }
    }

    private mutating func isNew(_ status: stat) -> Bool {
        seen.insert(Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))).inserted
    }

    /// What is in a directory: files first, so that a session comes before its sub-agents; each by the bytes of its name.
    private mutating func children(of path: String) -> [String] {
        guard let directory = opendir(path) else {
            problems.append(ImportProblem(.unreadable, path: path, detail: String(cString: strerror(errno))))
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        // opencode's old store: messages and parts are reached through their sessions.
        if path.hasSuffix("/storage"), names.contains("session"), names.contains("message") { names = ["session"] }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var files: [String] = []
        var directories: [String] = []
        for name in names {
            let child = path == "/" ? "/\(name)" : "\(path)/\(name)"
            var status = stat()
            if stat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                directories.append(child)
            } else {
                files.append(child)
            }
        }
        return files + directories
    }

    /// Whether a file in a walked directory may be a transcript, by its name.
    static func isCandidate(_ path: String) -> Bool {
        let name = plainName(path)
        return [".jsonl", ".ndjson", ".json", ".traj", ".db", ".sqlite", ".sqlite3"].contains { name.hasSuffix($0) }
    }

    /// The last component in lower case, without `.gz`.
    static func plainName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
        return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    }
}
