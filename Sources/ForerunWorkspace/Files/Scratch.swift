import Glibc
import Synchronization

/// The private directory of one open workspace (mode 0700), and the only place where it keeps temporary files.
///
/// It is locked for as long as its process lives. Directories of processes that were killed are found unlocked and
/// removed by whoever opens a workspace next.
package final class Scratch: Sendable {
    package let path: String
    /// Whether files can be moved into the workspace by renaming.
    package let isOnSameMount: Bool
    private let lock: Int32
    private let next = Atomic(0)

    /// - Parameter state: of the workspace; the private directory is made beside it.
    package init(beside state: StateDirectory) throws(FileError) {
        (path, lock) = try Self.make(in: state.place)
        isOnSameMount = state.isOnSameMount
    }

    deinit { close(lock) }

    /// Makes a new, empty directory.
    package func makeDirectory(_ name: String) throws(FileError) -> Directory {
        let path = "\(path)/\(name)\(next.add(1, ordering: .relaxed).newValue)"
        guard mkdir(path, 0o700) == 0 else { throw FileError("make the directory \(path)", code: errno) }
        return try Directory(path)
    }

    /// Removes a directory made by ``makeDirectory(_:)`` with all that it holds.
    package func remove(_ directory: Directory) {
        Self.removeTree(directory.path)
    }

    /// Removes everything.
    package func removeAll() { Self.removeTree(path) }

    private static let prefix = "open-"

    private static func make(in place: String) throws(FileError) -> (path: String, lock: Int32) {
        sweep(place)
        // Locked before it gets the name that the sweeper looks for.
        var template = Array("\(place)/new-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FileError("make a directory in \(place)", code: errno) }
        let made = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        let lock = Glibc.open(made + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw FileError("lock \(made)", code: errno)
        }
        let final = "\(place)/\(prefix)\(getpid())-\(made.suffix(6))"
        guard Glibc.rename(made, final) == 0 else { throw FileError("rename \(made)", code: errno) }
        return (final, lock)
    }

    // MARK: - What killed processes left

    private static func sweep(_ place: String) {
        guard let directory = try? Directory(place), let names = try? directory.names(in: .root) else { return }
        for name in names where name.starts(with: prefix.utf8) {
            let path = "\(place)/\(String(decoding: name, as: UTF8.self))"
            let lock = Glibc.open(path + "/lock", O_RDWR | O_CLOEXEC)
            // Without a lock file it is being removed, or was cut off while it was.
            if lock < 0 {
                removeTree(path)
                continue
            }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { removeTree(path) }
            close(lock)
        }
    }

    private static func removeTree(_ path: String) {
        guard let slash = path.lastIndex(of: "/"), let parent = try? Directory(String(path[..<slash])) else { return }
        try? parent.removeTree(RelativePath(String(path[path.index(after: slash)...])))
    }
}
