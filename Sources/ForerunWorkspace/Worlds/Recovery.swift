import ForerunCore
import Glibc

/// Finishes what processes that died left of their transactions.
///
/// A journal that was decided is carried out to its end; what was not decided yet is dropped; what was being taken back is
/// taken back. A recovery that dies itself is recovered from by the next one.
struct Recovery {
    /// What became of one transaction.
    enum Outcome: Sendable, Hashable {
        /// Nothing had been changed yet.
        case dropped
        case finished([RelativePath])
        /// Finished, but the log of its run cannot say so: the journal stays until it can.
        case unrecorded([RelativePath], reason: String)
        /// It could not be finished, since others changed the same files, or the system refused a step.
        case takenBack([RelativePath])
        /// Nor could it be taken back; these paths are left as they are, and their old versions lie in the directory.
        case halfway([RelativePath], kept: String)
        /// Another directory is where the workspace was.
        case elsewhere(kept: String)
        case damaged(kept: String)
    }

    let state: StateDirectory
    var history = UndoHistory.Limits()
    /// Called with the run and the world of a commit that has landed now, or will not, before its journal goes.
    var onSettled: CommitOptions.OnSettled = { _, _, _ in }
    /// Called before each change on the disk; tests end the process there.
    var onStep: (@Sendable () -> Void)?

    /// - Returns: what there was to do; nothing as a rule.
    func run() throws(FileError) -> [Outcome] {
        guard state.hasTransactions else { return [] }
        let commits = try state.lockCommits()
        let outcomes = run(commits)
        commits.release()
        return outcomes
    }

    /// The same for who holds the lock.
    func run(_ commits: borrowing FileLock) -> [Outcome] {
        state.abandonedTransactions(commits).compactMap { recover($0, commits) }
    }

    private func recover(_ place: Directory, _ commits: borrowing FileLock) -> Outcome? {
        guard let names = try? place.names(in: .root) else { return nil }
        let stages = Journal.Stage.allCases.filter { stage in names.contains { $0.elementsEqual(stage.rawValue.utf8) } }
        // Between two of them there is a rename: there is one, or `plan`, or none.
        guard let stage = stages.last(where: { $0 != .planned }) else {
            Transaction.clear(place, onStep: onStep)
            return .dropped
        }
        switch stage {
        case .done:
            if let journal = try? Journal(place.content(of: stage.path)) {
                try? UndoHistory(state, limits: history, onStep: onStep).keep(place, journal)
            }
            return nil
        case .dropped:
            _ = try? state.keep(place)
            return nil
        case .halfway, .planned: return nil
        case .void:
            Transaction.clear(place, onStep: onStep)
            return nil
        case .decided, .reversing: break
        }
        guard let bytes = try? place.content(of: stage.path), let journal = try? Journal(bytes) else {
            try? place.rename(stage.path, to: Journal.Stage.halfway.path, of: place)
            return .damaged(kept: place.path)
        }
        guard let root = try? state.workspace.version(of: .root), root.inode == journal.root else {
            return .elsewhere(kept: place.path)
        }
        return recover(journal, stage, in: place, commits)
    }

    private func recover(
        _ journal: Journal, _ stage: Journal.Stage, in place: Directory, _ commits: borrowing FileLock
    ) -> Outcome {
        var replay = JournalReplay(journal, in: place, to: state.workspace, onStep: onStep)
        let paths = journal.operations.map(\.path)
        if stage == .decided {
            do {
                try replay.forward()
                try Transaction.synchronize(journal, in: state.workspace, isSynchronized: true)
                return conclude(journal, in: place, commits)
            } catch {
                onStep?()
                try? place.rename(Journal.Stage.decided.path, to: Journal.Stage.reversing.path, of: place)
                try? place.synchronize(.root)
            }
        }
        let remains = replay.backward()
        if remains.isEmpty {
            // A log that does not say so means the same.
            try? settle(journal, isCommitted: false)
            Transaction.clear(place, onStep: onStep)
            return .takenBack(paths)
        }
        // What the system refused may work the next time.
        if remains.failed.isEmpty {
            onStep?()
            try? place.rename(Journal.Stage.reversing.path, to: Journal.Stage.halfway.path, of: place)
        }
        return .halfway(remains.changed + remains.failed, kept: place.path)
    }

    /// Ends what has been carried out. From here on it is not taken back: the log may say already that it has landed.
    private func conclude(_ journal: Journal, in place: Directory, _ commits: borrowing FileLock) -> Outcome {
        let paths = journal.operations.map(\.path)
        do { try settle(journal, isCommitted: true) } catch { return .unrecorded(paths, reason: "\(error)") }
        // What is left of it then, the next one ends.
        try? UndoHistory(state, limits: history, onStep: onStep).conclude(journal, in: place, commits)
        return .finished(paths)
    }

    private func settle(_ journal: Journal, isCommitted: Bool) throws {
        if let run = journal.run, let world = journal.world { try onSettled(run.id, world, isCommitted) }
    }
}

extension Recovery.Outcome {
    /// For people; `nil` where there is nothing that they should know.
    var message: String? {
        switch self {
        case .unrecorded(let paths, let reason):
            "a commit that was cut off was finished, and the log of its run cannot say so (\(reason)); "
                + "it changed \(paths.named)"
        case .dropped: nil
        case .finished(let paths):
            "a commit that was cut off was finished; it changed \(paths.named)"
        case .takenBack(let paths):
            "a commit that was cut off was taken back, as it could not be finished; it is about \(paths.named)"
        case .halfway(let paths, let kept):
            "a commit that was cut off could neither be finished nor taken back, as others changed \(paths.named); "
                + "what these were before lies in \(kept)"
        case .elsewhere(let kept):
            "a commit was cut off in another directory that was here then; what belongs to it lies in \(kept)"
        case .damaged(let kept):
            "the journal of a commit that was cut off cannot be read; what belongs to it lies in \(kept)"
        }
    }
}

extension [Recovery.Outcome] {
    /// Throws where a log does not say yet what became of a commit: what is read of it then would be wrong.
    func requireRecorded() throws(EnvironmentFailure) {
        for case .unrecorded(let paths, let reason) in self {
            throw EnvironmentFailure(
                .unavailable,
                "a commit that was cut off changed \(paths.named), and the log of its run cannot say so (\(reason))",
                remedy: "Make room, or check the permissions, where logs are kept; then try again")
        }
    }
}

extension [RelativePath] {
    /// The first of them, for messages.
    var named: String {
        prefix(10).map(\.description).joined(separator: ", ") + (count > 10 ? " and \(count - 10) more" : "")
    }
}
