import Glibc

/// Carries out a journal, or takes it back, from wherever it was left. Doing either twice changes nothing more.
///
/// Everything is moved by renaming between the workspace and the directory of the transaction; nothing is written to and
/// nothing deleted. What somebody else put into a path in the meantime is noticed after the move, and moved back.
struct JournalReplay: ~Copyable {
    let journal: Journal
    /// The directory of the transaction, on the same mounted file system as the workspace.
    let place: Directory
    var parents: Parents
    /// Called before each change; tests end the process there.
    let onStep: (@Sendable () -> Void)?
    /// Whether the file system lets two files change places; learnt by trying.
    private var canExchange: Bool

    init(
        _ journal: Journal, in place: Directory, to root: Directory, canExchange: Bool = true,
        onStep: (@Sendable () -> Void)? = nil
    ) {
        self.journal = journal
        self.place = place
        parents = Parents(of: root)
        self.canExchange = canExchange
        self.onStep = onStep
    }

    /// Why it could not go on.
    enum Obstacle: Error {
        /// Somebody else changed this path.
        case changed(RelativePath)
        case file(FileError)
    }

    /// What was not taken back.
    struct Remains: Sendable, Hashable {
        /// Changed by others, so left as they are.
        var changed: [RelativePath] = []
        /// What the system refused, with the reason.
        var failed: [RelativePath] = []
        var error: FileError?
        var isEmpty: Bool { changed.isEmpty && failed.isEmpty }
    }

    // MARK: - Forwards

    mutating func forward() throws(Obstacle) {
        do {
            try openModes(backwards: false)
            for index in journal.operations.indices { try perform(index) }
            parents.reset()
            for mode in journal.modes.reversed() {
                guard let after = mode.after else { continue }
                onStep?()
                try parents.setMode(of: mode.path, inode: mode.inode, to: after)
            }
        } catch let obstacle as Obstacle {
            throw obstacle
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .file(FileError("finish a commit", code: EIO))
        }
    }

    private mutating func perform(_ index: Int) throws {
        let operation = journal.operations[index]
        let (path, staged, aside) = (operation.path, Journal.new(index), Journal.old(index))
        let atStaged = operation.new == nil ? nil : try place.version(of: staged)
        let isStaged = atStaged != nil && atStaged?.inode == operation.new?.inode
        if let old = operation.old {
            if atStaged != nil, !isStaged {
                guard try isIntact(staged, old) else { throw Obstacle.changed(path) }
                return
            }
            if try place.version(of: aside) != nil {
                guard try isIntact(aside, old) else { throw Obstacle.changed(path) }
            } else if operation.new == nil || isStaged {
                if isStaged, canExchange, try exchange(index, path, old) { return }
                try take(index, path, old)
            }
        }
        if isStaged { try put(index, path) }
    }

    /// Lets the new and the old version change places.
    ///
    /// - Returns: `false` where the file system cannot do that.
    private mutating func exchange(_ index: Int, _ path: RelativePath, _ old: Version) throws -> Bool {
        let parent = try parent(of: path)
        let (staged, name) = (Journal.new(index), Self.name(of: path))
        onStep?()
        switch place.rename(staged, to: name, in: parent, .exchange) {
        case 0: break
        case ENOENT, ENOTDIR: throw Obstacle.changed(path)
        case EINVAL, ENOSYS, ENOTSUP:
            canExchange = false
            return false
        case let code: throw FileError("replace \(path)", code: code)
        }
        if try isIntact(staged, old) { return true }
        _ = place.rename(staged, to: name, in: parent, .exchange)
        throw Obstacle.changed(path)
    }

    private mutating func take(_ index: Int, _ path: RelativePath, _ old: Version) throws {
        let aside = Journal.old(index)
        onStep?()
        let parent = try parent(of: path)
        try move(Self.name(of: path), of: parent, to: aside, named: path)
        if try isIntact(aside, old) { return }
        _ = place.rename(aside, to: Self.name(of: path), in: parent, .noReplace)
        throw Obstacle.changed(path)
    }

    private mutating func put(_ index: Int, _ path: RelativePath) throws {
        onStep?()
        let parent = try parent(of: path)
        switch try place(Journal.new(index), at: path, in: parent) {
        case 0: break
        case EEXIST, ENOTEMPTY: throw Obstacle.changed(path)
        case let code: throw FileError("make \(path)", code: code)
        }
    }

    /// The directory that holds `path`; an ``Obstacle`` where somebody removed or replaced it.
    private mutating func parent(of path: RelativePath) throws -> Int32 {
        do { return try parents.parent(of: path) } catch {
            if [ENOENT, ENOTDIR, ELOOP].contains(error.code) { throw Obstacle.changed(path.parent ?? path) }
            throw error
        }
    }

    /// Moves what lies in the directory of the transaction into the workspace, where nothing may be.
    private func place(_ name: RelativePath, at path: RelativePath, in parent: Int32) throws -> Int32 {
        let code = place.rename(name, to: Self.name(of: path), in: parent, .noReplace)
        guard code == EINVAL || code == ENOSYS || code == ENOTSUP else { return code }
        // The file system cannot look and rename in one step.
        if try Parents.status(of: Self.name(of: path), in: parent, named: path) != nil { return EEXIST }
        return name.withCString { from in
            Self.name(of: path).withCString { renameat(place.descriptor, from, parent, $0) == 0 ? 0 : errno }
        }
    }

    private func move(
        _ name: RelativePath, of parent: Int32, to aside: RelativePath, named path: RelativePath
    ) throws {
        let code = name.withCString { from in
            aside.withCString { renameat(parent, from, place.descriptor, $0) == 0 ? 0 : errno }
        }
        if code == ENOENT || code == ENOTDIR { throw Obstacle.changed(path) }
        if code != 0 { throw FileError("remove \(path)", code: code) }
    }

    /// Whether what was moved to the directory of the transaction is what was meant: a directory is empty by then.
    private func isIntact(_ name: RelativePath, _ expected: Version) throws(FileError) -> Bool {
        guard let found = try place.version(of: name), found.isSame(as: expected) else { return false }
        if found.kind != .directory { return found.mode == expected.mode }
        return try place.names(in: name).isEmpty
    }

    private static func name(of path: RelativePath) -> RelativePath { RelativePath(bytes: Array(path.name)) }

    /// Makes directories changeable that are not, until the end.
    private mutating func openModes(backwards: Bool) throws(FileError) {
        for mode in journal.modes {
            guard let current = mode.before ?? (backwards ? mode.after : nil), current & 0o700 != 0o700 else {
                continue
            }
            onStep?()
            try parents.setMode(of: mode.path, inode: mode.inode, to: current | 0o700)
        }
    }

    // MARK: - Backwards

    mutating func backward() -> Remains {
        var remains = Remains()
        func note(_ path: RelativePath, _ error: any Error) {
            guard let error = error as? FileError else { return remains.changed.append(path) }
            remains.failed.append(path)
            remains.error = remains.error ?? error
        }
        parents.reset()
        do { try openModes(backwards: true) } catch { note(.root, error) }
        for index in journal.operations.indices.reversed() {
            do { try reverse(index) } catch { note(journal.operations[index].path, error) }
        }
        parents.reset()
        for mode in journal.modes.reversed() {
            guard let before = mode.before else { continue }
            onStep?()
            do { try parents.setMode(of: mode.path, inode: mode.inode, to: before) } catch { note(mode.path, error) }
        }
        return remains
    }

    private mutating func reverse(_ index: Int) throws {
        let operation = journal.operations[index]
        let (path, staged, aside) = (operation.path, Journal.new(index), Journal.old(index))
        let atStaged = try place.version(of: staged)
        let isPlaced = operation.new.map { atStaged?.inode != $0.inode } ?? false
        // Whatever lies there now came from the workspace.
        if isPlaced, atStaged != nil { return try reverseExchange(operation, staged) }
        if isPlaced, let new = operation.new, let now = try parents.status(of: path).map({ Version($0) }) {
            guard now.isSame(as: new) else { throw Obstacle.changed(path) }
            onStep?()
            let parent = try parents.parent(of: path)
            try move(Self.name(of: path), of: parent, to: staged, named: path)
            if now.kind == .directory, try !place.names(in: staged).isEmpty {
                // Somebody put something into it.
                _ = try place(staged, at: path, in: parent)
                throw Obstacle.changed(path)
            }
        }
        if operation.old != nil, try place.version(of: aside) != nil { try putBack(aside, to: path) }
    }

    private mutating func reverseExchange(_ operation: Journal.Operation, _ staged: RelativePath) throws {
        guard let now = try parents.status(of: operation.path).map({ Version($0) }) else {
            return try putBack(staged, to: operation.path)
        }
        guard let new = operation.new, now.isSame(as: new) else { throw Obstacle.changed(operation.path) }
        let parent = try parents.parent(of: operation.path)
        let name = Self.name(of: operation.path)
        onStep?()
        let code = place.rename(staged, to: name, in: parent, .exchange)
        if code != 0 { throw FileError("put back \(operation.path)", code: code) }
        if now.kind == .directory, try !place.names(in: staged).isEmpty {
            _ = place.rename(staged, to: name, in: parent, .exchange)
            throw Obstacle.changed(operation.path)
        }
    }

    private mutating func putBack(_ name: RelativePath, to path: RelativePath) throws {
        onStep?()
        let parent = try parent(of: path)
        switch try place(name, at: path, in: parent) {
        case 0: break
        case EEXIST, ENOTEMPTY: throw Obstacle.changed(path)
        case let code: throw FileError("put back \(path)", code: code)
        }
    }
}
