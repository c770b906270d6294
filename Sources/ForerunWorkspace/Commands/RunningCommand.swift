import Glibc
import Synchronization

/// The session of a command, which must be killed to end it, and whether it was.
///
/// It can be stopped from anywhere at any time: a command that is not known yet is killed as soon as it is.
final class RunningCommand: Sendable {
    enum Reason: Sendable { case cancelled, timedOut }

    private struct State {
        /// A session is a process group as long as nobody leaves it.
        var session: pid_t?
        var reason: Reason?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Why the command was stopped; `nil`: it ended by itself.
    var reason: Reason? { state.withLock { $0.reason } }

    func started(session: pid_t) {
        let isStopped = state.withLock { state in
            state.session = session
            return state.reason != nil
        }
        if isStopped { Glibc.kill(-session, SIGKILL) }
    }

    func stop(_ reason: Reason) {
        let session = state.withLock { state -> pid_t? in
            if state.isFinished || state.reason != nil { return nil }
            state.reason = reason
            return state.session
        }
        if let session { Glibc.kill(-session, SIGKILL) }
    }

    /// Stops the command unless it has ended: it was in time then, however late that is noticed here, and only what it left
    /// behind is killed.
    func timeOut() {
        let session = state.withLock { $0.isFinished ? nil : $0.session }
        if let session, ProcessEntry(session) == nil {
            Glibc.kill(-session, SIGKILL)
        } else {
            stop(.timedOut)
        }
    }

    /// The command ended: stopping it means nothing any more.
    func finished() { state.withLock { $0.isFinished = true } }

    /// Ends what is left of the command.
    func endRest() { if let session = state.withLock({ $0.session }) { Glibc.kill(-session, SIGKILL) } }
}
