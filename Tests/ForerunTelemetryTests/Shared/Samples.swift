@testable import ForerunTelemetry

enum Samples {
    static let trace = TraceID(high: 0x0AF7_6519_16CD_43DD, low: 0x8448_EB21_1C80_319C)!
    static let id = SpanID(0xB7AD_6B71_6920_3331)!
    static let resource = Resource(["service.name": "forerun"])

    static func span(_ name: String = "chat m", id: SpanID = id) -> Span {
        Span(trace: trace, id: id, name: name, kind: .client, start: 1_000_000_000, end: 2_500_000_000)
    }

    static func spans(_ count: Int) -> [Span] {
        (1...count).map { span("chat \($0)", id: SpanID(UInt64($0))!) }
    }

    /// Settings as the variables give them.
    static func settings(_ variables: [String: String]) -> (settings: TelemetrySettings?, notes: [String]) {
        TelemetrySettings.read(variables, instance: "instance", process: 7)
    }
}
