/// When which bytes of a response came.
struct ExchangeTape: Sendable {
    struct Chunk: Sendable {
        var time: Int64
        var bytes: [UInt8]
    }

    /// All times are of the monotonic clock.
    let start = MonotonicTime.now
    var header: Int64?
    var chunks: [Chunk] = []
}

/// Notes what another reader is given.
struct TapingReader<Inner: ResponseReader>: ResponseReader {
    var inner: Inner
    var tape = ExchangeTape()

    mutating func begin(_ response: HTTPResponse) {
        tape.header = MonotonicTime.now
        inner.begin(response)
    }

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        tape.chunks.append(ExchangeTape.Chunk(time: MonotonicTime.now, bytes: Array(bytes)))
        return inner.read(bytes)
    }
}
