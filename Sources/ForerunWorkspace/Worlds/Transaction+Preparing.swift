import Glibc

/// Before anything is touched.
extension Transaction {
    /// Looks at every path, and refuses what was changed by others and what would lose something.
    mutating func check(_ isExpected: (RelativePath, Origin?, Signature?) -> Bool) throws {
        var parents = Parents(of: root)
        var conflicts: [RelativePath] = []
        for path in paths {
            guard let change = changes[path]?.change else { continue }
            let status = try parents.status(of: path)
            let now = status.map { Signature($0) }
            present[path] = now
            versions[path] = status.map { Version($0) }
            guard isExpected(path, change.expected, now), try hasExpectedContent(path, change, now) else {
                conflicts.append(path)
                continue
            }
            if change.kind != nil, let parent = try missingParent(of: path, &parents) { conflicts.append(parent) }
            if now?.kind == .directory, change.kind != .directory {
                for name in try root.names(in: path) where changes[path.appending(name)]?.change.kind != .some(nil) {
                    conflicts.append(path.appending(name))
                }
            }
        }
        if !conflicts.isEmpty { throw Problem.conflict(Array(Set(conflicts)).sorted()) }
    }

    /// The directory of `path`, if it neither is there nor will be.
    private func missingParent(of path: RelativePath, _ parents: inout Parents) throws(FileError) -> RelativePath? {
        guard let parent = path.parent, !parent.isRoot else { return nil }
        if let change = changes[parent]?.change { return change.kind == .directory ? nil : parent }
        do {
            _ = try parents.parent(of: path)
            return nil
        } catch {
            guard [ENOENT, ENOTDIR, ELOOP].contains(error.code) else { throw error }
            return parent
        }
    }

    /// A file that was changed just before it was looked at may have been changed again with the same time.
    private func hasExpectedContent(_ path: RelativePath, _ change: Change, _ now: Signature?) throws -> Bool {
        guard let digest = change.expectedContent, now?.kind == .file else { return true }
        return ContentDigest(of: try root.content(of: path)) == digest
    }

    // MARK: - The plan

    /// Parents before what they hold, removals last, so that programs that look on miss as little as possible.
    mutating func plan() {
        let flips = paths.filter { path in
            guard let now = present[path]?.kind, let then = changes[path]?.change.kind else { return false }
            return now == .directory && then != .directory
        }
        let removals = paths.reversed().filter { changes[$0]?.change.kind == nil && present[$0] != nil }
        let isEarly = { (path: RelativePath) in flips.contains { path.isWithin($0) } }
        let early = flips.isEmpty ? [] : removals.filter(isEarly)
        let late = flips.isEmpty ? removals : removals.filter { !isEarly($0) }
        let puts = paths.filter { path in
            guard let kind = changes[path]?.change.kind else { return false }
            return !(kind == .directory && present[path]?.kind == .directory)
        }
        note(
            (early + puts + late).map { Journal.Operation(path: $0, old: versions[$0], new: nil) }, modes())
    }

    /// The directories whose modes change. The inodes of those that are made are filled in when they are staged.
    private func modes() -> [Journal.Mode] {
        var modes: [RelativePath: Journal.Mode] = [:]
        for path in paths {
            guard let change = changes[path]?.change else { continue }
            let now = versions[path]
            if case .directory(let mode) = change.state {
                let isThere = now?.kind == .directory
                modes[path] = Journal.Mode(
                    path: path, inode: isThere ? now?.inode ?? 0 : 0, before: isThere ? now?.mode : nil,
                    after: restored[path]?.version.mode ?? permitted(mode, over: isThere ? now : nil))
            } else if now?.kind == .directory, let now {
                modes[path] = Journal.Mode(path: path, inode: now.inode, before: now.mode, after: nil)
            }
        }
        // A command may have made a directory changeable and back: the same is done here.
        var parents = Parents(of: root)
        for parent in Set(paths.compactMap(\.parent)).sorted() where modes[parent] == nil {
            guard let now = try? parents.status(of: parent).map({ Version($0) }), now.kind == .directory,
                now.mode & 0o300 != 0o300
            else { continue }
            modes[parent] = Journal.Mode(path: parent, inode: now.inode, before: now.mode, after: now.mode)
        }
        return modes.values.sorted { $0.path < $1.path }
    }

    /// Set-id bits never leave a branch: only those that are there stay.
    private func permitted(_ mode: UInt32, over present: Version?) -> UInt32 {
        mode & 0o1777 | (mode & 0o6000 & (present?.mode ?? 0))
    }

    // MARK: - Staging

    /// Makes the new versions beside the workspace.
    mutating func stage() throws {
        var parents = Parents(of: root)
        var operations = journal.operations
        var made: [RelativePath: UInt64] = [:]
        for (index, operation) in operations.enumerated() {
            guard let change = changes[operation.path]?.change, change.kind != nil else { continue }
            let name = Journal.new(index)
            options.onStep?()
            switch change.state {
            case .removed: continue
            case .directory(let mode):
                try place.createDirectory(name, mode: mode & 0o1777 | 0o700)
                if let old = restored[operation.path]?.version { place.setOwner(name, old.owner, old.group) }
            case _ where restored[operation.path] != nil: try restored[operation.path]?.stage(as: name, in: place)
            case .symlink(let target): try place.createSymlink(name, target: target)
            case .file(let content, let mode, let modified):
                try stage(content, mode: mode, modified: modified, as: name, over: operation, &parents)
            }
            let version = try place.version(of: name)
            operations[index] = Journal.Operation(path: operation.path, old: operation.old, new: version)
            made[operation.path] = version?.inode
        }
        let modes = journal.modes.map { mode in
            mode.before == nil
                ? Journal.Mode(path: mode.path, inode: made[mode.path] ?? 0, before: nil, after: mode.after) : mode
        }
        note(operations, modes)
    }

    private func stage(
        _ content: Content, mode: UInt32, modified: Int64, as name: RelativePath, over operation: Journal.Operation,
        _ parents: inout Parents
    ) throws {
        var mode = mode
        if mode & 0o6000 != 0 {
            let isSame = try operation.old?.kind == .file && content.bytes() == root.content(of: operation.path)
            mode = permitted(mode, over: isSame ? operation.old : nil)
        }
        try content.write(to: name, of: place, mode: mode, modified: modified)
        guard let now = present[operation.path], now.kind == .file else { return }
        place.setOwner(name, like: now)
        // Changing the owner clears them.
        if mode & 0o6000 != 0 { try place.setMode(name, mode) }
        try Attributes.copy(
            RelativePath(bytes: Array(operation.path.name)), of: try parents.parent(of: operation.path), to: name,
            of: place)
        place.setModified(name, modified)
    }
}
