import CBranch
import Glibc

/// The marks that the kernel's overlay file system leaves in a layer (mounted with `userxattr`).
extension Directory {
    /// Whether a path is marked as deleted here.
    func isWhiteout(_ path: RelativePath) -> Bool {
        var status = stat()
        guard path.withCString({ fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else { return false }
        return cbranch_is_whiteout(status.st_mode, status.st_rdev) != 0
    }

    /// Marks a path, where nothing is, as deleted.
    func makeWhiteout(_ path: RelativePath) throws(FileError) {
        guard path.withCString({ cbranch_make_whiteout(descriptor, $0) }) == 0 else {
            throw FileError("mark \(path) as deleted", code: errno)
        }
    }

    /// Whether a directory hides what older layers hold in it.
    func isOpaque(_ path: RelativePath) throws(FileError) -> Bool {
        var value: [UInt8] = [0, 0]
        let length = path.withCString {
            cbranch_get_attribute(descriptor, $0, "user.overlay.opaque", &value, value.count)
        }
        if length < 0, ![ENODATA, ENOTSUP].contains(errno) {
            throw FileError("look at the attributes of \(path)", code: errno)
        }
        return length == 1 && value[0] == UInt8(ascii: "y")
    }

    func makeOpaque(_ path: RelativePath) throws(FileError) {
        guard path.withCString({ cbranch_set_attribute(descriptor, $0, "user.overlay.opaque", "y", 1) }) == 0 else {
            throw FileError("mark \(path) as opaque", code: errno)
        }
    }
}
