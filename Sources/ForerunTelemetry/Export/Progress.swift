import Synchronization

/// How far an exporter has come, for those who wait for it.
final class Progress: Sendable {
    private struct Waiting {
        var id: Int
        var goal: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        /// So many items are exported or lost.
        var settled = 0
        var waiting: [Waiting] = []
        var lastID = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    var settled: Int { state.withLock { $0.settled } }
    var isStopped: Bool { state.withLock { $0.isStopped } }
    /// Somebody waits, or nobody needs anything any more: there is no time for patience.
    var isUrgent: Bool { state.withLock { !$0.waiting.isEmpty || $0.isStopped } }

    /// So many more items are exported or lost.
    func settle(_ count: Int) {
        let done = state.withLock { state in
            state.settled += count
            defer { state.waiting.removeAll { $0.goal <= state.settled } }
            return state.waiting.filter { $0.goal <= state.settled }
        }
        for item in done { item.continuation.resume() }
    }

    /// Waits until so many items are settled, at most `seconds`.
    ///
    /// - Parameter hurry: called once it is known that somebody waits.
    func wait(for goal: Int, within seconds: Double, hurry: () -> Void) async {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let alarm = Task { [weak self] in
            // Cancelled: all was settled before.
            guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return }
            self?.giveUp(id)
        }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                guard state.settled < goal, !state.isStopped else { return true }
                state.waiting.append(Waiting(id: id, goal: goal, continuation: continuation))
                return false
            }
            isDone ? continuation.resume() : hurry()
        }
        alarm.cancel()
    }

    /// Nobody waits any more.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for item in waiting { item.continuation.resume() }
    }

    private func giveUp(_ id: Int) {
        let waiting = state.withLock { state in
            defer { state.waiting.removeAll { $0.id == id } }
            return state.waiting.first { $0.id == id }
        }
        waiting?.continuation.resume()
    }
}
