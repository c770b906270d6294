import ForerunTransport
import Glibc
import Synchronization

/// What all runs of a process report through: one queue of spans, one sum of measurements, connections of their own.
///
/// Nobody who reports waits, and no failure here touches a run: what cannot be exported is counted and told.
package final class Telemetry: Sendable {
    /// Seconds that the end of a run waits for the collector, at most, whatever the variables say.
    package static let mostPatience = 3.0

    package let settings: TelemetrySettings
    private let spans: SpanExporter?
    private let metrics: MetricExporter?
    private let clients: [HTTPClient]
    /// Runs that report now.
    private let runs = Mutex(0)

    package init(_ settings: TelemetrySettings) {
        self.settings = settings
        // Not the connections of runs: these are neither slowed nor recorded.
        var clients: [String?: HTTPClient] = [:]
        func sender(_ signal: ExportSettings) -> Sender {
            let client = clients[signal.certificateFile] ?? HTTPClient(certificateFile: signal.certificateFile)
            clients[signal.certificateFile] = client
            return Sender(signal, client: client)
        }
        spans = settings.traces.map { SpanExporter(settings, sender: sender($0)) }
        metrics = settings.metrics.map { MetricExporter(settings, sender: sender($0), now: { Self.now }) }
        self.clients = Array(clients.values)
    }

    deinit { stop() }

    /// Nanoseconds since 1970.
    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
    }

    /// A run begins to report.
    ///
    /// - Parameter seed: what no other run in the world has.
    package func run(_ facts: RunFacts, seed: String) -> RunTelemetry {
        runs.withLock { $0 += 1 }
        return RunTelemetry(facts, seed: seed, telemetry: self)
    }

    func add(_ output: TraceBuilder.Finished) {
        spans?.add(output.spans)
        metrics?.add(output.measurements)
    }

    /// A run is over: waits a little until what it reported is out.
    ///
    /// - Returns: what was lost, in a sentence; `nil`: nothing.
    func endRun() async -> String? {
        let isLast = runs.withLock { runs in
            runs -= 1
            return runs == 0
        }
        let patience = min(settings.batches.timeout, Self.mostPatience)
        async let traced: Void? = spans?.flush(within: patience)
        // Sums of many runs are reported together.
        async let measured: Void? = isLast ? metrics?.flush(within: patience) : nil
        _ = await (traced, measured)
        var losses = spans?.takeLosses(isLast: isLast) ?? Losses()
        if isLast, let other = metrics?.takeLosses(isLast: true), other.reports > 0 {
            losses.reports = other.reports
            if losses.reason.isEmpty { losses.reason = other.reason }
        }
        return losses.sentence
    }

    /// Ends at once, connections included.
    package func stop() {
        spans?.stop()
        metrics?.stop()
        for client in clients { client.shutDown() }
    }
}
