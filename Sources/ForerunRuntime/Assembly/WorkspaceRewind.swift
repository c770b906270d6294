import ForerunCore
import ForerunStore
import ForerunWorkspace

/// What a fork takes back in the workspace, so that it fits the turns that the fork begins with.
///
/// That is what the other run changed after them, and the runs that it began with turns of itself. Where the workspace would not
/// fit for all that, nothing is done.
struct WorkspaceRewind: Sendable {
    /// A run whose turns count, up to the one that the next began after.
    private struct Part: Sendable {
        let run: String
        /// Turns of it before this one belong to the path.
        let limit: Int
        let record: RunRecord

        /// Whether a change of this run was made after the first `turns` turns; `nil`: nobody knows.
        func isLater(_ world: Int?, than turns: Int) -> Bool? {
            if let world { return record.turnOfWorld[world].map { $0 >= turns } ?? true }
            // A change in place belongs to one of the turns that made such calls.
            if record.turnsInPlace.allSatisfy({ $0 >= turns }) { return true }
            return record.turnsInPlace.contains { $0 >= turns } ? nil : false
        }

        /// Worlds whose changes were made in these turns.
        func worlds(in turns: Range<Int>) -> Set<Int> {
            record.changedWorlds.filter { record.turnOfWorld[$0].map(turns.contains) ?? false }
        }
    }

    private let workspace: String
    let run: String
    let turns: Int
    /// The other run, then the one that it began with turns of, and so on.
    private let parts: [Part]
    /// One of them whose log is gone.
    private let unreadable: String?
    private let variables: [String: String]
    /// Kept until it is done: nobody goes on with the other run meanwhile.
    private let log: HeldLog?

    /// - Parameters:
    ///   - record: of the run.
    ///   - turns: that the fork begins with.
    init(_ record: RunRecord, _ run: RunName, to turns: Int, _ request: RunRequest, _ runs: PastRuns, _ log: HeldLog?) {
        workspace = request.workspace
        variables = request.variables
        self.run = run.description
        self.turns = turns
        self.log = log
        var parts = [Part(run: run.description, limit: .max, record: record)]
        while let last = parts.last, let fork = last.record.forkOf, let name = RunName(fork.id),
            !parts.contains(where: { $0.run == fork.id }),
            let earlier = try? RunRecord(name, in: runs.directory, wholeOutputs: false)
        {
            parts.append(Part(run: fork.id, limit: min(last.limit, fork.turns), record: earlier))
        }
        self.parts = parts
        unreadable = parts.last?.record.forkOf.flatMap { fork in
            fork.turns > turns && !parts.contains { $0.run == fork.id } ? fork.id : nil
        }
    }

    /// Takes it back, in one step. That can be undone itself.
    ///
    /// - Returns: the paths.
    func perform() throws(EnvironmentFailure) -> [String] {
        defer { log?.release() }
        if let unreadable { throw refusal("the log of \(unreadable), which \(run) goes back to, cannot be read") }
        let history = try UndoHistory.open(workspace, onSettled: RunLog.settling(variables, log))
        let kept = history.kept
        var later: Set<String> = []
        for part in parts where try hasLater(part, kept.filter { $0.run == part.run }, kept) { later.insert(part.run) }
        try refuseOthers(kept)
        guard !later.isEmpty else { return [] }
        return try history.undo(run, of: later) { id, world in
            parts.first { $0.run == id }?.isLater(world, than: turns) ?? false
        }
    }

    /// Whether there is something of a run to take back.
    private func hasLater(
        _ part: Part, _ own: [UndoHistory.Kept], _ kept: [UndoHistory.Kept]
    ) throws(EnvironmentFailure) -> Bool {
        let end = max(turns, part.limit)
        let isThere = Set(own.compactMap(\.world))
        // What was brought back is kept in one piece.
        let isBroughtBack = kept.contains { $0.original == part.run && $0.isRedone }
        let isTakenBack = kept.contains { $0.original == part.run && $0.run != part.run }
        let inPlace = own.contains { $0.world == nil }
        let looseTurns = part.record.turnsInPlace.filter { $0 >= turns && $0 < part.limit }
        if let turn = looseTurns.min(), !inPlace && !isTakenBack || own.contains(where: { isUnknown($0, part) }) {
            throw refusal(
                "turn \(turn + 1) of \(part.run) made calls that left their branch: which changes are theirs is not known"
            )
        }
        let before = 0..<min(turns, part.limit)
        let isMissing =
            !part.worlds(in: before).isSubset(of: isThere)
            || (isTakenBack && !inPlace && part.record.turnsInPlace.contains(where: before.contains))
        // Of a run that nothing is kept of, it may be too long ago, unless a fork of it was taken back.
        if isMissing, !own.isEmpty || kept.contains(where: \.isUndoing), !isBroughtBack {
            throw refusal("what \(part.run) changed in the first \(turns) turns was taken back since")
        }
        let gone = part.worlds(in: turns..<end).subtracting(isThere)
        if !gone.isEmpty, !isTakenBack || isBroughtBack {
            throw refusal("what the workspace was like after turn \(turns) of \(part.run) is not kept any more")
        }
        return own.contains { part.isLater($0.world, than: turns) == true }
    }

    private func isUnknown(_ change: UndoHistory.Kept, _ part: Part) -> Bool {
        part.isLater(change.world, than: turns) == nil
    }

    /// Nobody else may have changed since what the runs of the path changed.
    private func refuseOthers(_ kept: [UndoHistory.Kept]) throws(EnvironmentFailure) {
        let ours = Set(parts.map(\.run))
        guard let start = kept.firstIndex(where: { ours.contains($0.original) }) else { return }
        let paths = Set(kept.filter { ours.contains($0.original) }.flatMap(\.paths))
        for (index, other) in kept.enumerated().dropFirst(start)
        where !ours.contains(other.original) && !other.isUndoing {
            // What comes after it on the path was made of it.
            let rest = kept[(index + 1)...].filter(isOnPath)
            guard
                let path = other.paths.first(where: { path in
                    paths.contains(path) && !rest.contains { $0.paths.contains(path) }
                })
            else { continue }
            throw EnvironmentFailure(
                .conflict, "the run \(other.run) changed \(DisplayText.harmless(path)) since; nothing was taken back",
                remedy:
                    "Take that back first: forerun undo '\(other.run)'; or fork with --as-is, from the files as they are"
            )
        }
    }

    /// Whether the turns that the fork begins with made a change.
    private func isOnPath(_ change: UndoHistory.Kept) -> Bool {
        parts.first { $0.run == change.run }?.isLater(change.world, than: turns) == false
    }

    private func refusal(_ reason: String) -> EnvironmentFailure {
        EnvironmentFailure(
            .unavailable, "\(reason); nothing was taken back",
            remedy: "Put the files back as they were (forerun undo lists what it can undo), then fork with --as-is")
    }
}
