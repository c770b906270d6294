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

    /// The name of the run, for undoing it later; `nil`: nothing is kept.
    package var run: String?
    package var sharing = Sharing.share
    /// Waits for the disk at each commit, so that also a power failure leaves all or nothing. Without, only the end does.
    package var isSynchronized = false
    package var history = UndoHistory.Limits()

    package init() {}
}
