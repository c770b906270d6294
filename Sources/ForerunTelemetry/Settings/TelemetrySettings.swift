import ForerunTransport

/// What is exported, where, and how, as the standard variables of OpenTelemetry say.
///
/// Nothing is, unless an exporter or an address is named in them.
package struct TelemetrySettings: Sendable {
    /// `nil`: not exported.
    package var traces: ExportSettings?
    package var metrics: ExportSettings?
    package var sampler: Sampler
    /// The caller's span, of which runs are a part.
    package var parent: TraceContext?
    package var resource: Resource
    package var batches = Batches()
    package var limits = SpanLimits()
    /// Seconds between two reports of metrics.
    package var metricInterval: Double
    package var temporality: Temporality
    /// Whether words of users and models, arguments and outputs are exported.
    package var capturesContent: Bool

    /// `OTEL_BSP_…`
    package struct Batches: Sendable, Hashable {
        /// Seconds that a span waits for others.
        package var delay = 5.0
        /// Seconds that the end of a run may wait for its last spans.
        package var timeout = 30.0
        /// Spans that wait at most.
        package var queue = 2048
        /// Spans of one request at most.
        package var size = 512
    }

    /// Reads the variables.
    ///
    /// - Returns: `nil` where nothing is exported; and what the user should know in any case.
    package static func read(
        _ environment: [String: String], instance: String, process: Int
    ) -> (settings: TelemetrySettings?, notes: [String]) {
        var variables = OTelVariables(environment)
        guard !variables.flag("OTEL_SDK_DISABLED") else { return (nil, []) }
        let traces = ExportSettings(.traces, &variables)
        let metrics = ExportSettings(.metrics, &variables)
        guard traces != nil || metrics != nil else { return (nil, once(variables.notes)) }
        let settings = TelemetrySettings(traces, metrics, instance: instance, process: process, &variables)
        return (settings, once(variables.notes))
    }

    /// Both signals read some of the variables.
    private static func once(_ notes: [String]) -> [String] {
        var seen: Set<String> = []
        return notes.filter { seen.insert($0).inserted }
    }

    private init(
        _ traces: ExportSettings?, _ metrics: ExportSettings?, instance: String, process: Int,
        _ variables: inout OTelVariables
    ) {
        self.traces = traces
        self.metrics = metrics
        sampler = Sampler(&variables)
        parent = Self.parent(&variables)
        resource = Resource(&variables, instance: instance, process: process)
        batches = Batches(&variables)
        limits = SpanLimits(&variables)
        metricInterval = variables.milliseconds(["OTEL_METRIC_EXPORT_INTERVAL"], standard: 60, range: 1...86_400_000)
        temporality = .cumulative
        let preference = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
        switch variables[preference]?.lowercased() {
        case nil, "cumulative": break
        // What it says of other kinds than counters and histograms does not occur here.
        case "delta", "lowmemory": temporality = .delta
        default: variables.note("\(preference) is neither cumulative nor delta nor lowmemory: cumulative is used")
        }
        capturesContent = Self.capturesContent(&variables)
    }

    /// Environment variables carry the context under the names of the header fields, in upper case
    /// (opentelemetry.io/docs/specs/otel/context/env-carriers).
    private static func parent(_ variables: inout OTelVariables) -> TraceContext? {
        let propagators = variables["OTEL_PROPAGATORS"]?.split(separator: ",").map { OTelVariables.trimmed($0) }
        guard propagators?.contains("tracecontext") ?? true, let text = variables["TRACEPARENT"] else { return nil }
        let parent = TraceContext(traceparent: text, tracestate: variables["TRACESTATE"])
        if parent == nil { variables.note("TRACEPARENT is not as W3C Trace Context has it: traces begin with the run") }
        return parent
    }

    private static func capturesContent(_ variables: inout OTelVariables) -> Bool {
        let name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
        switch variables[name]?.lowercased() {
        case nil, "false", "no_content": return false
        case "true", "span_only", "span_and_event": return true
        case "event_only":
            variables.note("\(name)=event_only: content is written to spans only, so none is exported")
            return false
        default:
            variables.note("\(name) is neither true nor false: no content is exported")
            return false
        }
    }
}

extension TelemetrySettings.Batches {
    init(_ variables: inout OTelVariables) {
        self.init()
        delay = variables.milliseconds(["OTEL_BSP_SCHEDULE_DELAY"], standard: delay, range: 0...3_600_000)
        timeout = variables.milliseconds(["OTEL_BSP_EXPORT_TIMEOUT"], standard: timeout, range: 0...3_600_000)
        queue = variables.count(["OTEL_BSP_MAX_QUEUE_SIZE"], standard: queue, range: 1...1_000_000)
        size = variables.count(
            ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"], standard: min(size, queue), range: 1...1_000_000)
        if size > queue {
            variables.note("OTEL_BSP_MAX_EXPORT_BATCH_SIZE is more than OTEL_BSP_MAX_QUEUE_SIZE: \(queue) is used")
            size = queue
        }
    }
}

/// How much a span may hold.
package struct SpanLimits: Sendable, Hashable {
    /// Characters of a text; `nil`: any number.
    package var valueLength: Int?
    package var events = 128

    package init(valueLength: Int? = nil, events: Int = 128) {
        self.valueLength = valueLength
        self.events = events
    }

    init(_ variables: inout OTelVariables) {
        valueLength = variables.count(
            ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"], range: 0...1_000_000_000,
            instead: "texts are not cut")
        events = variables.count(["OTEL_SPAN_EVENT_COUNT_LIMIT"], standard: 128, range: 0...1_000_000)
    }
}

extension Resource {
    /// The user's own attributes count before ours.
    init(_ variables: inout OTelVariables, instance: String, process: Int) {
        var attributes: Attributes = [
            "service.name": "forerun", "service.version": .string(Scope.version),
            "service.instance.id": .string(instance), "telemetry.sdk.name": "forerun",
            "telemetry.sdk.language": "swift", "telemetry.sdk.version": .string(Scope.version),
            "process.pid": .int(process), "process.executable.name": "forerun", "os.type": "linux",
        ]
        if let text = variables["OTEL_RESOURCE_ATTRIBUTES"] {
            let pairs = OTelVariables.pairs(text)
            if pairs.contains(where: { $0 == nil }) {
                variables.note("OTEL_RESOURCE_ATTRIBUTES is no list of key=value: none of it is used")
            } else {
                for case let pair? in pairs { attributes[pair.key] = .string(pair.value) }
            }
        }
        if let name = variables["OTEL_SERVICE_NAME"] { attributes["service.name"] = .string(name) }
        self.init(attributes)
    }
}
