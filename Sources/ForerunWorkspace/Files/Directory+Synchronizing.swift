import CBranch
import Glibc

extension Directory {
    /// Waits until a file or a directory is on the disk.
    func synchronize(_ path: RelativePath) throws(FileError) {
        let opened = path.withCString { openat(descriptor, $0, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
        guard opened >= 0 else { throw FileError("synchronise \(path)", code: errno) }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw FileError("synchronise \(path)", code: errno) }
    }

    /// Waits until everything on the file system of this directory is on the disk.
    package func synchronizeAll() throws(FileError) {
        guard let syncfs = Self.syncfs else { return sync() }
        guard syncfs(descriptor) == 0 else { throw FileError("synchronise the disk", code: errno) }
    }

    /// syncfs(2), which the Glibc module does not declare.
    private static let syncfs: (@Sendable @convention(c) (Int32) -> Int32)? = dlsym(nil, "syncfs").map {
        unsafeBitCast($0, to: (@Sendable @convention(c) (Int32) -> Int32).self)
    }

    /// How ``rename(_:to:in:_:)`` treats what is at the target.
    struct RenameRule: Sendable, Hashable {
        fileprivate let flags: UInt32
        /// Fails with `EEXIST` where something is.
        static let noReplace = RenameRule(flags: UInt32(CBRANCH_NOREPLACE.rawValue))
        /// Both change places; fails with `ENOENT` where nothing is.
        static let exchange = RenameRule(flags: UInt32(CBRANCH_EXCHANGE.rawValue))
    }

    /// Renames an entry of this directory to `name` in an open directory.
    ///
    /// - Returns: 0 or the error number; `EINVAL` or `ENOSYS` where the file system does not know the rule.
    func rename(_ path: RelativePath, to name: RelativePath, in target: Int32, _ rule: RenameRule) -> Int32 {
        path.withCString { from in
            name.withCString { cbranch_renameat(descriptor, from, target, $0, rule.flags) == 0 ? 0 : errno }
        }
    }
}
