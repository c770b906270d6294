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

    /// - Parameters:
    ///   - workspace: the real directory; the private one is never inside of it.
    ///   - preferred: where to put private directories; `nil` lets the scratch look for a place on the same file system.
    package init(for workspace: Directory, preferred: String? = nil) throws(FileError) {
        var places = preferred.map { [$0] } ?? Self.places(for: workspace)
        places.removeAll { ($0 + "/").hasPrefix(workspace.path + "/") }
        var made: (path: String, lock: Int32)?
        var failure = FileError("find a place for temporary files outside of \(workspace.path)", code: ENOENT)
        for place in places {
            do {
                made = try Self.make(in: place)
                break
            } catch {
                failure = error
            }
        }
        guard let made else { throw failure }
        path = made.path
        lock = made.lock
        isOnSameMount = (try? Directory(made.path)).map { Self.mount(of: $0) == Self.mount(of: workspace) } ?? false
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

    // MARK: - Places

    private static let parentName = "forerun-workspaces"
    private static let prefix = "open-"

    /// Same file system first: there, files are moved instead of copied.
    private static func places(for workspace: Directory) -> [String] {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
            return value
        }
        let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
        let temporary = variable("TMPDIR") ?? "/tmp"
        let parent = workspace.path.split(separator: "/").dropLast().joined(separator: "/")
        let places = [cache, temporary, "/var/tmp", "/" + parent].compactMap { $0 }
        let near = places.filter { isOnSameMount($0, workspace) }
        return (near + [temporary]).map { "\($0)/\(parentName)-\(geteuid())" }
    }

    private static func isOnSameMount(_ path: String, _ workspace: Directory) -> Bool {
        // The cache may not exist yet; what matters is the mount that it would be on.
        let existing = (try? Directory(path)) ?? (try? Directory(path + "/.."))
        guard let existing, let mount = mount(of: existing) else { return false }
        return mount == self.mount(of: workspace)
    }

    /// The number of the mount that a directory is on: renaming works only within one.
    private static func mount(of directory: Directory) -> String? {
        guard let information = try? Directory("/proc/self/fdinfo"),
            let text = try? information.content(of: RelativePath("\(directory.descriptor)"), limit: 4096)
        else { return nil }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
            .map(String.init)
    }

    private static func make(in place: String) throws(FileError) -> (path: String, lock: Int32) {
        if mkdir(place, 0o700) != 0 {
            let parent = String(place.prefix(upTo: place.lastIndex(of: "/") ?? place.endIndex))
            if errno == ENOENT { mkdir(parent, 0o700) }
            if mkdir(place, 0o700) != 0, errno != EEXIST { throw FileError("make the directory \(place)", code: errno) }
        }
        // Somebody else's directory in a shared place could be swapped under our feet.
        var status = stat()
        guard lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw FileError("use \(place), which belongs to somebody else,", code: EPERM)
        }
        chmod(place, 0o700)
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
