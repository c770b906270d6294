package import ForerunCore
import Glibc

extension UndoHistory {
    /// Opens the history of the workspace at `path`, finishing first what a process that died left.
    ///
    /// - Parameters:
    ///   - temporaryDirectory: as in ``WorkspaceOptions/temporaryDirectory``.
    ///   - onSettled: as in ``CommitOptions/onSettled``.
    /// - Throws: also where that cannot be written down.
    package static func open(
        _ path: String, temporaryDirectory: String? = nil, limits: Limits = Limits(),
        onSettled: @escaping CommitOptions.OnSettled = { _, _, _ in }
    ) throws(EnvironmentFailure) -> UndoHistory {
        let root = try Session.openRoot(path)
        do {
            let state = try StateDirectory(for: root, preferred: temporaryDirectory)
            try Recovery(state: state, history: limits, onSettled: onSettled).run().requireRecorded()
            return UndoHistory(state, limits: limits, onSettled: onSettled)
        } catch {
            throw (error as? EnvironmentFailure)
                ?? (error as? FileError)?.failure(remedy: "Check the permissions of the directory")
                ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    /// Restores the workspace to what it was before a run: in one transaction, which can be undone itself as the run
    /// `undo RUN`.
    ///
    /// - Returns: the paths that were restored.
    /// - Throws: `.conflict` with the names of what others, or later runs, changed since; nothing is changed then.
    ///
    /// - Parameters:
    ///   - runs: whose changes; `nil`: those of the run.
    ///   - isUndone: which of them, by the run and the world whose they are; `nil`: of a call that left its branch. After the
    ///     first one of a run that is undone, all are.
    @discardableResult
    package func undo(
        _ id: String, of runs: Set<String>? = nil, where isUndone: (String, Int?) -> Bool = { _, _ in true }
    ) throws(EnvironmentFailure) -> [String] {
        let run: FileLock
        do { run = try state.lockRun() } catch { throw Self.failure(error, state) }
        let restored: [RelativePath]
        do {
            let commits = try state.lockCommits()
            try Recovery(state: state, history: limits, onSettled: onSettled).run(commits).requireRecorded()
            restored = try undo(id, runs ?? [id], isUndone, commits)
            commits.release()
        } catch let problem as Transaction.Problem {
            throw Self.failure(problem)
        } catch let failure as EnvironmentFailure {
            throw failure
        } catch {
            throw (error as? FileError)?.failure(remedy: "Check the permissions in the workspace")
                ?? EnvironmentFailure(.failed, "\(error)")
        }
        run.release()
        state.removeIfEmpty()
        return restored.map(\.description)
    }

    private func undo(
        _ id: String, _ runs: Set<String>, _ isUndone: (String, Int?) -> Bool, _ commits: borrowing FileLock
    ) throws -> [RelativePath] {
        let all = entries().filter { runs.contains($0.journal.run?.id ?? "") }
        var begun: Set<String> = []
        let entries = all.filter { entry in
            guard let run = entry.journal.run?.id else { return false }
            if begun.contains(run) || isUndone(run, entry.journal.world) { begun.insert(run) }
            return begun.contains(run)
        }
        if entries.isEmpty, !all.isEmpty { return [] }
        guard !entries.isEmpty else {
            throw EnvironmentFailure(
                .unavailable, "nothing is kept of a run \(id) in \(state.workspace.path)",
                remedy: "forerun undo, without a name, lists the runs that can be undone")
        }
        guard runs.allSatisfy({ run in Self.isComplete(all.filter { $0.journal.run?.id == run }) }) else {
            throw EnvironmentFailure(
                .unavailable, "the run \(id) cannot be undone any more: not all of the old files were kept",
                remedy: "Restore them from a backup or from version control")
        }
        guard let root = try state.workspace.version(of: .root), entries.allSatisfy({ $0.journal.root == root.inode })
        else {
            throw EnvironmentFailure(
                .conflict, "\(state.workspace.path) is not the directory that the run \(id) changed",
                remedy: "Move that directory back")
        }
        let reversal = try Reversal(entries, store: ContentStore(directory: state.workspace))
        let place = try state.makeTransaction(commits)
        var options = Transaction.Options()
        options.run = next(of: "undo \(id)")
        options.onStep = onStep
        var transaction = try Transaction(
            reversal.changes, to: state.workspace, in: place, options: options, restored: reversal.restored,
            undoes: entries.map { RelativePath(bytes: Array(RelativePath($0.place.path).name)) })
        do {
            try transaction.run { path, _, now in reversal.isUntouched(path, now) }
        } catch {
            if case .halfway = error { throw error }
            transaction.clear()
            throw error
        }
        try conclude(transaction.journal, in: place, commits)
        return reversal.changes.keys.sorted()
    }

    private static func failure(_ problem: Transaction.Problem) -> EnvironmentFailure {
        guard case .conflict(let paths) = problem else { return problem.failure }
        return EnvironmentFailure(
            .conflict, "changed since by others or by a later run: \(paths.named); nothing was undone",
            remedy: "Undo those changes first, or restore these files by hand")
    }

    static func failure(_ failure: FileLock.Failure, _ state: StateDirectory) -> EnvironmentFailure {
        switch failure {
        case .held(let process):
            EnvironmentFailure(
                .unavailable,
                "\(state.workspace.path) is in use by another run" + (process.map { " (process \($0))" } ?? ""),
                remedy: "Wait for it to end, or end it")
        case .file(let error): error.failure(remedy: "Check the permissions of the directory")
        }
    }
}

/// The changes that lead back over several transactions at once.
private struct Reversal {
    private(set) var changes: [RelativePath: (change: Change, layer: Int)] = [:]
    private(set) var restored: [RelativePath: OldVersion] = [:]
    /// What the last transaction left.
    private var left: [RelativePath: Version] = [:]
    private var leftModes: [RelativePath: UInt32] = [:]

    /// - Parameter entries: of one run, oldest first.
    init(_ entries: [UndoHistory.Entry], store: ContentStore) throws {
        var first: [RelativePath: (old: Version?, source: OldVersion?)] = [:]
        for entry in entries {
            for (index, operation) in entry.journal.operations.enumerated() {
                if first[operation.path] == nil {
                    first[operation.path] = (operation.old, OldVersion(operation, index, in: entry.place))
                }
                left[operation.path] = operation.new
            }
            // A change of mode alone is no operation.
            for mode in entry.journal.modes {
                if let before = mode.before, first[mode.path] == nil, mode.after != before {
                    let old = Version(
                        kind: .directory, inode: mode.inode, mode: before, size: 0, modified: 0, owner: 0, group: 0)
                    first[mode.path] = (old, nil)
                    left[mode.path] = old
                }
                leftModes[mode.path] = mode.after
            }
        }
        for (path, (old, source)) in first {
            let new = left[path]
            guard let old else {
                if new != nil { changes[path] = (Change(.removed, expected: nil), 0) }
                continue
            }
            let state: Change.State
            switch old.kind {
            case .directory: state = .directory(mode: old.mode)
            case .symlink: state = .symlink(target: [])
            case .file, .special: state = .file(try store.make([]), mode: old.mode, modified: old.modified)
            }
            changes[path] = (Change(state, expected: nil), 0)
            restored[path] = source
        }
    }

    /// Whether a path is as the run left it.
    func isUntouched(_ path: RelativePath, _ now: Signature?) -> Bool {
        guard let now, let left = left[path] else { return now == nil && left[path] == nil }
        guard now.kind == left.kind else { return false }
        if now.kind == .directory { return leftModes[path].map { $0 == now.mode } ?? true }
        return now.inode == left.inode && now.size == left.size && now.modified == left.modified
            && now.mode == left.mode
    }
}
