import CBranch
import Glibc

/// The directories that hold the paths of a workspace, opened so that no symlink is followed and no other mounted file
/// system is entered, whatever happens to the directories meanwhile.
///
/// Sorted paths cost one opening a directory: those on the way to the last path stay open.
struct Parents: ~Copyable {
    private let root: Directory
    private var stack: [(path: RelativePath, descriptor: Int32)] = []
    private static let rules = UInt64(
        CBRANCH_BENEATH.rawValue | CBRANCH_NO_SYMLINKS.rawValue | CBRANCH_NO_MAGICLINKS.rawValue
            | CBRANCH_NO_XDEV.rawValue)
    /// O_PATH (fcntl.h): such a descriptor needs no right to read the directory.
    private static let pathOnly: Int32 = 0o10000000

    init(of root: Directory) { self.root = root }

    deinit { for entry in stack { close(entry.descriptor) } }

    /// A descriptor of the directory that holds `path`, good until the next call.
    ///
    /// - Throws: `ENOENT`, `ENOTDIR` or `ELOOP` where there is no such directory; `EXDEV` on another file system.
    mutating func parent(of path: RelativePath) throws(FileError) -> Int32 {
        guard let parent = path.parent, !parent.isRoot else {
            reset()
            return root.descriptor
        }
        while let last = stack.last, !parent.isWithin(last.path) { close(stack.removeLast().descriptor) }
        if let last = stack.last, last.path == parent { return last.descriptor }
        let descriptor = try open(parent, from: stack.last)
        stack.append((parent, descriptor))
        return descriptor
    }

    /// Forgets what was opened: directories were moved.
    mutating func reset() {
        for entry in stack { close(entry.descriptor) }
        stack = []
    }

    private func open(
        _ path: RelativePath, from start: (path: RelativePath, descriptor: Int32)?
    ) throws(FileError) -> Int32 {
        let rest = start.map { RelativePath(bytes: Array(path.bytes[($0.path.bytes.count + 1)...])) } ?? path
        let base = start?.descriptor ?? root.descriptor
        let flags = Self.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = rest.withCString { cbranch_openat(base, $0, flags, 0, Self.rules) }
        if opened >= 0 { return opened }
        guard errno == ENOSYS || errno == EPERM else { throw FileError("open the directory \(path)", code: errno) }
        return try walk(rest, from: base, flags: flags)
    }

    /// The same where the kernel, or a filter of system calls, does not have openat2.
    private func walk(_ path: RelativePath, from base: Int32, flags: Int32) throws(FileError) -> Int32 {
        var status = stat()
        fstat(root.descriptor, &status)
        let device = status.st_dev
        var current = base
        for component in path.components {
            let name = RelativePath(bytes: Array(component))
            let next = name.withCString { openat(current, $0, flags) }
            let code = errno
            if current != base { close(current) }
            guard next >= 0 else { throw FileError("open the directory \(path)", code: code) }
            fstat(next, &status)
            guard status.st_dev == device else {
                close(next)
                throw FileError("change \(path), which is on another file system,", code: EXDEV)
            }
            current = next
        }
        return current
    }
}

extension Parents {
    /// What lies at `path`; `nil` where nothing does, or where a directory on the way is missing or is none.
    mutating func status(of path: RelativePath) throws(FileError) -> stat? {
        let parent: Int32
        do {
            parent = try self.parent(of: path)
        } catch {
            if [ENOENT, ENOTDIR, ELOOP].contains(error.code) { return nil }
            throw error
        }
        return try Self.status(of: RelativePath(bytes: Array(path.name)), in: parent, named: path)
    }

    static func status(
        of name: RelativePath, in directory: Int32, named path: RelativePath
    ) throws(FileError) -> stat? {
        var status = stat()
        let result = name.withCString { fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return status }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError("look at \(path)", code: errno)
    }

    /// Sets the permission bits of a directory if it is still the one with the number `inode`.
    mutating func setMode(of path: RelativePath, inode: UInt64, to mode: UInt32) throws(FileError) {
        guard let status = try status(of: path), UInt64(status.st_ino) == inode else { return }
        if status.st_mode & 0o7777 == mode { return }
        let parent = try self.parent(of: path)
        let name = RelativePath(bytes: Array(path.name))
        guard name.withCString({ fchmodat(parent, $0, mode, AT_SYMLINK_NOFOLLOW) }) == 0 else {
            throw FileError("set the mode of \(path)", code: errno)
        }
    }

    /// Writes the entries of the directory that holds `path` to the disk.
    mutating func synchronize(parentOf path: RelativePath) throws(FileError) {
        let parent = try self.parent(of: path)
        // A descriptor that stands for the path alone cannot be synchronised.
        let descriptor = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError("synchronise the directory of \(path)", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileError("synchronise the directory of \(path)", code: errno) }
    }
}
