import Glibc

/// The right to change what was learnt; given back with its last reference, or when the process ends.
///
/// A model is read, learns for a long time, and is written: two that did so at once would lose what one of them learnt.
package final class LearningClaim: Sendable {
    private let descriptor: Int32

    /// - Parameter path: of the store. The lock is a file of its own beside it: SQLite has locks of its own in the other.
    /// - Throws: where somebody else has it.
    init(path: String) throws(LearningError) {
        let name = path + ".learning"
        descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw LearningError(
                "cannot open \(name): \(String(cString: strerror(errno)))",
                remedy: "Check the permissions of the file and of its directory")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw LearningError("another process is learning into \(path)", remedy: "Try again when it is done")
        }
    }

    deinit { close(descriptor) }
}
