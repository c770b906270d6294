import ForerunStore
import Synchronization

/// The log of an earlier run, which nobody else writes while it is held: what was read of it stays true.
package final class HeldLog: Sendable {
    private let log: Mutex<EventLog?>

    init(_ log: EventLog) { self.log = Mutex(log) }

    /// `nil`: it was let go.
    var current: EventLog? { log.withLock { $0 } }

    /// From now on others may go on with the run.
    func release() { log.withLock { $0 = nil } }
}
