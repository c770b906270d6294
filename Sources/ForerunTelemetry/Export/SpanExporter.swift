import Synchronization

/// Exports spans in batches, from a bounded queue, in a task of its own. Whoever adds spans waits for nothing.
final class SpanExporter: Sendable {
    private struct State {
        var queue: ExportQueue
        var losses = Losses()
    }

    private let resource: Resource
    private let batches: TelemetrySettings.Batches
    private let delivery: Delivery
    private let state: Mutex<State>
    private let worker = Mutex<Task<Void, Never>?>(nil)
    private var progress: Progress { delivery.progress }

    init(_ settings: TelemetrySettings, sender: Sender) {
        resource = settings.resource
        batches = settings.batches
        delivery = Delivery(sender: sender, progress: Progress(), sleeper: Sleeper())
        state = Mutex(State(queue: ExportQueue(limit: settings.batches.queue)))
        worker.withLock { $0 = Task { await work() } }
    }

    /// Puts spans into the queue. Returns at once.
    func add(_ spans: [Span]) {
        guard !spans.isEmpty else { return }
        let (isNews, dropped) = state.withLock { state in
            let (before, known) = (state.queue.count, state.queue.dropped)
            for span in spans { state.queue.add(span) }
            let dropped = state.queue.dropped - known
            state.losses.spans += dropped
            if dropped > 0, state.losses.reason.isEmpty { state.losses.reason = "too many at once for the collector" }
            return (before == 0 || state.queue.count >= batches.size, dropped)
        }
        if dropped > 0 { progress.settle(dropped) }
        if isNews { delivery.sleeper.wake() }
    }

    /// Waits until all spans so far are exported or lost, at most `seconds`.
    func flush(within seconds: Double) async {
        await progress.wait(for: state.withLock { $0.queue.offered }, within: seconds) { delivery.sleeper.wake() }
    }

    /// What was lost since the last time.
    ///
    /// - Parameter isLast: what still waits is lost as well.
    func takeLosses(isLast: Bool) -> Losses {
        let settled = progress.settled
        return state.withLock { state in
            var losses = state.losses
            state.losses = Losses()
            let open = state.queue.offered - settled
            if isLast, open > 0 {
                losses.spans += open
                if losses.reason.isEmpty { losses.reason = delivery.sender.lateness }
            }
            return losses
        }
    }

    /// Ends at once: what is under way is cancelled.
    func stop() {
        progress.stop()
        worker.withLock { $0?.cancel() }
        delivery.sleeper.wake()
    }

    private func work() async {
        while !progress.isStopped {
            if state.withLock({ $0.queue.count == 0 }) { await delivery.sleeper.sleep(nil) }
            // Until there are enough, or the oldest has waited for long enough.
            await delivery.sleep(batches.delay) { state.withLock { (1..<batches.size).contains($0.queue.count) } }
            let batch = state.withLock { $0.queue.take(batches.size) }
            guard !batch.isEmpty, !progress.isStopped else { continue }
            let loss = await delivery.deliver(OTLP.traces(batch, from: resource, as: delivery.sender.encoding))
            if let loss {
                state.withLock { state in
                    state.losses.spans += min(loss.items ?? batch.count, batch.count)
                    state.losses.reason = loss.reason
                }
            }
            progress.settle(batch.count)
        }
    }
}
