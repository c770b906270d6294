/// Spans that wait for their export: so many and so many bytes at most. What does not fit is dropped.
struct ExportQueue: Sendable {
    /// Bytes that wait at most, and that one request has at most, roughly. Collectors take some 20 MiB.
    static let mostBytes = 32 << 20
    static let mostBytesOfBatch = 4 << 20

    private let limit: Int
    private var spans: ArraySlice<Span> = []
    private var bytes = 0
    /// Spans that were put in since the beginning, dropped ones included.
    private(set) var offered = 0
    private(set) var dropped = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { spans.count }

    mutating func add(_ span: Span) {
        offered += 1
        let size = span.size
        guard spans.count < limit, bytes + size <= Self.mostBytes else {
            dropped += 1
            return
        }
        spans.append(span)
        bytes += size
    }

    /// Takes the oldest out: at least one, where there is one.
    mutating func take(_ most: Int) -> [Span] {
        var batch: [Span] = []
        var size = 0
        while batch.count < most, let next = spans.first {
            size += next.size
            if size > Self.mostBytesOfBatch, !batch.isEmpty { break }
            bytes -= next.size
            batch.append(next)
            spans.removeFirst()
        }
        return batch
    }
}
