/// A response with its timing: what the server does with the connection, decided before the first byte.
struct Reply: Sendable {
    /// Bytes that leave together.
    struct Write: Sendable {
        /// Seconds since the request arrived.
        var after: Double
        var text: String
    }

    enum Ending: Sendable {
        case complete
        /// Nothing more comes, and the connection stays open until the client closes it.
        case silence
        case reset
    }

    var status = 200
    var contentType = "application/json"
    var headers: [(name: String, value: String)] = []
    /// `nil`: chunked.
    var contentLength: Int?
    var writes: [Write]
    var ending = Ending.complete

    /// A whole JSON body after `after` seconds.
    static func json(_ text: String, status: Int = 200, after: Double = 0) -> Reply {
        Reply(status: status, contentLength: text.utf8.count, writes: [Write(after: after, text: text)])
    }

    static func refusal(_ refusal: Refusal, after: Double = 0) -> Reply {
        var reply = json(refusal.body, status: refusal.status, after: after)
        if let seconds = refusal.retryAfter {
            // `retry-after` knows whole seconds only.
            reply.headers.append(("retry-after", String(Int(min(seconds, 1e9).rounded(.up)))))
            reply.headers.append(("retry-after-ms", String(Int((min(seconds, 1e9) * 1000).rounded(.up)))))
        }
        return reply
    }

    /// Chunks at the pace of `tokensPerSecond` (0: all at once); the first token comes after `latency` seconds.
    static func stream(_ chunks: [AnswerChunks.Chunk], latency: Double, tokensPerSecond: Double) -> Reply {
        var reply = Reply(contentType: "text/event-stream", headers: [("cache-control", "no-cache")], writes: [])
        guard tokensPerSecond > 0 else {
            let text = chunks.reduce(into: "") { $0 += $1.text }
            if !text.isEmpty { reply.writes = [Write(after: latency, text: text)] }
            return reply
        }
        // The latency covers the first chunk. Chunks without tokens travel with the next one that has some.
        var sent = 0
        var pending = ""
        for chunk in chunks {
            pending += chunk.text
            guard chunk.tokens > 0 else { continue }
            if !reply.writes.isEmpty { sent += chunk.tokens }
            reply.writes.append(Write(after: latency + Double(sent) / tokensPerSecond, text: pending))
            pending = ""
        }
        if !pending.isEmpty {
            if reply.writes.isEmpty {
                reply.writes = [Write(after: latency, text: pending)]
            } else {
                reply.writes[reply.writes.count - 1].text += pending
            }
        }
        return reply
    }
}
