import ForerunCore
import Synchronization

extension WorkspaceEnvironment {
    /// Applies changes to the real directory: all or none.
    ///
    /// - Parameter world: whose changes these are; `nil` for a call that changes the directory itself.
    func commit(
        _ changes: [RelativePath: (change: Change, layer: Int)], of world: WorldID?, _ session: Session
    ) async throws(EnvironmentFailure) {
        let (marks, kept, moved) = state.withLock { ($0.marks, Set($0.recent.keys), $0.moved) }
        do {
            let apply = { @Sendable () throws(EnvironmentFailure) in
                try self.apply(changes, of: world, session) { path, expected, now in
                    Self.isExpected(now, expected, marks[path], moved)
                } isKept: {
                    kept.contains($0)
                }
            }
            // For a few small files a change of threads would take longer than the commit.
            let isSmall =
                changes.count <= 16 && !options.commits.isSynchronized
                && changes.values.allSatisfy { $0.change.size <= 1 << 16 }
            let result = isSmall ? try apply() : try await offload(apply)
            state.withLock { state in
                state.marks.merge(result.marks) { $1 }
                state.originals.merge(result.originals) { old, _ in old }
                state.recent.merge(result.originals) { old, _ in old }
            }
        } catch {
            throw (error as? EnvironmentFailure) ?? EnvironmentFailure(.failed, "\(error)")
        }
    }

    /// Whether what is there now is what a change was based on.
    private static func isExpected(
        _ now: Signature?, _ expected: Origin?, _ mark: Transaction.Mark?, _ moved: Set<UInt64>
    ) -> Bool {
        let earlier: Signature
        switch expected {
        case nil: return now == nil
        case .base(let signature): earlier = signature
        case .layer(let layer):
            guard let mark, mark.layer == layer else { return false }
            earlier = mark.signature
        }
        guard let now, now.isUnchanged(from: earlier) else { return false }
        // The times of a file can be set back after changing it, but for this one.
        return now.changed == earlier.changed || moved.contains(now.inode)
    }

    private func apply(
        _ changes: [RelativePath: (change: Change, layer: Int)], of world: WorldID?, _ session: Session,
        isExpected: (RelativePath, Origin?, Signature?) -> Bool, isKept: (RelativePath) -> Bool
    ) throws(EnvironmentFailure) -> (
        marks: [RelativePath: Transaction.Mark], originals: [RelativePath: Transaction.Original]
    ) {
        let remedy = "Check the permissions of \(session.root.path)"
        let record = state.withLock { $0.record }
        var transaction: Transaction
        var originals: [RelativePath: Transaction.Original] = [:]
        do {
            let commits = try session.state.lockCommits()
            let place = try session.state.makeTransaction(commits)
            let history = UndoHistory(session.state, limits: options.commits.history)
            var transactionOptions = Transaction.Options()
            if let record {
                transactionOptions.run = history.next(of: record.run)
                transactionOptions.world = world?.number
                if world != nil { transactionOptions.willDecide = record.secure }
            }
            transactionOptions.isSynchronized = options.commits.isSynchronized
            transaction = try Transaction(changes, to: session.root, in: place, options: transactionOptions)
            session.watch?.begin(transaction.paths)
            defer { session.watch?.end(transaction.paths) }
            do throws(Transaction.Problem) {
                try transaction.run(isExpected: isExpected)
            } catch {
                if case .halfway = error {} else { transaction.clear() }
                let moved = transaction.moved
                state.withLock { $0.moved.formUnion(moved) }
                // A log that does not say so means the same.
                if let world { try? record?.settle(world.number, false) }
                throw error.failure
            }
            if let world {
                do { try record?.settle(world.number, true) } catch {
                    // The journal stays: whoever comes next finds it, and says it.
                    throw EnvironmentFailure(
                        .failed,
                        "the run's event log cannot be written (\(error)); the change of \(transaction.paths.named) is in "
                            + "the workspace, and nothing else was committed",
                        remedy: "Make room, or check the permissions, where logs are kept; then forerun resume goes on")
                }
            }
            try history.conclude(transaction.journal, in: place, commits) {
                originals = transaction.originals(
                    to: session.store, isMovable: session.state.isOnSameMount, where: { !isKept($0) })
            }
            commits.release()
        } catch let failure as EnvironmentFailure {
            throw failure
        } catch {
            throw (error as? FileError)?.failure(remedy: remedy) ?? EnvironmentFailure(.failed, "\(error)")
        }
        let moved = transaction.moved
        state.withLock { $0.moved.formUnion(moved) }
        return (transaction.marks(), originals)
    }
}

extension Transaction.Problem {
    var failure: EnvironmentFailure {
        switch self {
        case .conflict(let paths):
            EnvironmentFailure(
                .conflict,
                "\(paths.named) \(paths.count == 1 ? "was" : "were") changed by somebody else; nothing was committed",
                remedy: "Undo that change, or run again from the directory as it is now")
        case .unrecorded(let reason):
            EnvironmentFailure(
                .failed, "the run's event log cannot be written (\(reason)); nothing was committed",
                remedy: "Make room, or check the permissions, where logs are kept; then forerun resume goes on")
        case .file(let error):
            EnvironmentFailure(
                error.isNoSpace ? .noSpace : .failed, "\(error); nothing was committed",
                remedy: error.isNoSpace
                    ? "Make room on the disk of the workspace" : "Check the permissions in the workspace")
        case .halfway(let error, let paths, let kept):
            EnvironmentFailure(
                error?.isNoSpace == true ? .noSpace : .failed,
                (error.map { "\($0); " } ?? "others changed the same files during a commit; ")
                    + "these paths could not be put back: \(paths.named)",
                remedy: "Check these files before going on; what they were before lies in \(kept)")
        }
    }
}
