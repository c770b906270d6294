/// Where in a trace something happens, as it goes from one process to another: W3C Trace Context, level 1
/// (w3.org/TR/trace-context-1).
package struct TraceContext: Sendable, Hashable {
    package var trace: TraceID
    /// The span that is the parent of what follows.
    package var parent: SpanID
    package var isSampled: Bool
    package var state: TraceState

    package init(trace: TraceID, parent: SpanID, isSampled: Bool, state: TraceState = TraceState()) {
        self.trace = trace
        self.parent = parent
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads the two header fields, or the two environment variables of the same names.
    ///
    /// - Parameters:
    ///   - traceparent: `00-` trace id `-` parent id `-` flags, in lower-case hexadecimal digits.
    ///   - tracestate: left out where it is not valid; that does not touch the rest (section 3.3).
    /// - Returns: `nil` where `traceparent` is not valid (section 3.2). A higher version is read as far as it is known.
    package init?(traceparent: String, tracestate: String? = nil) {
        let bytes = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.number(bytes[0..<2]), version != 0xFF, let flags = Self.number(bytes[53..<55]),
            version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == dash,
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let trace = TraceID(high: high, low: low), let parent = Self.number(bytes[36..<52]).flatMap(SpanID.init)
        else { return nil }
        self.trace = trace
        self.parent = parent
        isSampled = flags & 1 == 1
        state = tracestate.flatMap { TraceState($0) } ?? TraceState()
    }

    /// The field `traceparent`, in version 00. Flags that are not known there are zero.
    package var traceparent: String {
        let words = [trace.high, trace.low, parent.value].map(Hexadecimal.text)
        return "00-\(words[0])\(words[1])-\(words[2])-\(isSampled ? "01" : "00")"
    }

    /// The header fields that hand it on.
    package var fields: [(name: String, value: String)] {
        let parent = [(name: "traceparent", value: traceparent)]
        return state.isEmpty ? parent : parent + [(name: "tracestate", value: state.description)]
    }

    /// `nil`: other characters than `0…9` and `a…f`.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
