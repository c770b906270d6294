extension Fault {
    /// The menu of faults. Each is a name in scripts, in logs and in `forerun mock --help`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        // The connection.
        case hang, stall, reset, close, drip
        // HTTP.
        case everyByte = "every_byte"
        case badChunk = "bad_chunk"
        case shortBody = "short_body"
        case trailers, http10, gzip, br
        // Errors.
        case status
        case htmlError = "html_error"
        case contextOverflow = "context_overflow"
        case errorEvent = "error_event"
        case failedEvent = "failed_event"
        // The stream.
        case half
        case halfJSON = "half_json"
        case noEnd = "no_end"
        case garbage
        case unknownEvents = "unknown_events"
        case crlf
        case longLine = "long_line"
        case invalidUTF8 = "invalid_utf8"
        // The answer.
        case length
        case contentFilter = "content_filter"
        case malformedArguments = "malformed_arguments"
        case nullArguments = "null_arguments"
        case duplicateIDs = "duplicate_ids"
        case emptyIDs = "empty_ids"
        case indexZero = "index_zero"
        case emptyUsage = "empty_usage"

        /// What it does, in a line.
        package var summary: String {
            switch self {
            case .hang: "not a byte, until the client gives up"
            case .stall: "silence after the header and `after` events (1)"
            case .reset: "TCP reset after `after` events (0: before the header)"
            case .close: "the connection ends after `after` events (0)"
            case .drip: "`bytes` (1) at a time, `pause` (0.01) seconds apart"
            case .everyByte: "each byte of the body is a chunk of its own"
            case .badChunk: "after `after` events (1) a chunk whose size is no number"
            case .shortBody: "content-length promises `bytes` (100) more than come"
            case .trailers: "chunked, with fields after the body"
            case .http10: "HTTP/1.0: the end of the connection ends the body"
            case .gzip: "the body is gzip, whether asked for or not"
            case .br: "the body is brotli, whether asked for or not"
            case .status: "error `status`; `code`, `message` and advice"
            case .htmlError: "error `status` (502) with a page of HTML, and advice"
            case .contextOverflow: "the request is refused as too long for the model"
            case .errorEvent:
                "`after` events (1), an error; `status`, `code`, `message`"
            case .failedEvent: "the same as response.failed in Responses"
            case .half: "half the events, then a proper end"
            case .halfJSON: "an event breaks off in its middle, then a proper end"
            case .noEnd: "all but [DONE], message_stop or response.completed"
            case .garbage: "a data line that is no JSON amid the answer"
            case .unknownEvents: "events and fields that no client knows"
            case .crlf: "lines end with CR LF, comments between them"
            case .longLine: "an event with `bytes` (10000000) in one line"
            case .invalidUTF8: "bytes that are no UTF-8 in a text"
            case .length: "the answer breaks off at the limit of output tokens"
            case .contentFilter: "the answer breaks off, withheld by a filter"
            case .malformedArguments: "the arguments of every call break off"
            case .nullArguments: "the arguments of every call are null"
            case .duplicateIDs: "all calls have the same id"
            case .emptyIDs: "all calls have the id \"\""
            case .indexZero: "all calls have the index 0"
            case .emptyUsage: "a usage report without a number"
            }
        }

        /// The keys that it takes besides those of every fault.
        package var keys: [String] {
            switch self {
            case .stall, .reset, .close, .badChunk: ["after"]
            case .drip: ["bytes", "pause"]
            case .shortBody, .longLine: ["bytes"]
            case .status: ["status", "code", "message", "retry_after", "retry", "should_retry"]
            case .htmlError: ["status", "retry_after", "retry", "should_retry"]
            case .errorEvent, .failedEvent: ["after", "status", "code", "message"]
            default: []
            }
        }

        /// Lines for `--help`: name and summary.
        package static var table: String {
            let width = allCases.map(\.rawValue.count).max() ?? 0
            return allCases.map { kind in
                "  " + kind.rawValue + String(repeating: " ", count: width + 2 - kind.rawValue.count) + kind.summary
            }.joined(separator: "\n")
        }
    }
}
