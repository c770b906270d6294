import Testing

@testable import ForerunTelemetry

/// What the standard variables say.
struct TelemetrySettingsTests {
    private static let endpoint = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"]

    @Test(arguments: [
        [:], ["OTEL_SERVICE_NAME": "a", "TRACEPARENT": "00-1"], ["OTEL_EXPORTER_OTLP_ENDPOINT": " "],
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_SDK_DISABLED": "TRUE"],
        ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none"],
    ])
    func nothingIsExportedUnasked(_ variables: [String: String]) {
        let (settings, notes) = Samples.settings(variables)
        #expect(settings == nil && notes.isEmpty, "\(notes)")
    }

    @Test func anAddressIsEnough() throws {
        let settings = try #require(Samples.settings(Self.endpoint).settings)
        #expect(settings.traces?.url == "http://collector:4318/v1/traces")
        #expect(settings.metrics?.url == "http://collector:4318/v1/metrics")
        #expect(settings.traces?.encoding == .protobuf && settings.traces?.timeout == 10)
        #expect(settings.sampler == .standard && !settings.capturesContent && settings.temporality == .cumulative)
        #expect(settings.batches == TelemetrySettings.Batches() && settings.metricInterval == 60)
        #expect(settings.resource.attributes["service.name"] == "forerun")
        #expect(settings.resource.attributes["service.instance.id"] == "instance")
    }

    @Test func addressesAreExtendedOrTakenAsTheyAre() throws {
        let settings = try #require(
            Samples.settings([
                "OTEL_EXPORTER_OTLP_ENDPOINT": "https://me:pw@host:1/base/",
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "HTTP://[::1]:9",
            ]).settings)
        #expect(settings.traces?.url == "https://me:pw@host:1/base/v1/traces")
        #expect(settings.traces?.shownURL == "https://host:1")
        #expect(settings.metrics?.url == "HTTP://[::1]:9/")
        let named = try #require(Samples.settings(["OTEL_TRACES_EXPORTER": "otlp"]).settings)
        #expect(named.traces?.url == "http://localhost:4318/v1/traces" && named.metrics == nil)
    }

    @Test func grpcIsRefusedInWords() {
        let (settings, notes) = Samples.settings(Self.endpoint.merging(["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"]) { $1 })
        #expect(settings == nil)
        #expect(notes.count == 1 && notes.first?.hasPrefix("OTEL_EXPORTER_OTLP_PROTOCOL=grpc") == true)
    }

    /// Each with the variable that its note names; the rest counts all the same.
    @Test(arguments: [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier pigeon"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "10s"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "/key"), ("OTEL_TRACES_SAMPLER", "jaeger_remote"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"), ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096"), ("OTEL_METRIC_EXPORT_INTERVAL", "NaN"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "-5"), ("OTEL_RESOURCE_ATTRIBUTES", "a=1,b"),
        ("OTEL_SDK_DISABLED", "maybe"),
        ("OTEL_RESOURCE_ATTRIBUTES", "a=%zz"), ("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "weekly"),
        ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "yes please"), ("TRACEPARENT", "00-xyz"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "no-equals-sign"),
    ])
    func whatMakesNoSenseIsPassedOver(_ name: String, _ value: String) throws {
        let (settings, notes) = Samples.settings(Self.endpoint.merging([name: value]) { $1 })
        #expect(settings?.traces != nil && settings?.metrics != nil)
        #expect(notes.count == 1 && notes.first?.contains(name) == true, "\(notes)")
        #expect(settings?.capturesContent == false)
    }

    @Test(arguments: ["ftp://a", "collector:4317", "http://", "http://:80", "http://a b"])
    func whatIsNoAddressIsNotExportedTo(_ url: String) {
        let (settings, notes) = Samples.settings(["OTEL_EXPORTER_OTLP_ENDPOINT": url])
        #expect(settings == nil && notes.count == 1, "\(notes)")
    }

    @Test func headersAreNeverShown() throws {
        let (settings, notes) = Samples.settings(
            Self.endpoint.merging(["OTEL_EXPORTER_OTLP_HEADERS": "x-key=canary%201, bad name=canary2,canary3"]) { $1 })
        var shown = ""
        dump(settings, to: &shown)
        #expect(!(shown + "\(notes) \(settings as Any)").contains("canary"))
        #expect(notes.count == 2)
    }

    @Test func samplersAreRead() throws {
        func sampler(_ name: String, _ argument: String? = nil) throws -> Sampler {
            var variables = Self.endpoint
            variables["OTEL_TRACES_SAMPLER"] = name
            variables["OTEL_TRACES_SAMPLER_ARG"] = argument
            return try #require(Samples.settings(variables).settings).sampler
        }
        #expect(try sampler("always_off") == Sampler(ratio: 0, followsParent: false))
        #expect(try sampler("parentbased_traceidratio", "0.25") == Sampler(ratio: 0.25, followsParent: true))
        #expect(try sampler("traceidratio", "2") == Sampler(ratio: 1, followsParent: false))
        let none = try sampler("always_off")
        #expect(!none.samples(Samples.trace, parent: nil))
        let parent = try #require(TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        #expect(!none.samples(Samples.trace, parent: parent))
        #expect(try sampler("parentbased_always_off").samples(Samples.trace, parent: parent))
        let quarter = try sampler("traceidratio", "0.25")
        let sampled = (0..<4000).count { quarter.samples(SpanIDs(seed: "run \($0)").trace, parent: nil) }
        // The seeds are fixed, so this number is: about a quarter.
        #expect((900...1100).contains(sampled), "\(sampled)")
    }

    @Test func theRestIsRead() throws {
        let settings = try #require(
            Samples.settings(
                Self.endpoint.merging([
                    "OTEL_SERVICE_NAME": "mine", "OTEL_RESOURCE_ATTRIBUTES": "service.name=other,team=a%2Cb , empty=",
                    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                    "OTEL_EXPORTER_OTLP_TIMEOUT": "2500", "OTEL_BSP_MAX_QUEUE_SIZE": "10",
                    "OTEL_METRIC_EXPORT_INTERVAL": "500",
                    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "99", "OTEL_SPAN_EVENT_COUNT_LIMIT": "3",
                    "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "Delta",
                    "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem",
                    "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "TRACESTATE": "a=1",
                    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true",
                ]) { $1 }
            ).settings)
        #expect(settings.resource.attributes["service.name"] == "mine" && settings.resource.attributes["team"] == "a,b")
        #expect(settings.traces?.encoding == .json && settings.metrics?.encoding == .protobuf)
        #expect(settings.traces?.compresses == true && settings.traces?.timeout == 2.5)
        #expect(settings.traces?.certificateFile == "/ca.pem")
        #expect(settings.batches.queue == 10 && settings.batches.size == 10 && settings.metricInterval == 0.5)
        #expect(settings.limits == SpanLimits(valueLength: 99, events: 3) && settings.temporality == .delta)
        #expect(settings.parent?.state.members.first?.key == "a" && settings.capturesContent)
        let alone = Samples.settings(
            Self.endpoint.merging([
                "OTEL_PROPAGATORS": "b3", "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            ]) { $1 })
        #expect(alone.settings?.parent == nil && alone.notes.isEmpty)
    }
}
