import Synchronization

/// Lets a task sleep until its time is over or somebody wakes it.
final class Sleeper: Sendable {
    private struct State {
        /// Somebody has something to do, and it was not seen yet.
        var isWoken = false
        var sleeping: CheckedContinuation<Void, Never>?
        var nights = 0
    }

    private let state = Mutex(State())

    /// Wakes the sleeper, or keeps it from falling asleep the next time.
    func wake() {
        let sleeping = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let sleeping = state.sleeping.take() else {
                state.isWoken = true
                return nil
            }
            return sleeping
        }
        sleeping?.resume()
    }

    /// For one task at a time. - Parameter seconds: `nil`: until somebody wakes it.
    func sleep(_ seconds: Double?) async {
        let night = state.withLock { state in
            state.nights += 1
            return state.nights
        }
        let alarm = seconds.map { seconds in
            Task { [weak self] in
                // Cancelled: somebody was first.
                guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
                self?.end(night)
            }
        }
        await withCheckedContinuation { continuation in
            let isAwake = state.withLock { state in
                if state.isWoken {
                    state.isWoken = false
                    return true
                }
                state.sleeping = continuation
                return false
            }
            if isAwake { continuation.resume() }
        }
        alarm?.cancel()
    }

    private func end(_ night: Int) {
        let sleeping = state.withLock { state in state.nights == night ? state.sleeping.take() : nil }
        sleeping?.resume()
    }
}
