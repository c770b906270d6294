internal import FoundationEssentials

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// What configuration needs of the file system.
package enum FileAccess {
    /// The text of a file; `nil`: there is none.
    package static func text(of path: String) throws(ConfigurationError) -> String? {
        guard mode(of: path) != nil else {
            guard errno == ENOENT || errno == ENOTDIR else { throw unreadable(path, String(cString: strerror(errno))) }
            return nil
        }
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw unreadable(path, isDirectory(path) ? "it is a directory" : String(cString: strerror(errno)))
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw ConfigurationError(
                .unreadable, "the file is not UTF-8", at: .file(path, line: 0), remedy: "Save it as UTF-8")
        }
        return text
    }

    private static func unreadable(_ path: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(
            .unreadable, "cannot be read: \(reason)", at: .file(path, line: 0), remedy: "Check its permissions")
    }

    /// The permission bits of what is at `path`; `nil`, with `errno` set, where that is nothing.
    static func mode(of path: String) -> Int? {
        var info = stat()
        return stat(path, &info) == 0 ? Int(info.st_mode & 0o7777) : nil
    }

    static func isDirectory(_ path: String) -> Bool {
        var info = stat()
        return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
    }

    static func exists(_ path: String) -> Bool { mode(of: path) != nil }

    /// The names in a directory, sorted; none where there is no such directory.
    static func names(in directory: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    }

    /// The one absolute path of what is at `path`, without links; `nil` where that is nothing.
    package static func canonical(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Replaces a file as a whole, readable to its owner only. The directories above are made.
    static func replace(_ path: String, with text: String) throws(ConfigurationError) {
        do {
            try FileManager.default.createDirectory(
                atPath: parent(of: path), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw ConfigurationError(
                .unreadable, "cannot be written: \(String(cString: strerror(errno)))", at: .file(path, line: 0),
                remedy: "Check the permissions of \(parent(of: path)) and the room on its disk")
        }
        chmod(path, 0o600)
    }

    /// The directory that holds `path`; of the root, the root.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
