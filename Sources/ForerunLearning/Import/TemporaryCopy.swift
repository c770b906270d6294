#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A copy of a SQLite database with its write-ahead log, in a directory of its own.
struct TemporaryCopy {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ action: String, _ path: String) {
            description = "\(action) \(path): \(String(cString: strerror(errno)))"
        }

        init(_ description: String) { self.description = description }
    }

    private static let attempts = 5

    private let directory: String
    /// The copied database.
    let path: String

    /// Whether the database cannot be read in its place without writing beside it: it is in write-ahead mode, or was left
    /// in the middle of a transaction.
    static func isNeeded(for path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Format of the file, section 1.3.3: the versions for writing and reading, 2 with a write-ahead log.
        var versions: [UInt8] = [0, 0]
        guard pread(descriptor, &versions, 2, 18) == 2 else { return false }
        return versions.contains(2) || access(path + "-wal", F_OK) == 0 || access(path + "-journal", F_OK) == 0
    }

    /// Copies the database as it is at one moment, which is found by trying again while it changes.
    init(of original: String) throws(Failure) {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/forerun-import-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("No directory for a copy in", base) }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        path = directory + "/copy.db"
        do throws(Failure) {
            for _ in 0..<Self.attempts {
                let before = Self.state(original)
                for suffix in ["-wal", "-journal"] where access(original + suffix, F_OK) == 0 {
                    try Self.copy(original + suffix, to: path + suffix)
                }
                try Self.copy(original, to: path)
                if Self.state(original) == before { return }
                for suffix in ["-wal", "-journal"] { unlink(path + suffix) }
            }
            throw Failure("\(original) is being written to without a pause. Import again when its agent is idle.")
        } catch {
            remove()
            throw error
        }
    }

    /// Removes the copy.
    func remove() {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
        rmdir(directory)
    }

    /// Sizes and times of the database and its logs.
    private static func state(_ path: String) -> [Int] {
        ["", "-wal", "-journal"].flatMap { suffix -> [Int] in
            guard let bookmark = ImportBookmark(of: path + suffix) else { return [-1] }
            return [bookmark.size, bookmark.modified, Int(bitPattern: UInt(bookmark.inode))]
        }
    }

    private static func copy(_ source: String, to target: String) throws(Failure) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw Failure("Cannot read", source) }
        defer { close(input) }
        let output = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw Failure("Cannot write", target) }
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(input, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure("Cannot read", source) }
            guard count > 0 else { return }
            var written = 0
            while written < count {
                let more = buffer.withUnsafeBytes { write(output, $0.baseAddress! + written, count - written) }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { throw Failure("Cannot write", target) }
                written += more
            }
        }
    }
}
