package import ForerunCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What is remembered of a file that was imported, so that it is read again only if it changed.
///
/// A file that grew is read again from its beginning, and its runs *replace* the earlier ones of the same
/// ``RecordedRun/key``: a session that goes on changes its last turn, and its patterns cross the place where reading
/// stopped.
package struct ImportBookmark: Sendable, Hashable {
    /// How a file compares with its bookmark.
    package enum Change: Sendable, Hashable {
        case unchanged
        /// It begins as it did and is longer: a log that goes on.
        case grown
        /// Anything else.
        case replaced
    }

    /// Bytes at the beginning that the digest covers.
    static let headSize = 4_096

    package var path: String
    /// In bytes; of a database, with its write-ahead log.
    package var size: Int
    /// Nanoseconds since 1970; of a database, the later one of it and its write-ahead log.
    package var modified: Int
    package var inode: UInt64
    /// SHA-256 of the first 4 KiB, or of all if it is shorter, in hexadecimal digits.
    package var head: String
    /// How many bytes were read.
    package var bytesRead: Int

    /// What the file at `path` is now; `nil` where it cannot be read.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0, let head = Self.digest(of: path, bytes: Self.headSize) else { return nil }
        self.path = path
        size = Int(status.st_size)
        modified = status.modified
        inode = UInt64(status.st_ino)
        self.head = head
        bytesRead = 0
        if stat(path + "-wal", &status) == 0 {
            size += Int(status.st_size)
            modified = max(modified, status.modified)
        }
    }

    /// How the file `now` differs from what this bookmark remembers.
    package func change(to now: ImportBookmark) -> Change {
        if size == now.size, modified == now.modified, inode == now.inode, head == now.head { return .unchanged }
        // A file that was shorter than its head has another head once it has grown.
        let grownHead = size < Self.headSize ? Self.digest(of: now.path, bytes: size) : now.head
        return inode == now.inode && now.size > size && grownHead == head ? .grown : .replaced
    }

    private static func digest(of path: String, bytes: Int) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var count = 0
        let head = [UInt8](unsafeUninitializedCapacity: max(bytes, 1)) { buffer, initialized in
            count = pread(descriptor, buffer.baseAddress!, bytes, 0)
            initialized = max(count, 0)
        }
        return count < 0 ? nil : StableDigest.hex(of: head)
    }
}

extension ImportBookmark {
    package var json: JSON {
        [
            "path": .string(path), "size": .int(size), "modified": .int(modified), "inode": .string(String(inode)),
            "head": .string(head), "bytesRead": .int(bytesRead),
        ]
    }

    /// - Returns: `nil` where `json` is no bookmark; the file is then read again.
    package init?(_ json: JSON) {
        guard let path = json["path"]?.stringValue, let size = json["size"]?.intValue,
            let modified = json["modified"]?.intValue, let inode = json["inode"]?.stringValue.flatMap({ UInt64($0) }),
            let head = json["head"]?.stringValue, let bytesRead = json["bytesRead"]?.intValue
        else { return nil }
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
        self.head = head
        self.bytesRead = bytesRead
    }
}

extension stat {
    /// Nanoseconds since 1970.
    fileprivate var modified: Int {
        #if canImport(Darwin)
            Int(st_mtimespec.tv_sec) * 1_000_000_000 + Int(st_mtimespec.tv_nsec)
        #else
            Int(st_mtim.tv_sec) * 1_000_000_000 + Int(st_mtim.tv_nsec)
        #endif
    }
}
