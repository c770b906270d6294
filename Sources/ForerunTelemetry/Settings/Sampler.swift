/// Which traces are exported (`OTEL_TRACES_SAMPLER`). Metrics always are.
package struct Sampler: Sendable, Hashable {
    /// The share of traces, 0…1, of those that nobody above has decided on.
    package var ratio: Double
    /// Whether the caller's own decision counts, where there is one.
    package var followsParent: Bool

    package static let standard = Sampler(ratio: 1, followsParent: true)

    package func samples(_ trace: TraceID, parent: TraceContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        // Of the last 56 bits, as those are random in ids of others too (W3C Trace Context, level 2).
        return Double(trace.low & 0xFF_FFFF_FFFF_FFFF) < ratio * 0x1p56
    }
}

extension Sampler {
    init(_ variables: inout OTelVariables) {
        self = .standard
        guard let name = variables["OTEL_TRACES_SAMPLER"] else { return }
        var own = name[...]
        followsParent = own.hasPrefix("parentbased_")
        if followsParent { own = own.dropFirst("parentbased_".count) }
        switch own {
        case "always_on": ratio = 1
        case "always_off": ratio = 0
        case "traceidratio":
            guard let value = variables["OTEL_TRACES_SAMPLER_ARG"] else { break }
            if let share = Double(value), (0...1).contains(share) {
                ratio = share
            } else {
                variables.note("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1: 1 is used")
            }
        default:
            self = .standard
            variables.note("OTEL_TRACES_SAMPLER names no sampler that is known here: parentbased_always_on is used")
        }
    }
}
