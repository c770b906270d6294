import ForerunCore

/// The event log of a run, as far as commits share their commit point with it.
///
/// What the log says of a commit is durable before the commit is decided, and what became of the commit is in the log
/// before its journal goes. So whatever a crash leaves, log and workspace agree once ``Recovery`` has run: a change that is
/// in the workspace is in the log, and one that the log says has landed is in the workspace. It may say so twice.
package struct CommitRecord: Sendable {
    /// The run's name: its changes can be undone by it.
    package let run: String
    /// Makes everything in the log durable. Where that fails, nothing is committed.
    let secure: @Sendable () throws -> Void
    /// Says that the changes up to a world are in the workspace, or that they are not and will not be. Where that fails, the
    /// journal of the commit stays, and ``Recovery`` says it later.
    let settle: @Sendable (_ world: Int, _ isCommitted: Bool) throws -> Void

    package init(
        run: String, secure: @escaping @Sendable () throws -> Void = {},
        settle: @escaping @Sendable (_ world: Int, _ isCommitted: Bool) throws -> Void = { _, _ in }
    ) {
        self.run = run
        self.secure = secure
        self.settle = settle
    }
}
