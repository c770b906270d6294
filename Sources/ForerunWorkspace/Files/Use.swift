import ForerunCore
import Synchronization

/// The use of a workspace by one run, which keeps others out.
final class Use: Sendable {
    private let lock: Mutex<FileLock?>

    private init(_ lock: consuming FileLock) { self.lock = Mutex(lock) }

    /// - Returns: `nil` where others are let in.
    /// - Throws: an ``EnvironmentFailure`` that names the process that has it, or `CancellationError`.
    static func begin(_ state: StateDirectory, _ sharing: CommitOptions.Sharing) async throws -> Use? {
        if sharing == .share { return nil }
        while true {
            do throws(FileLock.Failure) {
                return Use(try state.lockRun())
            } catch {
                guard sharing == .wait, case .held = error else {
                    var failure = UndoHistory.failure(error, state)
                    if case .held = error {
                        failure.remedy = "Wait for it to end, or set environment.sharing to wait or to share"
                    }
                    throw failure
                }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func end() { lock.withLock { $0 = nil } }
}
