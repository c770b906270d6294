import ForerunCore
import Synchronization

/// How often each call was made.
final class CallCounter: Sendable {
    private let counts = Mutex<[Call: Int]>([:])

    /// The number of this call among equal ones, from 0.
    func next(_ call: Call) -> Int {
        counts.withLock { counts in
            defer { counts[call, default: 0] += 1 }
            return counts[call, default: 0]
        }
    }
}
