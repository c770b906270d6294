import Glibc

/// What a file looks like without reading it: enough to notice every change of type, mode or content.
///
/// The change time (ctime) cannot be set by programs, so a file that was rewritten within the resolution of its clock
/// is the only change that can be missed; ``isRecent(at:)`` names the files that need a closer look.
package struct Signature: Sendable, Hashable {
    package enum Kind: UInt8, Sendable {
        case file, directory, symlink
        /// A socket, a pipe or a device.
        case special
    }

    package var kind: Kind
    /// Permission bits, set-id and sticky bits included; 0 for a symlink.
    package var mode: UInt32
    /// Bytes; 0 for a directory.
    package var size: Int64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// Nanoseconds since 1970; 0 for a directory.
    package var changed: Int64
    /// 0 for a directory.
    package var inode: UInt64
    package var owner: UInt32
    package var group: UInt32

    init(
        kind: Kind, mode: UInt32, size: Int64, modified: Int64, changed: Int64, inode: UInt64, owner: UInt32,
        group: UInt32
    ) {
        self.kind = kind
        self.mode = mode
        self.size = size
        self.modified = modified
        self.changed = changed
        self.inode = inode
        self.owner = owner
        self.group = group
    }

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            default: .special
            }
        let isDirectory = kind == .directory
        mode = kind == .symlink ? 0 : status.st_mode & 0o7777
        size = isDirectory ? 0 : Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = isDirectory ? 0 : Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
        inode = isDirectory ? 0 : UInt64(status.st_ino)
        owner = status.st_uid
        group = status.st_gid
    }

    /// Whether nothing that a commit cares about differs. What a directory holds is compared entry by entry, and the
    /// change time does not count: giving a file a second name moves it.
    package func isUnchanged(from earlier: Signature) -> Bool {
        guard kind == earlier.kind, mode == earlier.mode else { return false }
        if kind == .directory { return true }
        return size == earlier.size && modified == earlier.modified && inode == earlier.inode
    }

    /// Whether a change right after `instant` (nanoseconds since 1970) could leave the same time stamps behind.
    package func isRecent(at instant: Int64) -> Bool { changed > instant - 20_000_000 }

    /// The time now, on the clock that files are stamped with.
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
