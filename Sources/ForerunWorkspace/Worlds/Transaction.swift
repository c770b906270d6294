import Glibc

/// Applies changes to the real directory: all of them or none, also if the process is killed in between.
///
/// Everything is checked, staged beside the workspace and written down in a journal before the first path is touched.
/// Renaming the journal to its final name decides: from then on the transaction is finished by ``Recovery`` if this process
/// does not get to it. Where it cannot go on, because somebody changes the same files at that moment or the system
/// refuses a step, it is taken back completely; the journal says so first, so that recovery does the same.
struct Transaction {
    /// How a transaction is made.
    struct Options: Sendable {
        /// The run that it belongs to; its old versions are kept for undoing. `nil`: nobody will want that.
        var run: Journal.Run?
        /// The world whose changes these are, for the run's log.
        var world: Int?
        /// Called when everything is ready, before it is decided; what it throws is the end of the transaction.
        var willDecide: @Sendable () throws -> Void = {}
        /// Waits for the disk, so that also a power failure leaves all or nothing. Without, only death of the process does.
        var isSynchronized = true
        /// Called before each change on the disk; tests end the process there.
        var onStep: (@Sendable () -> Void)?
        /// For tests: as if the file system could not let two files change places.
        var canExchange = true
    }

    /// What a path looked like after it was committed from a layer.
    struct Mark: Sendable {
        let layer: Int
        let signature: Signature
    }

    /// Why nothing was changed, or what else is the case.
    enum Problem: Error {
        /// These paths were changed by others.
        case conflict([RelativePath])
        case file(FileError)
        /// The log of the run cannot be written.
        case unrecorded(String)
        /// It could not go on, and these paths could not be put back; their old versions lie in the directory.
        case halfway(FileError?, [RelativePath], kept: String)
    }

    let root: Directory
    /// A directory of its own, on the same mounted file system as ``root``, and empty.
    let place: Directory
    let changes: [RelativePath: (change: Change, layer: Int)]
    let options: Options
    let paths: [RelativePath]
    /// Where undoing takes old versions from.
    let restored: [RelativePath: OldVersion]
    var present: [RelativePath: Signature] = [:]
    var versions: [RelativePath: Version] = [:]
    private(set) var journal: Journal
    /// The files and links that moved: their change times mean nothing.
    private(set) var moved: Set<UInt64> = []

    init(
        _ changes: [RelativePath: (change: Change, layer: Int)], to root: Directory, in place: Directory,
        options: Options = Options(), restored: [RelativePath: OldVersion] = [:], undoes: [RelativePath] = []
    ) throws(FileError) {
        self.changes = changes
        self.restored = restored
        self.root = root
        self.place = place
        self.options = options
        paths = changes.keys.sorted()
        journal = Journal(
            root: try root.version(of: .root)?.inode ?? 0, time: Signature.now(), run: options.run,
            world: options.world, undoes: undoes)
    }

    /// Checks, stages, decides and applies. Whatever this throws, ``clear()`` comes next unless it is `halfway`.
    ///
    /// - Parameter isExpected: whether what is there now, `nil` for nothing, is what the change was based on.
    mutating func run(isExpected: (RelativePath, Origin?, Signature?) -> Bool) throws(Problem) {
        do {
            try check(isExpected)
            plan()
            try stage()
            try write()
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .file((error as? FileError) ?? FileError("prepare a commit", code: EIO))
        }
        do { try options.willDecide() } catch { throw .unrecorded("\(error)") }
        do { try decide() } catch { throw .file(error) }
        try apply()
    }

    mutating func note(_ operations: [Journal.Operation], _ modes: [Journal.Mode]) {
        journal.operations = operations
        journal.modes = modes
    }

    // MARK: - The change itself

    private func write() throws(FileError) {
        options.onStep?()
        try place.create(Journal.Stage.planned.path, content: journal.encoded, mode: 0o600, modified: journal.time)
        if options.isSynchronized {
            if isSmall {
                for (index, operation) in journal.operations.enumerated() where operation.new?.kind == .file {
                    try place.synchronize(Journal.new(index))
                }
                try place.synchronize(Journal.Stage.planned.path)
            } else {
                try place.synchronizeAll()
            }
        }
    }

    private func decide() throws(FileError) {
        options.onStep?()
        try place.rename(Journal.Stage.planned.path, to: Journal.Stage.decided.path, of: place)
        if options.isSynchronized { try place.synchronize(.root) }
    }

    /// Few enough that waiting for each file is faster than waiting for the whole disk.
    private var isSmall: Bool { journal.operations.count <= 4 }

    private mutating func apply() throws(Problem) {
        var replay = JournalReplay(
            journal, in: place, to: root, canExchange: options.canExchange, onStep: options.onStep)
        do {
            try replay.forward()
            try Self.synchronize(journal, in: root, isSynchronized: options.isSynchronized)
        } catch {
            let obstacle =
                (error as? JournalReplay.Obstacle) ?? .file((error as? FileError) ?? FileError("", code: EIO))
            moved = Set(journal.operations.compactMap { $0.old?.inode })
            try? place.rename(Journal.Stage.decided.path, to: Journal.Stage.reversing.path, of: place)
            if options.isSynchronized { try? place.synchronize(.root) }
            let remains = replay.backward()
            guard remains.isEmpty else {
                if remains.failed.isEmpty {
                    try? place.rename(Journal.Stage.reversing.path, to: Journal.Stage.halfway.path, of: place)
                }
                throw .halfway(remains.error, remains.changed + remains.failed, kept: place.path)
            }
            switch obstacle {
            case .changed(let path): throw .conflict([path])
            case .file(let error): throw .file(error)
            }
        }
        for operation in journal.operations {
            if let old = operation.old, old.kind == .file { moved.insert(old.inode) }
        }
    }

    /// Waits until what a journal did is on the disk.
    static func synchronize(_ journal: Journal, in root: Directory, isSynchronized: Bool) throws(FileError) {
        guard isSynchronized else { return }
        let last = Dictionary(journal.operations.map { ($0.path.parent ?? .root, $0.path) }) { $1 }
        if last.count > 4 { return try root.synchronizeAll() }
        var parents = Parents(of: root)
        for path in last.values.sorted() {
            do { try parents.synchronize(parentOf: path) } catch {
                guard [EACCES, ENOENT, ENOTDIR, ELOOP].contains(error.code) else { throw error }
                // Not readable, or removed by this very transaction.
                return try root.synchronizeAll()
            }
        }
    }

    // MARK: - Afterwards

    /// How the changed paths look now: what later layers stacked on these are checked against.
    func marks() -> [RelativePath: Mark] {
        var marks: [RelativePath: Mark] = [:]
        var parents = Parents(of: root)
        for path in paths {
            guard let layer = changes[path]?.layer, let status = try? parents.status(of: path) else { continue }
            marks[path] = Mark(layer: layer, signature: Signature(status))
        }
        return marks
    }

    /// Removes the directory, whose journal is not one that recovery would act on.
    func clear() { Self.clear(place, onStep: options.onStep) }

    /// Removes the directory of a transaction that is over or that never began.
    static func clear(_ place: Directory, onStep: (@Sendable () -> Void)? = nil) {
        onStep?()
        for stage in [Journal.Stage.decided, .reversing, .done] {
            try? place.rename(stage.path, to: Journal.Stage.void.path, of: place)
        }
        guard let names = try? place.names(in: .root) else { return }
        // The journal goes last: without it, what is left could not be told from a transaction that never began. Either is removed.
        for name in names where !name.elementsEqual(Journal.Stage.void.rawValue.utf8) {
            onStep?()
            try? place.removeTree(RelativePath(bytes: name))
        }
        try? place.remove(Journal.Stage.void.path, isDirectory: false)
        onStep?()
        rmdir(place.path)
    }
}
