import Glibc
import Synchronization

/// What must be killed to end a command, and whether it was.
///
/// It can be stopped from anywhere at any time: a command that is not known yet is killed as soon as it is.
final class RunningCommand: Sendable {
    enum Target: Sendable {
        /// The first process of a pid namespace: when it dies, the kernel kills all others.
        case namespace(ProcessEntry)
        /// A session, which is a process group as long as nobody leaves it.
        case session(pid_t)
    }

    enum Reason: Sendable { case cancelled, timedOut }

    private struct State {
        var target: Target?
        var reason: Reason?
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Why the command was stopped; `nil`: it ended by itself.
    var reason: Reason? { state.withLock { $0.reason } }

    func started(_ target: Target) {
        let isStopped = state.withLock { state in
            state.target = target
            return state.reason != nil
        }
        if isStopped { Self.kill(target) }
    }

    func stop(_ reason: Reason) {
        let target = state.withLock { state -> Target? in
            if state.isFinished || state.reason != nil { return nil }
            state.reason = reason
            return state.target
        }
        if let target { Self.kill(target) }
    }

    /// The command ended: stopping it means nothing any more.
    func finished() { state.withLock { $0.isFinished = true } }

    /// Ends what is left of the command and returns when it is gone.
    func waitUntilGone() async {
        guard let target = state.withLock({ $0.target }) else { return }
        Self.kill(target)
        guard case .namespace(let first) = target else { return }
        while first.isAlive {
            first.kill()
            try? await Task.sleep(for: .microseconds(200))
        }
        state.withLock { $0.target = nil }
    }

    private static func kill(_ target: Target) {
        switch target {
        case .namespace(let first): first.kill()
        case .session(let leader): Glibc.kill(-leader, SIGKILL)
        }
    }
}
