package import ForerunCore
import Synchronization

/// What one run reports. Takes what happens from any thread, and returns within microseconds.
package final class RunTelemetry: Sendable {
    private let facts: RunFacts
    private let seed: String
    private let telemetry: Telemetry
    /// Made when the run begins.
    private let builder = Mutex<TraceBuilder?>(nil)

    init(_ facts: RunFacts, seed: String, telemetry: Telemetry) {
        self.facts = facts
        self.seed = seed
        self.telemetry = telemetry
    }

    /// The run begins, or goes on.
    ///
    /// - Parameters:
    ///   - messages: what a new transcript begins with.
    ///   - time: seconds since the run began.
    package func begin(with messages: [String], at time: Double) {
        update(at: time) { $0.begin(with: messages) }
    }

    package func add(_ event: RunEvent, at time: Double) { update(at: time) { $0.add(event, at: time) } }
    package func add(_ signal: WorkSignal, at time: Double) { update(at: time) { $0.add(signal, at: time) } }

    /// Where in the trace a piece of work is; `nil`: it is not known.
    package func context(ofWork work: Int) -> TraceContext? { builder.withLock { $0?.context(ofWork: work) } }

    /// The run is over. Waits a little until what it reported is out.
    ///
    /// - Returns: what was lost, in a sentence; `nil`: nothing.
    package func finish(_ outcome: RunOutcome, at time: Double) async -> String? {
        update(at: time) { $0.finish(outcome, at: time) }
        return await telemetry.endRun()
    }

    private func update(at time: Double, _ body: (inout TraceBuilder) -> Void) {
        let output = builder.withLock { builder in
            var current = builder.take() ?? make(at: time)
            body(&current)
            let output = current.takeOutput()
            builder = consume current
            return output
        }
        telemetry.add(output)
    }

    private func make(at time: Double) -> TraceBuilder {
        let settings = telemetry.settings
        let now = Telemetry.now
        let elapsed = UInt64(max(0, min(time, 1e9)) * 1e9)
        return TraceBuilder(
            facts, ids: SpanIDs(seed: seed), parent: settings.parent, sampler: settings.sampler,
            limits: settings.limits, capturesContent: settings.capturesContent,
            epoch: now > elapsed ? now - elapsed : 0, start: time)
    }
}
