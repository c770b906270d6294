/// One exchange of a recording: what was asked, and what came back when.
///
/// A recording is a file of JSON lines. The first one is `{"format":"forerun.traffic","version":1}`; each further one is
/// an exchange, written when it ended:
///
///     {"fnv1a":"…", "exchange":1, "method":"POST", "host":"api.example.com", "path":"/v1/chat/completions",
///      "request":"{…}", "started":0.5, "header":"HTTP/1.1 200 OK\r\n…", "headerAt":0.3,
///      "chunks":[[0.3,"data: …"],[0.4,"…"]], "end":{"at":0.5,"how":"complete"}}
///
/// `started` is in seconds since the recording began, the other times since the exchange did. Bytes are a text where
/// they are UTF-8, else `{"base64":"…"}`. `how` is `complete`, `cancelled` (by us) or `failed`, with `code` and
/// `message`. `fnv1a` is the FNV-1a hash (64 bits) of the line after it; a line without it is taken as it is, so that
/// recordings can be edited. Keys are masked by asterisks; header fields of requests, queries and cookies are not kept.
struct RecordedExchange: Sendable, Hashable, Codable {
    /// Bytes that came together.
    struct Chunk: Sendable, Hashable {
        /// Seconds since the exchange began.
        var at: Double
        var bytes: RecordedBytes
    }

    struct End: Sendable, Hashable, Codable {
        enum Manner: String, Sendable, Hashable, Codable {
            case complete, cancelled, failed
        }

        var at: Double
        var how: Manner
        var code: String?
        var message: String?
    }

    /// By the order in which exchanges ended, from 1.
    var exchange: Int
    var method: String
    var host: String
    var path: String
    var request: RecordedBytes
    var started: Double
    /// As it was sent, status line first; `nil`: none came.
    var header: RecordedBytes?
    var headerAt: Double?
    var chunks: [Chunk]
    var end: End

    var identity: RequestIdentity { RequestIdentity(method: method, path: path, body: request.bytes) }
}

extension RecordedExchange.Chunk: Codable {
    init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        at = try list.decode(Double.self)
        bytes = try list.decode(RecordedBytes.self)
    }

    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        try list.encode(at)
        try list.encode(bytes)
    }
}
