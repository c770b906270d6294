import Glibc

/// What lies at a path, as a journal tells it apart from everything else.
///
/// The number of an inode names one file for as long as the file exists, and a transaction deletes nothing before its end:
/// while a journal is there, equal numbers mean the same file.
struct Version: Sendable, Hashable {
    var kind: Signature.Kind
    var inode: UInt64
    /// Permission bits with set-id and sticky bits; 0 for a symlink.
    var mode: UInt32
    /// Bytes; 0 for a directory.
    var size: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
    var owner: UInt32
    var group: UInt32

    init(_ status: stat) {
        let signature = Signature(status)
        kind = signature.kind
        inode = UInt64(status.st_ino)
        mode = signature.mode
        size = signature.size
        modified = signature.modified
        owner = signature.owner
        group = signature.group
    }

    init(kind: Signature.Kind, inode: UInt64, mode: UInt32, size: Int64, modified: Int64, owner: UInt32, group: UInt32)
    {
        self.kind = kind
        self.inode = inode
        self.mode = mode
        self.size = size
        self.modified = modified
        self.owner = owner
        self.group = group
    }

    /// Whether nobody changed it since it looked like `earlier`. What a directory holds is not compared.
    func isSame(as earlier: Version) -> Bool {
        guard kind == earlier.kind, inode == earlier.inode else { return false }
        return kind == .directory || (size == earlier.size && modified == earlier.modified)
    }
}

extension Directory {
    /// What lies at `path`; `nil` where nothing does.
    func version(of path: RelativePath) throws(FileError) -> Version? {
        var status = stat()
        let result = path.withCString { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
        if result == 0 { return Version(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw FileError("look at \(path)", code: errno)
    }
}
