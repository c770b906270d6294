import Glibc

/// A private copy of a world on disk, for commands to run in.
///
/// It remembers where everything in it came from, so making it a copy of another world costs only what differs, and
/// how everything looked, so what a command changed is found by looking, not by reading.
struct Tree: Sendable {
    let directory: Directory
    private(set) var origins: [RelativePath: Origin] = [:]
    private(set) var signatures: [RelativePath: Signature] = [:]
    /// Files that could not be read, with empty ones in their place.
    private var unreadable: Set<RelativePath> = []
    /// What files held that had been changed just before they were copied.
    private var recent: [RelativePath: ContentDigest] = [:]
    /// When the world that it is a copy of was looked at, in nanoseconds since 1970.
    private var looked: Int64 = 0
    /// The last layer that went into it, to find the tree that has the least to do.
    private(set) var top = 0

    /// - Parameter directory: empty.
    init(directory: Directory) { self.directory = directory }

    /// Makes this a copy of `view`.
    ///
    /// - Parameter isSame: whether two origins of a path stand for the same content.
    /// - Throws: also `CancellationError`; the tree is of no use then.
    mutating func update(
        to view: View, cancellation: Cancellation = Cancellation(), isSame: (RelativePath, Origin, Origin) -> Bool
    ) throws {
        looked = Signature.now()
        let entries = try view.entries()
        var opened: [RelativePath: UInt32] = [:]
        for path in origins.keys.filter({ entries[$0] == nil }).sorted(by: >) {
            try open(path.parent, remembering: &opened)
            try directory.removeTree(path)
            forget(path)
        }
        let stale = entries.filter { path, entry in
            guard let origin = origins[path] else { return true }
            return origin != entry.origin && !isSame(path, origin, entry.origin)
        }
        let paths = stale.keys.sorted()
        for path in paths {
            guard let entry = stale[path] else { continue }
            try cancellation.check()
            do {
                try open(path.parent, remembering: &opened)
                try put(entry, at: path, from: view)
            } catch let error as FileError where error.code == ENOENT && entry.origin.isBase {
                // Gone since it was listed: it is not there, then.
                forget(path)
            }
        }
        // A directory's time moves and its mode may forbid writing, so they come last.
        for (path, mode) in opened.sorted(by: { $0.key > $1.key }) where origins[path] != nil {
            try directory.setMode(path, mode)
            signatures[path] = try directory.signature(of: path)
        }
        for path in paths.reversed() {
            guard let entry = stale[path], origins[path] != nil, entry.kind == .directory else { continue }
            if let modified = entry.modified { directory.setModified(path, modified) }
            signatures[path] = try directory.signature(of: path)
        }
    }

    /// Makes entries of a write-protected directory changeable until its own mode is set again.
    private func open(_ path: RelativePath?, remembering opened: inout [RelativePath: UInt32]) throws {
        guard let path, let mode = signatures[path]?.mode, mode & 0o300 != 0o300, opened[path] == nil else { return }
        opened[path] = mode
        try directory.setMode(path, mode | 0o300)
    }

    private mutating func put(_ entry: View.Entry, at path: RelativePath, from view: View) throws {
        let isPresent = signatures[path]
        if let isPresent, !(isPresent.kind == .directory && entry.kind == .directory) {
            try directory.removeTree(path)
            forget(path)
        }
        switch entry.kind {
        case .directory:
            if isPresent?.kind == .directory {
                try directory.setMode(path, entry.mode)
            } else {
                try directory.createDirectory(path, mode: entry.mode)
            }
        case .symlink:
            try directory.createSymlink(path, target: try view.target(of: path, entry))
        case .file:
            try putFile(entry, at: path, from: view)
        case .special:
            return
        }
        if case .base(let signature) = entry.origin {
            directory.setOwner(path, like: signature)
            // Changing the owner clears set-id bits.
            if entry.mode & 0o6000 != 0 { try directory.setMode(path, entry.mode) }
            if entry.kind == .symlink { directory.setModified(path, signature.modified) }
        }
        origins[path] = entry.origin
        signatures[path] = try directory.signature(of: path)
    }

    private mutating func putFile(_ entry: View.Entry, at path: RelativePath, from view: View) throws {
        if case .content(let content) = entry.body {
            return try content.write(to: path, of: directory, mode: entry.mode, modified: entry.modified ?? 0)
        }
        do {
            try directory.create(
                path, copying: path, of: view.base, mode: entry.mode, modified: entry.modified ?? 0)
            if case .base(let signature) = entry.origin, signature.isRecent(at: looked) {
                recent[path] = ContentDigest(of: try directory.content(of: path))
            }
        } catch {
            guard error.code == EACCES || error.code == EPERM else { throw error }
            try directory.create(path, content: [], mode: entry.mode, modified: entry.modified ?? 0)
            unreadable.insert(path)
        }
    }

    private mutating func forget(_ path: RelativePath) {
        origins[path] = nil
        signatures[path] = nil
        unreadable.remove(path)
        recent[path] = nil
    }
}

extension Tree {
    /// A file that could not be copied was changed: its true content is unknown.
    struct UnreadableChanged: Error { let path: RelativePath }

    /// What a command changed since ``update(to:cancellation:isSame:)``, as the changes of layer `layer`, and protected
    /// paths whose changes are left out.
    ///
    /// From here on the changed paths come from that layer. Sockets, pipes and devices are removed: they cannot be part
    /// of a world.
    ///
    /// - Parameter start: when the command started, in nanoseconds since 1970.
    mutating func takeChanges(
        since start: Int64, layer: Int, view: View, store: ContentStore, roots: [String] = []
    ) throws -> (changes: [RelativePath: Change], refused: [RelativePath]) {
        let after = try current()
        var changes: [RelativePath: Change] = [:]
        var refused: [RelativePath] = []
        for (path, signature) in after {
            let earlier = signatures[path]
            if earlier == signature, !(signature.kind == .file && signature.isRecent(at: start)) { continue }
            if let earlier, try isSame(path, earlier, signature, in: view) { continue }
            if unreadable.contains(path) { throw UnreadableChanged(path: path) }
            if try !isAllowed(path, signature, in: view, roots: roots) {
                refused.append(path)
                continue
            }
            changes[path] = Change(
                try state(of: path, signature, store: store), expected: origins[path], expectedContent: recent[path])
        }
        for path in signatures.keys where after[path] == nil {
            changes[path] = Change(.removed, expected: origins[path], expectedContent: recent[path])
        }
        var unknown = refused
        for path in try BareRepositories.refused(of: changes, on: view) {
            refused.append(path)
            unknown += after.keys.filter { $0.isWithin(path) }
            changes = changes.filter { !$0.key.isWithin(path) }
        }

        signatures = after
        top = layer
        for (path, change) in changes {
            origins[path] = change.kind == nil ? nil : .layer(layer)
            if change.kind == nil { unreadable.remove(path) }
            recent[path] = nil
        }
        // Put right the next time that this tree is used.
        for path in unknown { origins[path] = .unknown }
        if !refused.isEmpty { top = 0 }
        return (changes, refused.sorted())
    }

    private func isAllowed(
        _ path: RelativePath, _ signature: Signature, in view: View, roots: [String]
    ) throws -> Bool {
        try ProtectedPaths.allow(path, signature.kind, roots: roots) {
            try directory.content(of: path)
        } before: {
            guard let entry = try view.entry(at: path), entry.kind == .file else { return nil }
            return try view.content(of: path, entry)
        }
    }

    /// Takes note of what a command changed that was ended early, without keeping it: ``update(to:cancellation:isSame:)`` puts these
    /// paths right.
    mutating func forgetChanges(since start: Int64) throws {
        let after = try current()
        for (path, signature) in after
        where signatures[path] != signature || (signature.kind == .file && signature.isRecent(at: start)) {
            origins[path] = .unknown
        }
        for path in signatures.keys where after[path] == nil { origins[path] = nil }
        signatures = after
    }

    /// How everything looks now. Sockets, pipes and devices are removed.
    private func current() throws -> [RelativePath: Signature] {
        var after: [RelativePath: Signature] = [:]
        var specials: [RelativePath] = []
        try directory.walk { path, signature in
            if signature.kind == .special { specials.append(path) } else { after[path] = signature }
            return true
        }
        for path in specials { try directory.remove(path, isDirectory: false) }
        return after
    }

    private func isSame(
        _ path: RelativePath, _ earlier: Signature, _ now: Signature, in view: View
    ) throws -> Bool {
        guard earlier.kind == now.kind, earlier.mode == now.mode else { return false }
        switch now.kind {
        case .directory: return true
        case .special: return true
        case .symlink:
            guard let entry = try view.entry(at: path), entry.kind == .symlink else { return false }
            return try view.target(of: path, entry) == directory.target(of: path)
        case .file:
            guard earlier.size == now.size, earlier.modified == now.modified else { return false }
            if unreadable.contains(path) { return true }
            // Same size and time: only the content can tell.
            guard let entry = try view.entry(at: path), entry.kind == .file,
                let now = try? directory.content(of: path)
            else { return false }
            return try view.content(of: path, entry) == now
        }
    }

    private func state(of path: RelativePath, _ signature: Signature, store: ContentStore) throws -> Change.State {
        switch signature.kind {
        case .directory: return .directory(mode: signature.mode & 0o1777)
        case .symlink: return .symlink(target: try directory.target(of: path))
        case .file, .special:
            let content: Content
            do {
                content = try store.make(copying: path, of: directory, size: Int(signature.size))
            } catch {
                guard error.code == EACCES else { throw error }
                // The command took away its own right to read it.
                try directory.setMode(path, signature.mode | 0o400)
                defer { try? directory.setMode(path, signature.mode) }
                content = try store.make(copying: path, of: directory, size: Int(signature.size))
            }
            // Set-id bits never leave a branch.
            return .file(content, mode: signature.mode & 0o1777, modified: signature.modified)
        }
    }
}

extension Origin {
    /// The same as nothing else: layers are numbered from 1.
    static let unknown = Origin.layer(0)

    var isBase: Bool { if case .base = self { true } else { false } }
}
