import Glibc

/// Reads what a command changed from the upper layer of its overlay.
///
/// Files are not copied: the changes refer to the layer. Sockets, pipes and devices are removed from it, since they cannot be
/// part of a world.
struct LayerScan {
    let layer: LayerDirectory
    /// What the command started from.
    let view: View
    let store: ContentStore
    /// The absolute paths that stand for the workspace.
    let roots: [String]
    private var changes: [RelativePath: Change] = [:]
    private var refused: [RelativePath] = []
    /// Directories to look into. Not by recursion: a command may make more levels than a thread has room for.
    private var pending = [(path: RelativePath.root, isOpaque: false)]
    private var upper: Directory { layer.workspace }

    private init(_ layer: LayerDirectory, view: View, store: ContentStore, roots: [String]) {
        self.layer = layer
        self.view = view
        self.store = store
        self.roots = roots
    }

    /// - Returns: what changed, and protected paths whose changes have been taken back.
    static func changes(
        in layer: LayerDirectory, on view: View, store: ContentStore, roots: [String]
    ) throws -> (changes: [RelativePath: Change], refused: [RelativePath]) {
        var scan = LayerScan(layer, view: view, store: store, roots: roots)
        while let (directory, isOpaque) = scan.pending.popLast() { try scan.scan(directory, isOpaque: isOpaque) }
        for path in try BareRepositories.refused(of: scan.changes, on: view) { try scan.takeBack(path) }
        return (scan.changes, scan.refused.sorted())
    }

    /// - Parameter isOpaque: what was there before is hidden, so that only the layer counts.
    private mutating func scan(_ directory: RelativePath, isOpaque: Bool) throws {
        for name in try names(in: directory).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let path = directory.appending(name)
            guard let found = try upper.signature(of: path) else { continue }
            let below = try view.entry(at: path)
            if try !isAllowed(path, found, below) {
                // Removed from the layer itself: it must not be there for later commands and gone when it is committed.
                try upper.removeTree(path)
                refused.append(path)
                if isOpaque { try remove(path, below) }
                continue
            }
            switch found.kind {
            case .special:
                if upper.isWhiteout(path) {
                    try remove(path, below)
                } else {
                    try upper.remove(path, isDirectory: false)
                    // It hid what was there before.
                    try remove(path, below)
                    if below != nil { try upper.makeWhiteout(path) }
                }
            case .directory: try takeDirectory(path, found, below, isOpaque: isOpaque)
            case .symlink:
                let target = try upper.target(of: path)
                if let below, below.kind == .symlink, try view.target(of: path, below) == target { continue }
                try replace(path, below, by: .symlink(target: target))
            case .file: try takeFile(path, found, below)
            }
        }
    }

    /// What is refused once all is known.
    private mutating func takeBack(_ path: RelativePath) throws {
        let isHidden = try path.ancestors.contains { try upper.signature(of: $0)?.kind == .directory && isOpaque($0) }
        try upper.removeTree(path)
        refused.append(path)
        changes = changes.filter { !$0.key.isWithin(path) }
        if isHidden { try remove(path, view.entry(at: path)) }
    }

    private func isAllowed(_ path: RelativePath, _ found: Signature, _ below: View.Entry?) throws -> Bool {
        try ProtectedPaths.allow(path, found.kind, roots: roots) {
            try upper.content(of: path)
        } before: {
            try below.flatMap { $0.kind == .file ? try view.content(of: path, $0) : nil }
        }
    }

    private mutating func takeDirectory(
        _ path: RelativePath, _ found: Signature, _ below: View.Entry?, isOpaque: Bool
    ) throws {
        let isMerged = below?.kind == .directory
        let hides = try self.isOpaque(path)
        if isMerged, hides {
            try view.walk(path) { inner, entry in
                if try upper.signature(of: inner) == nil { changes[inner] = Change(.removed, expected: entry.origin) }
                return true
            }
        }
        let mode = found.mode & 0o1777 | Self.keptBits(found, below)
        if !isMerged {
            try replace(path, below, by: .directory(mode: mode))
        } else if below?.mode != mode {
            changes[path] = Change(.directory(mode: mode), expected: below?.origin)
        }
        pending.append((path, isOpaque || hides))
    }

    private mutating func takeFile(_ path: RelativePath, _ found: Signature, _ below: View.Entry?) throws {
        if let below, below.kind == .file, below.mode == found.mode, below.size == Int(found.size),
            below.modified == found.modified, try isSame(path, below)
        {
            return
        }
        let mode = found.mode & 0o1777 | Self.keptBits(found, below)
        let content: Content
        if found.mode & 0o400 == 0, geteuid() != 0 {
            // The command took away its own right to read it.
            try upper.setMode(path, found.mode | 0o400)
            defer { try? upper.setMode(path, found.mode) }
            content = try store.make(copying: path, of: upper, size: Int(found.size))
        } else {
            content = Content(in: layer, at: path, count: Int(found.size))
        }
        try replace(path, below, by: .file(content, mode: mode, modified: found.modified))
    }

    /// Set-id bits never leave a branch, unless they were there before.
    private static func keptBits(_ found: Signature, _ below: View.Entry?) -> UInt32 {
        guard let below, below.kind == found.kind else { return 0 }
        return below.mode & found.mode & 0o6000
    }

    /// Opened for writing and not written, a file is copied into the layer all the same.
    private func isSame(_ path: RelativePath, _ below: View.Entry) throws(FileError) -> Bool {
        do {
            return try upper.content(of: path) == view.content(of: path, below)
        } catch {
            guard error.code == EACCES else { throw error }
            return false
        }
    }

    private mutating func replace(_ path: RelativePath, _ below: View.Entry?, by state: Change.State) throws {
        if below?.kind == .directory { try removeChildren(of: path) }
        changes[path] = Change(state, expected: below?.origin)
    }

    private mutating func remove(_ path: RelativePath, _ below: View.Entry?) throws {
        guard let below else { return }
        if below.kind == .directory { try removeChildren(of: path) }
        changes[path] = Change(.removed, expected: below.origin)
    }

    private mutating func removeChildren(of path: RelativePath) throws {
        try view.walk(path) { inner, entry in
            changes[inner] = Change(.removed, expected: entry.origin)
            return true
        }
    }

    /// The names in a directory of the layer, whatever its mode.
    private func names(in path: RelativePath) throws(FileError) -> [[UInt8]] {
        try opening(path) { () throws(FileError) in try upper.names(in: path) }
    }

    private func isOpaque(_ path: RelativePath) throws(FileError) -> Bool {
        try opening(path) { () throws(FileError) in try upper.isOpaque(path) }
    }

    /// Looks at a directory; where its mode forbids that, the mode is another one meanwhile.
    private func opening<Found>(
        _ path: RelativePath, _ look: () throws(FileError) -> Found
    ) throws(FileError) -> Found {
        do {
            return try look()
        } catch {
            guard error.code == EACCES, let mode = try upper.signature(of: path)?.mode else { throw error }
            try upper.setMode(path, mode | 0o700)
            defer { try? upper.setMode(path, mode) }
            return try look()
        }
    }
}
