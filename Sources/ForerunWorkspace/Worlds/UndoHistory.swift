import Glibc
import Synchronization

/// The transactions of runs that can still be undone, with the old versions of what they changed.
package struct UndoHistory: Sendable {
    /// How much is kept; the oldest runs go first, and whole.
    package struct Limits: Sendable, Hashable {
        package var transactions: Int
        package var bytes: Int64

        package init(transactions: Int = 500, bytes: Int64 = 1 << 30) {
            self.transactions = transactions
            self.bytes = bytes
        }
    }

    /// One run that changed the workspace.
    package struct Run: Sendable, Hashable {
        package let id: String
        /// When its last transaction was made, in nanoseconds since 1970.
        package let time: Int64
        package let paths: [String]
        /// Bytes of the old files.
        package let bytes: Int64
        /// Whether everything is there that undoing needs.
        package let isComplete: Bool
    }

    /// A transaction that is kept.
    struct Entry: Sendable {
        let place: Directory
        let journal: Journal
        let isDropped: Bool
    }

    let state: StateDirectory
    let limits: Limits
    /// Called before each change on the disk; tests end the process there.
    let onStep: (@Sendable () -> Void)?
    let onSettled: CommitOptions.OnSettled

    init(
        _ state: StateDirectory, limits: Limits = Limits(), onStep: (@Sendable () -> Void)? = nil,
        onSettled: @escaping CommitOptions.OnSettled = { _, _, _ in }
    ) {
        self.state = state
        self.onSettled = onSettled
        self.limits = limits
        self.onStep = onStep
    }

    /// Oldest first.
    package var runs: [Run] {
        var order: [String] = []
        var byRun: [String: [Entry]] = [:]
        for entry in entries() {
            guard let id = entry.journal.run?.id else { continue }
            if byRun[id] == nil { order.append(id) }
            byRun[id, default: []].append(entry)
        }
        return order.map { id in
            let entries = byRun[id] ?? []
            let paths = Set(entries.flatMap { $0.journal.operations.map(\.path) + $0.journal.modes.map(\.path) })
            return Run(
                id: id, time: entries.last?.journal.time ?? 0, paths: paths.sorted().map(\.description),
                bytes: entries.reduce(0) { $0 + $1.journal.size }, isComplete: Self.isComplete(entries))
        }
    }

    /// A change of the workspace that is kept.
    package struct Kept: Sendable, Hashable {
        /// Whose it is; `undo RUN` where it took back what RUN had changed.
        package let run: String
        /// The world of the run whose changes these are; `nil`: a call made them in place.
        package let world: Int?
        package let paths: [String]

        /// How often something was taken back, or brought back, since the run.
        private var depth: Int {
            run.split(separator: " ").prefix { $0 == "undo" }.count
        }
        /// The run that changed something first.
        package var original: String { run.split(separator: " ").drop { $0 == "undo" }.joined(separator: " ") }
        /// It takes back what a run had changed.
        package var isUndoing: Bool { depth % 2 == 1 }
        /// It brings back what had been taken back.
        package var isRedone: Bool { depth > 0 && depth % 2 == 0 }
    }

    /// What can be undone, oldest first.
    package var kept: [Kept] {
        entries().compactMap { entry in
            guard let run = entry.journal.run, !entry.isDropped else { return nil }
            let paths = Set(entry.journal.operations.map(\.path) + entry.journal.modes.map(\.path))
            return Kept(run: run.id, world: entry.journal.world, paths: paths.sorted().map(\.description))
        }
    }

    static func isComplete(_ entries: [Entry]) -> Bool {
        entries.allSatisfy { !$0.isDropped } && entries.compactMap { $0.journal.run?.number } == Array(entries.indices)
    }

    /// What is kept, oldest first.
    func entries() -> [Entry] {
        state.kept.compactMap { kept in
            guard let place = try? Directory("\(state.path)/\(kept.name)") else { return nil }
            for stage in [Journal.Stage.done, .dropped] {
                if let bytes = try? place.content(of: stage.path), let journal = try? Journal(bytes) {
                    return Entry(place: place, journal: journal, isDropped: stage == .dropped)
                }
            }
            return nil
        }
    }

    /// The place of the next transaction in a run.
    func next(of id: String) -> Journal.Run {
        let numbers = index().compactMap { $0.run.id == id ? $0.run.number : nil }
        return Journal.Run(id: id, number: (numbers.max() ?? -1) + 1)
    }

    // MARK: - The index

    /// What decides how much is kept. Read once by each process: another one's commits are not in it.
    struct Summary: Sendable {
        let name: RelativePath
        let run: Journal.Run
        let bytes: Int64
        var isDropped: Bool
    }

    private func index() -> [Summary] {
        state.index.withLock { index in
            if let index { return index }
            let read = entries().compactMap { entry in
                entry.journal.run.map {
                    Summary(
                        name: RelativePath(bytes: Array(RelativePath(entry.place.path).name)), run: $0,
                        bytes: entry.journal.size, isDropped: entry.isDropped)
                }
            }
            index = read
            return read
        }
    }

    private func change(_ body: (inout [Summary]) -> Void) {
        var summaries = index()
        body(&summaries)
        state.index.withLock { $0 = summaries }
    }

    // MARK: - What comes in

    /// Ends a transaction that has been applied: keeps it where it belongs to a run, else removes it.
    ///
    /// - Parameter take: called when nothing would be done with the journal any more, and the old versions are still there.
    func conclude(
        _ journal: Journal, in place: Directory, _ commits: borrowing FileLock, taking take: () -> Void = {}
    ) throws(FileError) {
        for name in journal.undoes {
            if let undone = try? Directory("\(state.path)/\(name)") { Transaction.clear(undone, onStep: onStep) }
            change { $0.removeAll { $0.name == name } }
        }
        onStep?()
        guard let run = journal.run, limits.transactions > 0, !isGivenUp(run) else {
            try place.rename(Journal.Stage.decided.path, to: Journal.Stage.void.path, of: place)
            take()
            return state.clear(place, journal, onStep: onStep)
        }
        if place.path.hasPrefix(state.path + "/") {
            try place.rename(Journal.Stage.decided.path, to: Journal.Stage.done.path, of: place)
            take()
            try keep(place, journal)
        } else {
            // Old versions do not stay in the workspace. Without room for them there is no undoing.
            do { try copy(journal, from: place, commits) } catch { giveUp(run, journal, commits) }
            try place.rename(Journal.Stage.decided.path, to: Journal.Stage.void.path, of: place)
            take()
            state.clear(place, journal, onStep: onStep)
        }
        trim()
    }

    /// Gives a finished transaction the name that it is kept under.
    func keep(_ place: Directory, _ journal: Journal) throws(FileError) {
        onStep?()
        let name = try state.keep(place)
        guard let run = journal.run else { return }
        change { $0.append(Summary(name: name, run: run, bytes: journal.size, isDropped: false)) }
    }

    private func copy(_ journal: Journal, from place: Directory, _ commits: borrowing FileLock) throws(FileError) {
        // After a crash there may be a copy already.
        if index().contains(where: { $0.run == journal.run }) { return }
        let kept = try state.makeTransaction(commits, inWorkspace: false)
        do {
            for (index, operation) in journal.operations.enumerated() {
                onStep?()
                try OldVersion(operation, index, in: place)?.copy(to: Journal.old(index), in: kept)
            }
            try kept.create(Journal.Stage.planned.path, content: journal.encoded, mode: 0o600, modified: journal.time)
            try kept.rename(Journal.Stage.planned.path, to: Journal.Stage.done.path, of: kept)
            try keep(kept, journal)
        } catch {
            Transaction.clear(kept, onStep: onStep)
            throw error
        }
    }

    // MARK: - What goes out

    /// Whether a run could not be undone anyway, as its beginning is gone.
    private func isGivenUp(_ run: Journal.Run) -> Bool {
        run.number > 0 && !index().contains { $0.run == Journal.Run(id: run.id, number: 0) && !$0.isDropped }
    }

    private func giveUp(_ run: Journal.Run, _ journal: Journal, _ commits: borrowing FileLock) {
        let before = index().filter { $0.run.id == run.id }
        if !before.isEmpty { return drop(before) }
        guard let place = try? state.makeTransaction(commits, inWorkspace: false) else { return }
        var note = journal
        note.operations = []
        note.modes = []
        try? place.create(Journal.Stage.dropped.path, content: note.encoded, mode: 0o600, modified: journal.time)
        guard let name = try? state.keep(place) else { return }
        change { $0.append(Summary(name: name, run: run, bytes: 0, isDropped: true)) }
    }

    /// Drops the oldest runs until what is left is within the limits.
    private func trim() {
        while true {
            let kept = index().filter { !$0.isDropped }
            let bytes = kept.reduce(0) { $0 + $1.bytes }
            guard kept.count > limits.transactions || bytes > limits.bytes, let oldest = kept.first?.run.id else {
                break
            }
            drop(kept.filter { $0.run.id == oldest })
        }
        for summary in index().filter(\.isDropped).dropLast(100) {
            if let place = try? Directory("\(state.path)/\(summary.name)") { Transaction.clear(place, onStep: onStep) }
            change { $0.removeAll { $0.name == summary.name } }
        }
    }

    /// Keeps a note that there was such a run, so that the rest of it is not mistaken for the whole.
    private func drop(_ summaries: [Summary]) {
        for (number, summary) in summaries.enumerated() {
            let place = try? Directory("\(state.path)/\(summary.name)")
            if number > 0 {
                if let place { Transaction.clear(place, onStep: onStep) }
                change { $0.removeAll { $0.name == summary.name } }
                continue
            }
            onStep?()
            if let place {
                try? place.rename(Journal.Stage.done.path, to: Journal.Stage.dropped.path, of: place)
                for name in (try? place.names(in: .root)) ?? []
                where !name.elementsEqual(Journal.Stage.dropped.rawValue.utf8) {
                    try? place.removeTree(RelativePath(bytes: name))
                }
            }
            change { summaries in
                for index in summaries.indices where summaries[index].name == summary.name {
                    summaries[index].isDropped = true
                }
            }
        }
    }
}
