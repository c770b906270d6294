import Synchronization

/// Adds measurements up, and reports them now and then, in a task of its own. Whoever measures waits for nothing.
final class MetricExporter: Sendable {
    private struct State {
        var store: MetricStore
        /// Measurements so far, and how many of them are reported or under way.
        var measured = 0
        var taken = 0
        var losses = Losses()
    }

    private let resource: Resource
    private let interval: Double
    private let delivery: Delivery
    private let now: @Sendable () -> UInt64
    private let state: Mutex<State>
    private let worker = Mutex<Task<Void, Never>?>(nil)
    private var progress: Progress { delivery.progress }

    /// - Parameter now: nanoseconds since 1970.
    init(_ settings: TelemetrySettings, sender: Sender, now: @escaping @Sendable () -> UInt64) {
        resource = settings.resource
        interval = settings.metricInterval
        self.now = now
        delivery = Delivery(sender: sender, progress: Progress(), sleeper: Sleeper())
        state = Mutex(State(store: MetricStore(settings.temporality, start: now())))
        worker.withLock { $0 = Task { await work() } }
    }

    func add(_ measurements: [Measurement]) {
        state.withLock { state in
            for measurement in measurements { state.store.add(measurement) }
            state.measured += measurements.count
        }
    }

    /// Waits until all measurements so far are reported or lost, at most `seconds`.
    func flush(within seconds: Double) async {
        await progress.wait(for: state.withLock { $0.measured }, within: seconds) { delivery.sleeper.wake() }
    }

    /// What was lost since the last time.
    func takeLosses(isLast: Bool) -> Losses {
        let settled = progress.settled
        return state.withLock { state in
            var losses = state.losses
            state.losses = Losses()
            if isLast, losses.reports == 0, state.measured > settled {
                losses.reports = 1
                losses.reason = delivery.sender.lateness
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
            await delivery.sleep(interval) { true }
            let (metrics, count) = state.withLock { state in
                let count = state.measured - state.taken
                guard count > 0 else { return ([Metric](), 0) }
                state.taken = state.measured
                return (state.store.report(now: now()), count)
            }
            guard count > 0, !progress.isStopped else {
                // Somebody waits for what is known already.
                if progress.isUrgent { await Task.yield() }
                continue
            }
            let loss = await delivery.deliver(OTLP.metrics(metrics, from: resource, as: delivery.sender.encoding))
            if let loss {
                state.withLock { state in
                    state.losses.reports += 1
                    state.losses.reason = loss.reason
                }
            }
            progress.settle(count)
        }
    }
}
