/// What a transaction does, in full: enough to finish it or to take it back, by whoever finds it.
///
/// New versions lie beside it as `n0`, `n1`, …, numbered as ``operations``; old ones go to the same name where the two
/// change places, else to `o0`, `o1`, …. Which names hold what is the record of how far the transaction got.
struct Journal: Sendable, Hashable {
    /// One path.
    struct Operation: Sendable, Hashable {
        let path: RelativePath
        /// What was there; `nil`: nothing.
        let old: Version?
        /// What is there afterwards; `nil`: nothing.
        let new: Version?
    }

    /// A directory whose mode changes, be it only while what it holds is changed.
    struct Mode: Sendable, Hashable {
        let path: RelativePath
        let inode: UInt64
        /// `nil` for a directory that the transaction makes.
        let before: UInt32?
        /// `nil` for a directory that it removes.
        let after: UInt32?
    }

    /// The transaction as a part of a run.
    struct Run: Sendable, Hashable {
        let id: String
        /// From 0, without a gap.
        let number: Int
    }

    /// The inode of the root of the workspace.
    var root: UInt64
    /// Nanoseconds since 1970.
    var time: Int64
    /// `nil`: nobody will want to undo it.
    var run: Run?
    /// The world of the run whose changes these are.
    var world: Int?
    /// The directories of the transactions that this one undoes.
    var undoes: [RelativePath] = []
    /// In the order in which they are carried out.
    var operations: [Operation] = []
    var modes: [Mode] = []

    /// Bytes of the old files.
    var size: Int64 { operations.reduce(0) { $0 + ($1.old?.kind == .file ? $1.old?.size ?? 0 : 0) } }

    /// Where the new version of an operation waits.
    static func new(_ index: Int) -> RelativePath { RelativePath("n\(index)") }

    /// Where the old version goes that did not change places with a new one.
    static func old(_ index: Int) -> RelativePath { RelativePath("o\(index)") }

    /// How far a transaction got: the name of its journal.
    enum Stage: String, CaseIterable {
        /// Being written: nothing has been changed.
        case planned = "plan"
        /// Decided: it will be finished. Renaming `plan` to this is the commit point.
        case decided = "journal"
        /// It could not go on, and is being taken back.
        case reversing = "reverse"
        /// Finished; the old versions are kept.
        case done = "done"
        /// Finished or taken back; all that is left is rubbish.
        case void = "void"
        /// Neither could be done, as others changed the same files: left for a person.
        case halfway = "halfway"
        /// Part of a run that cannot be undone any more, since too much would have to be kept.
        case dropped = "dropped"

        var path: RelativePath { RelativePath(rawValue) }
    }
}
