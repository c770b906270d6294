/// What did not reach the collector, and why.
package struct Losses: Sendable, Hashable {
    package var spans = 0
    /// Reports of metrics. What they said is in the next one, by cumulative counting.
    package var reports = 0
    /// The last reason.
    package var reason = ""

    /// One sentence for the user; `nil`: nothing was lost.
    package var sentence: String? {
        var parts: [String] = []
        if spans > 0 { parts.append(spans == 1 ? "1 span" : "\(spans) spans") }
        if reports > 0 { parts.append(spans > 0 ? "metrics" : "the metrics") }
        guard !parts.isEmpty else { return nil }
        return "OpenTelemetry: \(parts.joined(separator: " and ")) could not be exported: \(reason)"
    }
}
