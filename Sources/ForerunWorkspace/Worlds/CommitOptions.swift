/// How changes reach the real directory.
package struct CommitOptions: Sendable {
    /// What a run does if another one is using the same workspace.
    package enum Sharing: Sendable {
        /// Both go on; where they change the same files, the later commit is a conflict.
        case share
        /// It waits for the other to end.
        case wait
        /// It does not start.
        case refuse
    }

    /// Throws where it cannot be written down; whoever comes next says it again then.
    package typealias OnSettled = @Sendable (_ run: String, _ world: Int, _ isCommitted: Bool) throws -> Void

    package var sharing = Sharing.share
    /// Waits for the disk at each commit, so that also a power failure leaves all or nothing. Without, only the end does.
    package var isSynchronized = false
    package var history = UndoHistory.Limits()
    /// Told of commits that a process that died had decided, by run and world: they have landed now, or will not.
    package var onSettled: OnSettled = { _, _, _ in }

    package init() {}
}
