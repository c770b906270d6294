/// A response with its timing: what the server does with the connection, decided before the first byte.
struct Reply: Sendable {
    /// Bytes that leave together.
    struct Write: Sendable, Hashable {
        /// Seconds since the request arrived.
        var after: Double
        var bytes: [UInt8]

        init(after: Double, bytes: [UInt8]) {
            self.after = after
            self.bytes = bytes
        }

        init(after: Double, text: String) { self.init(after: after, bytes: Array(text.utf8)) }
    }

    enum Ending: Sendable {
        case complete
        /// Nothing more comes, and the connection stays open until the client closes it.
        case silence
        case reset
        /// An orderly end of the connection in the middle of the response.
        case close
    }

    /// How the body is put on the wire.
    enum Framing: Sendable, Hashable {
        /// With its length, or in chunks as they come.
        case usual
        /// In chunks, with fields after it.
        case trailers
        /// In chunks of one byte.
        case everyByte
        /// HTTP/1.0, ended by the end of the connection.
        case untilClose
        /// In chunks, the last of which has no size.
        case badChunk
        /// With a length of so many bytes more.
        case short(by: Int)
    }

    var status = 200
    var contentType = "application/json"
    var headers: [(name: String, value: String)] = []
    /// `nil`: chunked.
    var contentLength: Int?
    var writes: [Write]
    var ending = Ending.complete
    var framing = Framing.usual
    /// Without it and without writes, not even a header is sent.
    var sendsHeader = true

    /// A whole JSON body after `after` seconds.
    static func json(_ text: String, status: Int = 200, after: Double = 0) -> Reply {
        whole(Array(text.utf8), status: status, after: after)
    }

    static func whole(
        _ bytes: [UInt8], status: Int = 200, contentType: String = "application/json", after: Double = 0
    ) -> Reply {
        Reply(
            status: status, contentType: contentType, contentLength: bytes.count,
            writes: [Write(after: after, bytes: bytes)])
    }

    /// - Parameter now: the time of day in seconds since 1970, for dates in the header.
    static func refusal(
        _ refusal: Refusal, in dialect: Dialect, requestID: String, now: Double, after: Double = 0
    ) -> Reply {
        var reply = json(refusal.body(in: dialect, requestID: requestID), status: refusal.status, after: after)
        reply.headers = refusal.retry.headers(in: dialect, now: now)
        return reply
    }

    /// Events at the pace of `tokensPerSecond` (0: all at once); the first token comes after `latency` seconds.
    static func stream(_ events: [StreamEvent], latency: Double, tokensPerSecond: Double) -> Reply {
        var reply = Reply(contentType: "text/event-stream", headers: [("cache-control", "no-cache")], writes: [])
        guard tokensPerSecond > 0 else {
            let bytes = events.flatMap(\.bytes)
            if !bytes.isEmpty { reply.writes = [Write(after: latency, bytes: bytes)] }
            return reply
        }
        // The latency covers the first event. Events without tokens travel with the next one that has some.
        var sent = 0
        var pending: [UInt8] = []
        for event in events {
            pending += event.bytes
            guard event.tokens > 0 else { continue }
            if !reply.writes.isEmpty { sent += event.tokens }
            reply.writes.append(Write(after: latency + Double(sent) / tokensPerSecond, bytes: pending))
            pending = []
        }
        if !pending.isEmpty {
            if reply.writes.isEmpty {
                reply.writes = [Write(after: latency, bytes: pending)]
            } else {
                reply.writes[reply.writes.count - 1].bytes += pending
            }
        }
        return reply
    }
}
