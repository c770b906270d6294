import Glibc

/// An open directory, and the system calls on what lies below it.
///
/// All paths are relative to the descriptor, and the last component is never followed where it is a symlink.
package final class Directory: Sendable {
    /// Where it was when it was opened.
    package let path: String
    let descriptor: Int32

    package init(_ path: String) throws(FileError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("open the directory \(path)", code: errno) }
        self.path = path
        self.descriptor = descriptor
    }

    /// Takes over an open descriptor. - Parameter path: what to call it in messages.
    init(owning descriptor: Int32, named path: String) {
        self.path = path
        self.descriptor = descriptor
    }

    /// A directory below this one.
    func open(_ path: RelativePath) throws(FileError) -> Directory {
        let opened = path.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard opened >= 0 else { throw FileError("open \(path)", code: errno) }
        return Directory(owning: opened, named: "\(self.path)/\(path)")
    }

    deinit { close(descriptor) }

    /// What lies at `path`; `nil` where nothing does.
    package func signature(of path: RelativePath) throws(FileError) -> Signature? {
        var status = stat()
        let result = path.withCString { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return Signature(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError("look at \(path)", code: errno)
    }

    /// The names in a directory, in no particular order.
    package func names(in path: RelativePath) throws(FileError) -> [[UInt8]] {
        let opened = path.withCString { openat(descriptor, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard opened >= 0, let stream = fdopendir(opened) else {
            let code = errno
            if opened >= 0 { close(opened) }
            throw FileError("list \(path)", code: code)
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != [46], name != [46, 46] { names.append(name) }
        }
        return names
    }

    /// The target of a symlink.
    package func target(of path: RelativePath) throws(FileError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { room in
            path.withCString {
                readlinkat(descriptor, $0, room.assumingMemoryBound(to: CChar.self).baseAddress!, room.count)
            }
        }
        guard count >= 0 else { throw FileError("read the link \(path)", code: errno) }
        return Array(buffer.prefix(count))
    }

    /// The content of a regular file, or its first `limit` bytes.
    package func content(of path: RelativePath, limit: Int = .max) throws(FileError) -> [UInt8] {
        let file = try openFile(path)
        defer { close(file) }
        var status = stat()
        fstat(file, &status)
        // One byte more than the size, so that the end is noticed without a second call.
        return try Self.read(file, upTo: limit, expecting: Int(status.st_size) + 1, of: path)
    }

    func openFile(_ path: RelativePath) throws(FileError) -> Int32 {
        // Non-blocking: opening a pipe that somebody put there must not hang.
        let file = path.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        guard file >= 0 else { throw FileError("read \(path)", code: errno) }
        return file
    }

    private static func read(
        _ file: Int32, upTo limit: Int, expecting size: Int, of path: RelativePath
    ) throws(FileError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let room = min(limit - bytes.count, max(size - bytes.count, 64 * 1024))
            var failure: Int32 = 0
            var isAtEnd = false
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                while count < room {
                    let got = Glibc.read(file, buffer.baseAddress! + count, room - count)
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { failure = errno }
                    if got <= 0 {
                        isAtEnd = true
                        break
                    }
                    count += got
                }
            }
            if failure != 0 { throw FileError("read \(path)", code: failure) }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            if isAtEnd { break }
        }
        return bytes
    }
}
