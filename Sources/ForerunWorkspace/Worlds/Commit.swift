import Glibc

/// Applies changes to the real directory: all of them or none.
///
/// Everything is checked and staged before the first path is touched. Each replaced or removed file is kept aside until
/// the last step succeeded, and put back if one fails.
struct Commit {
    /// What a path looked like after it was committed from a layer.
    struct Mark: Sendable {
        let layer: Int
        let signature: Signature
    }

    /// What a path held before the first commit that changed it.
    enum Original: Sendable {
        case absent
        case directory
        case symlink(target: [UInt8])
        case file(Content, mode: UInt32)
    }

    /// Why nothing was committed.
    enum Problem: Error {
        case conflict(RelativePath)
        case file(FileError)
        /// A step failed, and so did putting these paths back.
        case halfway(FileError, [RelativePath])
    }

    static let stagingPrefix = ".forerun-commit-"

    /// Whether a name in the root of a workspace is that of a staging directory, which is no part of any world.
    static func isStaging(_ name: [UInt8]) -> Bool { name.starts(with: stagingPrefix.utf8) }

    let root: Directory
    /// An empty directory on the same mounted file system as ``root``.
    let staging: Directory
    let changes: [RelativePath: (change: Change, layer: Int)]
    private let paths: [RelativePath]
    private var present: [RelativePath: Signature] = [:]
    private var staged: [RelativePath: RelativePath] = [:]
    private var kept: [RelativePath: RelativePath] = [:]
    private var undo: [Step] = []
    /// Modes of directories that are set last, since they may forbid changes.
    private var finalModes: [RelativePath: UInt32] = [:]
    private var count = 0

    private enum Step {
        case remove(RelativePath, isDirectory: Bool)
        case restore(RelativePath, from: RelativePath)
        case makeDirectory(RelativePath, Signature)
        case setMode(RelativePath, UInt32)
    }

    init(_ changes: [RelativePath: (change: Change, layer: Int)], to root: Directory, staging: Directory) {
        self.changes = changes
        self.root = root
        self.staging = staging
        paths = changes.keys.sorted()
    }

    /// - Parameter isExpected: whether what is there now, `nil` for nothing, is what the change was based on.
    mutating func run(isExpected: (RelativePath, Origin?, Signature?) -> Bool) throws(Problem) {
        do {
            try check(isExpected)
            try stage()
        } catch let error as FileError {
            throw .file(error)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw .conflict(.root)
        }
        do {
            try apply()
        } catch {
            let stuck = rollBack()
            if !stuck.isEmpty { throw .halfway(error, stuck) }
            // Somebody put something into a directory between the check and now.
            if error.code == ENOTEMPTY || error.code == EEXIST { throw .conflict(undoneAt ?? .root) }
            throw .file(error)
        }
    }

    private var undoneAt: RelativePath?

    // MARK: - Before anything is touched

    private mutating func check(_ isExpected: (RelativePath, Origin?, Signature?) -> Bool) throws {
        for path in paths {
            let now = try root.signature(of: path)
            present[path] = now
            guard let change = changes[path]?.change else { continue }
            guard isExpected(path, change.expected, now) else { throw Problem.conflict(path) }
            if change.kind != nil { try checkParents(of: path) }
            if now?.kind == .directory, change.kind != .directory {
                for name in try root.names(in: path) {
                    let child = path.appending(name)
                    guard let change = changes[child]?.change, change.kind == nil else { throw Problem.conflict(child) }
                }
            }
        }
    }

    private func checkParents(of path: RelativePath) throws {
        for parent in path.ancestors {
            if let change = changes[parent]?.change {
                guard change.kind == .directory else { throw Problem.conflict(parent) }
            } else if try root.signature(of: parent)?.kind != .directory {
                throw Problem.conflict(parent)
            }
        }
    }

    private mutating func stage() throws {
        for path in paths {
            guard let change = changes[path]?.change else { continue }
            let name = RelativePath("n\(staged.count)")
            switch change.state {
            case .removed, .directory: continue
            case .symlink(let target): try staging.createSymlink(name, target: target)
            case .file(let content, let mode, let modified):
                try content.write(to: name, of: staging, mode: mode, modified: modified)
                if let present = present[path], present.kind == .file {
                    staging.setOwner(name, like: present)
                    staging.setModified(name, modified)
                }
            }
            staged[path] = name
        }
    }

    // MARK: - The change itself

    /// Parents first, removals last, so that a commit cut off by a kill leaves too much rather than too little.
    private mutating func apply() throws(FileError) {
        let flips = paths.filter { path in
            guard let now = present[path]?.kind, let then = changes[path]?.change.kind else { return false }
            return (now == .directory) != (then == .directory)
        }
        let removals = paths.reversed().filter { changes[$0]?.change.kind == nil && present[$0] != nil }
        let isEarly = { (path: RelativePath) in flips.contains { path.isWithin($0) } }
        try openParents()
        for path in removals where isEarly(path) { try remove(path) }
        for path in flips.reversed() { try remove(path) }
        for path in paths { try put(path, isNew: present[path] == nil || flips.contains(path)) }
        for path in removals where !isEarly(path) { try remove(path) }
        for (path, mode) in finalModes.sorted(by: { $0.key > $1.key }) { try root.setMode(path, mode) }
    }

    /// Makes write-protected directories changeable until the end: a command may have done the same in between.
    private mutating func openParents() throws(FileError) {
        for parent in Set(paths.compactMap(\.parent)).sorted() {
            guard let now = try root.signature(of: parent), now.kind == .directory, now.mode & 0o300 != 0o300 else {
                continue
            }
            try root.setMode(parent, now.mode | 0o300)
            undo.append(.setMode(parent, now.mode))
            if changes[parent] == nil { finalModes[parent] = now.mode }
        }
    }

    private mutating func put(_ path: RelativePath, isNew: Bool) throws(FileError) {
        guard let change = changes[path]?.change else { return }
        undoneAt = path
        if case .directory(let mode) = change.state {
            if isNew {
                try root.createDirectory(path, mode: mode | 0o300)
                undo.append(.remove(path, isDirectory: true))
            } else if let now = present[path]?.mode {
                try root.setMode(path, mode | 0o300)
                undo.append(.setMode(path, now))
            }
            finalModes[path] = mode
            return
        }
        guard let name = staged[path] else { return }
        if isNew {
            try staging.rename(name, to: path, of: root)
            undo.append(.remove(path, isDirectory: false))
        } else {
            let aside = nextName()
            do {
                try root.link(path, to: aside, of: staging)
            } catch {
                // No second names on this file system: the path is empty for a moment.
                try root.rename(path, to: aside, of: staging)
            }
            undo.append(.restore(path, from: aside))
            kept[path] = aside
            try staging.rename(name, to: path, of: root)
        }
    }

    private mutating func remove(_ path: RelativePath) throws(FileError) {
        guard let now = present[path] else { return }
        undoneAt = path
        if now.kind == .directory {
            try root.remove(path, isDirectory: true)
            undo.append(.makeDirectory(path, now))
        } else {
            let aside = nextName()
            try root.rename(path, to: aside, of: staging)
            undo.append(.restore(path, from: aside))
            kept[path] = aside
        }
    }

    private mutating func nextName() -> RelativePath {
        count += 1
        return RelativePath("o\(count)")
    }

    /// - Returns: what could not be put back.
    private mutating func rollBack() -> [RelativePath] {
        var stuck: [RelativePath] = []
        while let step = undo.popLast() {
            switch step {
            case .remove(let path, let isDirectory):
                do { try root.remove(path, isDirectory: isDirectory) } catch { stuck.append(path) }
            case .restore(let path, let aside):
                do { try staging.rename(aside, to: path, of: root) } catch { stuck.append(path) }
            case .makeDirectory(let path, let signature):
                do {
                    try root.createDirectory(path, mode: signature.mode)
                    root.setOwner(path, like: signature)
                    root.setModified(path, signature.modified)
                } catch {
                    stuck.append(path)
                }
            case .setMode(let path, let mode):
                do { try root.setMode(path, mode) } catch { stuck.append(path) }
            }
        }
        return stuck
    }

    // MARK: - Afterwards

    /// How the changed paths look now: what later layers stacked on these are checked against.
    func marks() -> [RelativePath: Mark] {
        var marks: [RelativePath: Mark] = [:]
        for path in paths {
            guard let layer = changes[path]?.layer, let signature = try? root.signature(of: path) else { continue }
            marks[path] = Mark(layer: layer, signature: signature)
        }
        return marks
    }

    /// How the paths for which `isWanted` holds were before. Takes the files out of the staging directory.
    func originals(
        to store: ContentStore, isMovable: Bool, where isWanted: (RelativePath) -> Bool
    ) -> [RelativePath: Original] {
        var originals: [RelativePath: Original] = [:]
        for path in paths where isWanted(path) {
            guard let earlier = present[path] else {
                originals[path] = .absent
                continue
            }
            if earlier.kind == .directory { originals[path] = .directory }
            guard let aside = kept[path] else { continue }
            // What cannot be kept is missing from the list of changes, no more.
            switch earlier.kind {
            case .symlink:
                if let target = try? staging.target(of: aside) { originals[path] = .symlink(target: target) }
            case .file:
                let size = Int(earlier.size)
                let content =
                    isMovable
                    ? try? store.make(moving: aside, of: staging, size: size)
                    : try? store.make(copying: aside, of: staging, size: size)
                if let content { originals[path] = .file(content, mode: earlier.mode) }
            case .directory, .special: continue
            }
        }
        return originals
    }
}
