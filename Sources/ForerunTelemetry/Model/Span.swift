/// Sixteen bytes, not all zero.
package struct TraceID: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    /// - Returns: `nil` where all is zero.
    package init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// The words of a digest. Where they are all zero, as one digest in 2^128 is, the last bit is set.
    init(nonZero high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = high | low == 0 ? 1 : low
    }
}

/// Eight bytes, not all zero.
package struct SpanID: Sendable, Hashable {
    package let value: UInt64

    /// - Returns: `nil` where all is zero.
    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }
}

/// One operation of a trace, over.
package struct Span: Sendable, Hashable {
    package enum Kind: Int, Sendable, Hashable {
        case `internal` = 1
        case client = 3
    }

    /// Something that happened meanwhile.
    package struct Event: Sendable, Hashable {
        package var name: String
        /// Nanoseconds since 1970.
        package var time: UInt64
        package var attributes: Attributes
    }

    package var trace: TraceID
    package var id: SpanID
    /// `nil`: nobody is above it.
    package var parent: SpanID?
    /// The parent is in another process.
    package var hasRemoteParent = false
    /// `tracestate` of the caller, as it goes on.
    package var state = ""
    package var name: String
    package var kind: Kind
    /// Nanoseconds since 1970.
    package var start: UInt64
    /// Nanoseconds since 1970, never before ``start``.
    package var end: UInt64
    package var attributes = Attributes()
    package var events: [Event] = []
    /// Events beyond the limit.
    package var droppedEvents = 0
    /// What went wrong, in words; `nil`: nothing did.
    package var error: String?

    /// Bytes, roughly.
    package var size: Int {
        events.reduce(96 + name.utf8.count + attributes.size) { $0 + 24 + $1.name.utf8.count + $1.attributes.size }
    }
}
