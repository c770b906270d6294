import ForerunCore

/// The members of one event of a Messages stream that matter.
struct AnthropicEvent {
    private(set) var type = ""
    private(set) var index: Int?
    private(set) var block: JSONSlice?
    private(set) var delta: JSONSlice?
    private(set) var message: JSONSlice?
    private(set) var usage: JSONSlice?
    private(set) var isError = false

    init(_ chunk: UnsafeBufferPointer<UInt8>) throws(JSONReader.Malformed) {
        var reader = JSONReader(chunk)
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "type": type = try reader.readString() ?? ""
            case "index": index = try reader.readInt()
            case "content_block": block = JSONSlice(try reader.skipValue())
            case "delta": delta = JSONSlice(try reader.skipValue())
            case "message": message = JSONSlice(try reader.skipValue())
            case "usage": usage = JSONSlice(try reader.skipValue())
            case "error":
                isError = try reader.peek() != UInt8(ascii: "n")
                _ = try reader.skipValue()
            default: _ = try reader.skipValue()
            }
        }
        if type == "error" { isError = true }
    }
}

/// Tokens as Messages reports them: what was read from and written to the cache is counted apart, and later counts replace
/// earlier ones.
struct AnthropicUsage {
    private var counts: [String: Int] = [:]

    mutating func take(_ usage: JSON) {
        for key in ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"] {
            if let count = usage[key]?.countValue { counts[key] = count }
        }
    }

    /// `nil`: none was reported.
    var total: Usage? {
        guard !counts.isEmpty else { return nil }
        let read = counts["cache_read_input_tokens"] ?? 0
        let written = counts["cache_creation_input_tokens"] ?? 0
        return Usage(
            input: (counts["input_tokens"] ?? 0) + read + written, cached: read, written: written,
            output: counts["output_tokens"] ?? 0)
    }
}
