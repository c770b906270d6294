import Glibc

/// A system call on a file failed.
package struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The error number (errno).
    package let code: Int32
    /// What was tried, as in `write src/a.c`.
    package let action: String

    package init(_ action: String, code: Int32) {
        self.action = action
        self.code = code
    }

    /// The disk, the quota or the table of inodes is full.
    package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// What the system calls this error.
    package var reason: String { String(cString: strerror(code)) }

    package var description: String { "cannot \(action): \(reason)" }
}
