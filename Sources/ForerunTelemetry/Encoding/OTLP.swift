/// The messages of the OpenTelemetry Protocol, as far as they are sent: opentelemetry-proto 1.10, whose traces and metrics are
/// stable (github.com/open-telemetry/opentelemetry-proto, `opentelemetry/proto`).
///
/// There is no generated code behind it: a dozen messages, each a function that names its fields.
package enum OTLP {
    package enum Encoding: String, Sendable, Hashable {
        case protobuf = "http/protobuf"
        case json = "http/json"

        package var contentType: String { self == .json ? "application/json" : "application/x-protobuf" }
    }

    /// `ExportTraceServiceRequest`.
    package static func traces(_ spans: [Span], from resource: Resource, as encoding: Encoding) -> [UInt8] {
        switch encoding {
        case .protobuf: traces(spans, resource, ProtobufWriter())
        case .json: traces(spans, resource, JSONMessageWriter())
        }
    }

    /// `ExportMetricsServiceRequest`.
    package static func metrics(_ metrics: [Metric], from resource: Resource, as encoding: Encoding) -> [UInt8] {
        switch encoding {
        case .protobuf: self.metrics(metrics, resource, ProtobufWriter())
        case .json: self.metrics(metrics, resource, JSONMessageWriter())
        }
    }

    /// A request without contents, which a collector accepts.
    package static func empty(as encoding: Encoding) -> [UInt8] { encoding == .json ? Array("{}".utf8) : [] }

    private static func traces<Writer: MessageWriter>(
        _ spans: [Span], _ resource: Resource, _ writer: consuming Writer
    ) -> [UInt8] {
        // ResourceSpans, ScopeSpans.
        writer.submessages(1, "resourceSpans", CollectionOfOne(())) { _, writer in
            write(resource, &writer)
            writer.submessages(2, "scopeSpans", CollectionOfOne(())) { _, writer in
                writeScope(&writer)
                writer.submessages(2, "spans", spans) { write($0, &$1) }
            }
        }
        return writer.message
    }

    private static func metrics<Writer: MessageWriter>(
        _ metrics: [Metric], _ resource: Resource, _ writer: consuming Writer
    ) -> [UInt8] {
        // ResourceMetrics, ScopeMetrics.
        writer.submessages(1, "resourceMetrics", CollectionOfOne(())) { _, writer in
            write(resource, &writer)
            writer.submessages(2, "scopeMetrics", CollectionOfOne(())) { _, writer in
                writeScope(&writer)
                writer.submessages(2, "metrics", metrics) { write($0, &$1) }
            }
        }
        return writer.message
    }

    // MARK: - Common

    private static func write(_ resource: Resource, _ writer: inout some MessageWriter) {
        writer.submessage(1, "resource") { write(resource.attributes, 1, &$0) }
    }

    private static func writeScope(_ writer: inout some MessageWriter) {
        writer.submessage(1, "scope") { writer in
            writer.string(1, "name", Scope.name)
            writer.string(2, "version", Scope.version)
        }
    }

    static func write(_ attributes: Attributes, _ number: Int, _ writer: inout some MessageWriter) {
        // KeyValue.
        writer.submessages(number, "attributes", attributes.list) { item, writer in
            writer.string(1, "key", item.key)
            writer.submessage(2, "value") { write(item.value, &$0) }
        }
    }

    /// AnyValue.
    private static func write(_ value: AttributeValue, _ writer: inout some MessageWriter) {
        switch value {
        case .string(let text): writer.string(1, "stringValue", text, always: true)
        case .bool(let flag): writer.bool(2, "boolValue", flag, always: true)
        case .int(let number): writer.int64(3, "intValue", number, always: true)
        case .double(let number): writer.double(4, "doubleValue", number, always: true)
        case .strings(let texts):
            writer.submessage(5, "arrayValue") { writer in
                writer.submessages(1, "values", texts) { $1.string(1, "stringValue", $0, always: true) }
            }
        }
    }

    // MARK: - Traces

    private static func write(_ span: Span, _ writer: inout some MessageWriter) {
        writer.id(1, "traceId", [span.trace.high, span.trace.low])
        writer.id(2, "spanId", [span.id.value])
        writer.string(3, "traceState", span.state)
        writer.id(4, "parentSpanId", span.parent.map { [$0.value] } ?? [])
        writer.string(5, "name", span.name)
        writer.small(6, "kind", span.kind.rawValue)
        writer.fixed64(7, "startTimeUnixNano", span.start)
        writer.fixed64(8, "endTimeUnixNano", span.end)
        write(span.attributes, 9, &writer)
        writer.submessages(11, "events", span.events) { event, writer in
            writer.fixed64(1, "timeUnixNano", event.time)
            writer.string(2, "name", event.name)
            write(event.attributes, 3, &writer)
        }
        writer.small(12, "droppedEventsCount", span.droppedEvents)
        if let error = span.error {
            // Status, with STATUS_CODE_ERROR.
            writer.submessage(15, "status") { writer in
                writer.string(2, "message", error)
                writer.small(3, "code", 2)
            }
        }
        // Sampled; whether the parent is remote, and that this is known.
        writer.fixed32(16, "flags", span.hasRemoteParent ? 0x301 : 0x101)
    }

    // MARK: - Metrics

    private static func write(_ metric: Metric, _ writer: inout some MessageWriter) {
        writer.string(1, "name", metric.name)
        writer.string(2, "description", metric.description)
        writer.string(3, "unit", metric.unit)
        switch metric.points {
        case .sums(let points, let isMonotonic):
            writer.submessage(7, "sum") { writer in
                writer.submessages(1, "dataPoints", points) { write($0, &$1) }
                writer.small(2, "aggregationTemporality", metric.temporality.rawValue)
                writer.bool(3, "isMonotonic", isMonotonic)
            }
        case .histograms(let points):
            writer.submessage(9, "histogram") { writer in
                writer.submessages(1, "dataPoints", points) { write($0, &$1) }
                writer.small(2, "aggregationTemporality", metric.temporality.rawValue)
            }
        }
    }

    private static func write(_ point: SumPoint, _ writer: inout some MessageWriter) {
        writer.fixed64(2, "startTimeUnixNano", point.start)
        writer.fixed64(3, "timeUnixNano", point.time)
        switch point.value {
        case .double(let value): writer.double(4, "asDouble", value, always: true)
        case .int(let value): writer.sfixed64(6, "asInt", value, always: true)
        }
        write(point.attributes, 7, &writer)
    }

    private static func write(_ point: HistogramPoint, _ writer: inout some MessageWriter) {
        writer.fixed64(2, "startTimeUnixNano", point.start)
        writer.fixed64(3, "timeUnixNano", point.time)
        writer.fixed64(4, "count", point.count)
        writer.double(5, "sum", point.sum, always: true)
        writer.fixed64s(6, "bucketCounts", point.counts)
        writer.doubles(7, "explicitBounds", point.bounds)
        write(point.attributes, 9, &writer)
        writer.double(11, "min", point.least, always: true)
        writer.double(12, "max", point.most, always: true)
    }
}
