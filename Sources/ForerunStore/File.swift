import ForerunCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// An open file; closed with its last reference. All system calls of the store are here.
final class File: Sendable {
    enum Access {
        case read
        /// Writes go to the end. The file must not exist yet.
        case create
        /// Writes go to the end.
        case append
    }

    let path: String
    let descriptor: Int32

    init(_ path: String, _ access: Access) throws(StoreError) {
        let flags =
            switch access {
            case .read: O_RDONLY
            case .create: O_RDWR | O_APPEND | O_CREAT | O_EXCL
            case .append: O_RDWR | O_APPEND
            }
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(errno: errno, path: path) }
    }

    private init(_ descriptor: Int32, _ path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Makes a named pipe for this user only, if it is not there, and opens it for reading. Reading never waits.
    static func makeDoor(_ path: String) throws(StoreError) -> File {
        guard mkfifo(path, 0o600) == 0 || errno == EEXIST else { throw StoreError(errno: errno, path: path) }
        // Open for writing as well: it does not come to an end when a writer leaves.
        return try door(path, O_RDWR)
    }

    /// Opens a named pipe at which somebody listens for writing.
    static func openDoor(_ path: String) throws(StoreError) -> File { try door(path, O_WRONLY) }

    private static func door(_ path: String, _ access: Int32) throws(StoreError) -> File {
        let descriptor = open(path, access | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            // What a killed process left has no reader.
            throw errno == ENXIO
                ? StoreError(.notFound, path: path, message: "nobody listens") : StoreError(errno: errno, path: path)
        }
        let file = File(descriptor, path)
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFIFO, status.st_uid == geteuid() else {
            throw StoreError(.wrongKind, path: path, message: "it is no pipe of this user's")
        }
        return file
    }

    /// Refuses other writers until this file is closed, by whatever end.
    ///
    /// Waits up to half a second: who asks ``isLocked`` holds a lock for a moment, and a program that a killed process was just
    /// starting has that one's locks until it begins.
    func lock() throws(StoreError) {
        var rest = 100
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR, rest > 0 else { throw StoreError(errno: errno, path: path) }
            rest -= 1
            usleep(5_000)
        }
    }

    /// Others may take the lock from here on.
    func unlock() { flock(descriptor, LOCK_UN) }

    /// Whether somebody holds the lock now.
    var isLocked: Bool {
        // Many may ask at a time without taking one another for a writer.
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
        flock(descriptor, LOCK_UN)
        return false
    }

    /// Writes from the front of `bytes` and removes what was written, also where only a part was.
    func write(_ bytes: inout [UInt8]) throws(StoreError) {
        let (written, code) = bytes.withUnsafeBytes { write($0) }
        bytes.removeFirst(written)
        if code != 0 { throw StoreError(errno: code, path: path) }
    }

    /// Writes from the front of `bytes` and removes what was written, also where only a part was.
    func write(_ bytes: inout ByteWriter) throws(StoreError) {
        let (written, code) = bytes.withBytes { write($0) }
        bytes.removeFirst(written)
        if code != 0 { throw StoreError(errno: code, path: path) }
    }

    /// - Returns: how many bytes were written; why no more, or 0.
    private func write(_ bytes: UnsafeRawBufferPointer) -> (written: Int, code: Int32) {
        var written = 0
        while written < bytes.count {
            #if canImport(Darwin)
                let count = Darwin.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            #else
                let count = Glibc.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            #endif
            if count >= 0 { written += count } else if errno != EINTR { return (written, errno) }
        }
        return (written, 0)
    }

    /// Appends up to `count` of the next bytes; fewer or none at the end of the file.
    func read(_ count: Int, into bytes: inout [UInt8]) throws(StoreError) -> Int {
        var result = 0
        var code: Int32 = 0
        let piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            repeat {
                #if canImport(Darwin)
                    result = Darwin.read(descriptor, buffer.baseAddress!, count)
                #elseif canImport(Musl)
                    result = Musl.read(descriptor, buffer.baseAddress!, count)
                #else
                    result = Glibc.read(descriptor, buffer.baseAddress!, count)
                #endif
                code = errno
            } while result < 0 && code == EINTR
            initialized = max(result, 0)
        }
        guard result >= 0 else { throw StoreError(errno: code, path: path) }
        bytes += piece
        return result
    }

    /// Whether the last byte is no line feed. False for an empty file.
    func endsWithinLine() -> Bool {
        let end = lseek(descriptor, 0, SEEK_END)
        var last: UInt8 = 0
        return end > 0 && pread(descriptor, &last, 1, end - 1) == 1 && last != UInt8(ascii: "\n")
    }

    /// Throws where the file was deleted: writing to it would succeed and be in vain.
    func checkLinked() throws(StoreError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StoreError(errno: errno, path: path) }
        guard status.st_nlink > 0 else {
            throw StoreError(.notFound, path: path, message: "The file was deleted while it was written")
        }
    }

    /// Returns when the contents are on the device.
    func synchronize() throws(StoreError) {
        #if canImport(Darwin)
            let result = fcntl(descriptor, F_FULLFSYNC)
        #else
            let result = fdatasync(descriptor)
        #endif
        // Devices and pipes have nothing to synchronise.
        guard result == 0 || errno == EINVAL else { throw StoreError(errno: errno, path: path) }
    }

    /// Returns when the entries of the directory `path` are on the device.
    static func synchronize(directory path: String) throws(StoreError) {
        let file = try File(path, .read)
        guard fsync(file.descriptor) == 0 || errno == EINVAL else { throw StoreError(errno: errno, path: path) }
    }

    /// Creates a directory for this user only.
    ///
    /// - Returns: whether it is new.
    static func makeDirectory(_ path: String) throws(StoreError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        let code = errno
        var status = stat()
        guard code == EEXIST || code == EISDIR else { throw StoreError(errno: code, path: path) }
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(errno: ENOTDIR, path: path)
        }
        return false
    }

    /// The rest of the file.
    func contents() throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        while try read(1 << 18, into: &bytes) > 0 {}
        return bytes
    }

    /// What tells that a file has changed.
    struct Stamp: Sendable, Hashable {
        var size: Int
        /// Nanoseconds since 1970.
        var modified: Int
    }

    /// `nil`: there is no such file.
    static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return Stamp(size: Int(status.st_size), modified: Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec))
    }

    /// Leaves a file to its owner.
    static func restrict(_ path: String) { chmod(path, 0o600) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The first place of a byte at or behind a place; `nil`: it does not occur.
    static func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress, start < bytes.count,
            let found = memchr(base + start, Int32(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) { unlink(path) }

    /// Removes a directory, if nothing is in it.
    static func removeDirectory(_ path: String) { rmdir(path) }

    static func rename(_ path: String, to other: String) throws(StoreError) {
        #if canImport(Darwin)
            let result = Darwin.rename(path, other)
        #elseif canImport(Musl)
            let result = Musl.rename(path, other)
        #else
            let result = Glibc.rename(path, other)
        #endif
        guard result == 0 else { throw StoreError(errno: errno, path: other) }
    }

    /// The names in a directory, in no order.
    static func names(in path: String) throws(StoreError) -> [String] {
        guard let directory = opendir(path) else { throw StoreError(errno: errno, path: path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// When it is, in parts of a second since 1970, UTC, as the name of a run has it.
    static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * RunName.resolution + time.tv_nsec * RunName.resolution / 1_000_000_000
    }

    static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

extension StoreError {
    fileprivate init(errno code: Int32, path: String) {
        let kind: Code =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: .noSpace
            case ENOENT, ESTALE: .notFound
            case EACCES, EPERM, EROFS: .notPermitted
            case EWOULDBLOCK, EEXIST: .inUse
            case ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG: .wrongKind
            default: .device
            }
        self.init(kind, path: path, message: String(cString: strerror(code)))
    }
}
