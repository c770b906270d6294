import ForerunCore
import ForerunTelemetry
import ForerunTransport

/// Asks the collector that runs would report to for its answer, with a report of nothing.
enum CollectorProbe {
    private static let subject = "OpenTelemetry"
    /// Seconds: people wait for the doctor.
    private static let patience = 5.0

    /// Nothing is said where nothing is exported and no variable is wrong.
    static func findings(_ variables: [String: String]) async -> [Finding] {
        let (settings, notes) = TelemetryKeeper.settings(variables)
        var findings = notes.map {
            Finding.warning(subject, $0, remedy: "Correct the variable: Documentation/telemetry.md lists them")
        }
        guard let settings else { return findings }
        // Where both go to the same place in the same way, that is said once.
        var places: [(names: String, result: Sender.Result, shown: String)] = []
        for signal in [settings.traces, settings.metrics].compactMap(\.self) {
            let result = await ask(signal)
            if let last = places.last, last.shown == signal.shownURL, last.result == result {
                places[places.count - 1].names += " and \(signal.signal.rawValue)"
            } else {
                places.append((signal.signal.rawValue, result, signal.shownURL))
            }
        }
        for place in places { findings.append(finding(place.names, place.shown, place.result)) }
        return findings
    }

    private static func ask(_ signal: ExportSettings) async -> Sender.Result {
        var signal = signal
        signal.timeout = min(signal.timeout, patience)
        let client = HTTPClient(certificateFile: signal.certificateFile)
        defer { client.shutDown() }
        return await Sender(signal, client: client).send(OTLP.empty(as: signal.encoding))
    }

    private static func finding(_ names: String, _ shown: String, _ result: Sender.Result) -> Finding {
        switch result {
        case .accepted: .ok(subject, "\(names) to \(shown), which answers")
        case .failed(let reason, _), .refused(let reason):
            .warning(
                subject, "\(names) do not arrive: \(reason)",
                remedy: "Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT (port 4318 as a rule) and "
                    + "OTEL_EXPORTER_OTLP_HEADERS; runs work without it")
        }
    }
}
