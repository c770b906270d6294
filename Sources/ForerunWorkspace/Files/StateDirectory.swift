import Dispatch
import ForerunCore
import Glibc
import Synchronization

/// Where the state of one workspace is kept that outlives a process: transactions, old versions for undoing, locks.
///
/// It belongs to the user alone (mode 0700), lies outside of the workspace, on the same mounted file system where that is
/// possible, and is named after the real path of the workspace, so the next process finds it. It is made when it is first
/// needed, and removed when there is nothing in it.
package final class StateDirectory: Sendable {
    package let workspace: Directory
    /// Holds the state directories of all workspaces, and the private directories of open ones.
    package let place: String
    package let path: String
    /// Whether files can be moved into the workspace by renaming.
    package let isOnSameMount: Bool
    /// What of the history decides how much of it is kept; `nil`: not read yet.
    let index = Mutex<[UndoHistory.Summary]?>(nil)
    private let clearing = DispatchGroup()

    /// - Parameters:
    ///   - workspace: opened by its real path.
    ///   - preferred: where to put state directories; `nil`: where one of this workspace is, or on the same file system.
    package init(for workspace: Directory, preferred: String? = nil) throws(FileError) {
        self.workspace = workspace
        let name = Self.prefix + StableDigest.hex(of: workspace.path.utf8).prefix(24)
        let candidates = preferred.map { [$0] } ?? Self.candidates()
        let places = candidates.filter { !Self.isInside($0, workspace) }
        // Whatever the environment variables say today: what was left by another process comes first.
        let known = places.filter { access("\($0)/\(name)", F_OK) == 0 }
        let chosen = known + (preferred == nil ? Self.near(places, workspace) : places)
        var failure = FileError("find a place for temporary files outside of \(workspace.path)", code: ENOENT)
        for place in chosen {
            do {
                try Self.make(place)
            } catch {
                failure = error
                continue
            }
            self.place = place
            path = "\(place)/\(name)"
            isOnSameMount = (try? Directory(place)).map { Self.mount(of: $0) == Self.mount(of: workspace) } ?? false
            return
        }
        throw failure
    }

    private static let prefix = "for-"
    private static let placeName = "forerun-workspaces"

    // MARK: - Finding a place

    private static func candidates() -> [String] {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name).map({ String(cString: $0) }), value.hasPrefix("/") else { return nil }
            return value
        }
        let home = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_dir) + "/.cache" }
        let cache = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
        let places = [cache, variable("TMPDIR"), "/tmp", "/var/tmp", home].compactMap { $0 }
        return places.enumerated().filter { places.firstIndex(of: $1) == $0 }.map { "\($1)/\(placeName)-\(geteuid())" }
    }

    /// Same file system first: there, files are moved instead of copied.
    private static func near(_ places: [String], _ workspace: Directory) -> [String] {
        let parent = workspace.path.split(separator: "/").dropLast().joined(separator: "/")
        let beside = "/\(parent)/\(placeName)-\(geteuid())"
        let near = (places + [beside]).filter { place in
            // Neither may exist yet; what matters is the mount that it would be on.
            guard let existing = existing(place), let mount = mount(of: existing) else { return false }
            return mount == self.mount(of: workspace)
        }
        return near + places
    }

    private static func existing(_ path: String) -> Directory? {
        var path = path[...]
        while !path.isEmpty {
            if let directory = try? Directory(String(path)) { return directory }
            path = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        }
        return nil
    }

    /// Also by way of symlinks.
    private static func isInside(_ place: String, _ workspace: Directory) -> Bool {
        if RealPath.isWithin(place, workspace.path) { return true }
        guard let existing = existing(place), let real = RealPath.of(existing.path) else { return false }
        return RealPath.isWithin(real, workspace.path)
    }

    /// The number of the mount that a directory is on: renaming works only within one.
    private static func mount(of directory: Directory) -> String? {
        guard let information = try? Directory("/proc/self/fdinfo"),
            let text = try? information.content(of: RelativePath("\(directory.descriptor)"), limit: 4096)
        else { return nil }
        return String(decoding: text, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
            .map(String.init)
    }

    private static func make(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) != 0 {
            if errno == ENOENT { mkdir(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)), 0o700) }
            if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileError("make the directory \(path)", code: errno) }
        }
        // Somebody else's directory in a shared place could be swapped under our feet.
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
            throw FileError("use \(path), which belongs to somebody else,", code: EPERM)
        }
        if status.st_mode & 0o777 != 0o700 { chmod(path, 0o700) }
    }

    // MARK: - What is in it

    /// Whether there is anything that a process left.
    package var exists: Bool { access(path, F_OK) == 0 }

    private static let commitLock = "commit"
    private static let runLock = "lock"
    private static let description = "path"

    private func lock(_ name: String, wait: Double) throws(FileLock.Failure) -> FileLock {
        var tries = 0
        while true {
            if mkdir(path, 0o700) == 0 {
                // For people who wonder what this is.
                try? Directory(path).create(
                    RelativePath(Self.description), content: Array(workspace.path.utf8), mode: 0o600,
                    modified: Signature.now())
            } else if errno != EEXIST {
                throw .file(FileError("make the directory \(path)", code: errno))
            }
            do {
                return try FileLock("\(path)/\(name)", wait: wait)
            } catch {
                // Another process removed the directory in between.
                tries += 1
                guard case .file(let file) = error, file.code == ENOENT, tries < 100 else { throw error }
            }
        }
    }

    /// Keeps other processes from committing, recovering and undoing. Held for one of these, not for a run.
    func lockCommits(wait: Double = 30) throws(FileError) -> FileLock {
        do { return try lock(Self.commitLock, wait: wait) } catch {
            switch error {
            case .file(let error): throw error
            case .held: throw FileError("change \(workspace.path) while another process is doing so", code: EBUSY)
            }
        }
    }

    /// Keeps other runs out, if they ask.
    func lockRun() throws(FileLock.Failure) -> FileLock {
        let lock = try lock(Self.runLock, wait: 0)
        lock.write(Int(getpid()))
        return lock
    }

    /// Removes the directory if nothing is left in it but locks that nobody holds.
    package func removeIfEmpty() {
        clearing.wait()
        guard exists, let directory = try? Directory(path), let names = try? directory.names(in: .root),
            names.allSatisfy({
                [Self.commitLock, Self.runLock, Self.description].contains(String(decoding: $0, as: UTF8.self))
            }),
            let commits = try? FileLock("\(path)/\(Self.commitLock)"),
            let run = try? FileLock("\(path)/\(Self.runLock)")
        else { return }
        for name in [Self.description, Self.runLock, Self.commitLock] {
            try? directory.remove(RelativePath(name), isDirectory: false)
        }
        rmdir(path)
        run.release()
        commits.release()
    }
}

// MARK: - Transactions

extension StateDirectory {
    private static let transactionPrefix = "t-"
    private static let stagingPrefix = ".forerun-commit-"

    /// Whether a name in the root of a workspace is that of a transaction whose files could not be staged elsewhere. It is no
    /// part of any world.
    static func isStaging(_ name: some Collection<UInt8>) -> Bool { name.starts(with: stagingPrefix.utf8) }

    private static let keptPrefix = "kept-"

    /// Makes the directory of a new transaction, on the same mounted file system as the workspace.
    ///
    /// It is locked for as long as it is open, so that nobody takes it for that of a dead process.
    ///
    /// - Parameter inWorkspace: in the workspace itself; `nil`: only if it must be.
    func makeTransaction(
        _ commits: borrowing FileLock, inWorkspace: Bool? = nil
    ) throws(FileError) -> Directory {
        let isInside = inWorkspace ?? !isOnSameMount
        // In a workspace on another mount others may have made some that are not counted here.
        while true {
            let number = (commits.number ?? max(transactions.last?.number ?? 0, kept.last?.number ?? 0)) + 1
            commits.write(number)
            let path =
                isInside
                ? "\(workspace.path)/\(Self.stagingPrefix)\(number)" : "\(self.path)/\(Self.transactionPrefix)\(number)"
            if mkdir(path, 0o700) != 0 {
                if errno == EEXIST { continue }
                throw FileError("make the directory \(path)", code: errno)
            }
            let directory = try Directory(path)
            guard flock(directory.descriptor, LOCK_EX | LOCK_NB) == 0 else {
                throw FileError("lock \(path)", code: errno)
            }
            return directory
        }
    }

    /// Removes the directory of a transaction that is over; nobody waits for one of many files.
    func clear(_ place: Directory, _ journal: Journal, onStep: (@Sendable () -> Void)?) {
        if journal.operations.count <= 8 || onStep != nil { return Transaction.clear(place, onStep: onStep) }
        DispatchQueue.global(qos: .utility).async(group: clearing) { Transaction.clear(place) }
    }

    /// Gives a finished transaction the name that it is kept under.
    func keep(_ place: Directory) throws(FileError) -> RelativePath {
        let name = String(decoding: RelativePath(place.path).name, as: UTF8.self)
        let kept = Self.keptPrefix + name.dropFirst(Self.transactionPrefix.count)
        guard Glibc.rename(place.path, "\(path)/\(kept)") == 0 else {
            throw FileError("rename \(place.path)", code: errno)
        }
        return RelativePath(kept)
    }

    /// The transactions that are not over, oldest first.
    private var transactions: [(number: Int, name: RelativePath)] { entries(Self.transactionPrefix) }

    /// The transactions that are kept, oldest first.
    var kept: [(number: Int, name: RelativePath)] { entries(Self.keptPrefix) }

    private func entries(_ prefix: String) -> [(number: Int, name: RelativePath)] {
        guard exists, let names = try? Directory(path).names(in: .root) else { return [] }
        return names.compactMap { name in
            guard name.starts(with: prefix.utf8),
                let number = Int(String(decoding: name.dropFirst(prefix.utf8.count), as: UTF8.self))
            else { return nil }
            return (number, RelativePath(bytes: name))
        }.sorted { $0.0 < $1.0 }
    }

    /// Whether there is a transaction that is not over, be it one of a living process.
    var hasTransactions: Bool {
        !transactions.isEmpty || ((try? workspace.names(in: .root)) ?? []).contains { Self.isStaging($0) }
    }

    /// The directories of all transactions that no living process holds, each locked while it is open.
    ///
    /// - Parameter commits: who holds this lock is alone with the transactions beside the workspace.
    func abandonedTransactions(_ commits: borrowing FileLock) -> [Directory] {
        let inside = ((try? workspace.names(in: .root)) ?? []).filter { Self.isStaging($0) }
        let paths =
            transactions.map { "\(path)/\($0.name)" }
            + inside.map { "\(workspace.path)/\(String(decoding: $0, as: UTF8.self))" }.sorted()
        return paths.compactMap { path in
            guard let directory = try? Directory(path) else { return nil }
            var isLocked = flock(directory.descriptor, LOCK_EX | LOCK_NB) == 0
            // A program that a dead process was just starting still has its descriptors.
            let isDecided = [Journal.Stage.decided, .reversing].contains { stage in
                (try? directory.version(of: stage.path)) != nil
            }
            var rest = isDecided ? 1000 : 0
            while !isLocked, rest > 0 {
                usleep(2000)
                rest -= 1
                isLocked = flock(directory.descriptor, LOCK_EX | LOCK_NB) == 0
            }
            return isLocked ? directory : nil
        }
    }
}
