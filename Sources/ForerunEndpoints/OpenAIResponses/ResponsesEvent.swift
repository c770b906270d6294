import ForerunCore

/// The members of one event of a Responses stream that matter.
struct ResponsesEvent {
    private(set) var type = ""
    private(set) var outputIndex: Int?
    private(set) var delta: String?
    private(set) var arguments: String?
    private(set) var item: JSONSlice?
    private(set) var response: JSONSlice?
    private(set) var isError = false
    /// A reply that is not streamed.
    private(set) var isWhole = false

    init(_ chunk: UnsafeBufferPointer<UInt8>) throws(JSONReader.Malformed) {
        var reader = JSONReader(chunk)
        var hasOutput = false
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "type": type = try reader.readString() ?? ""
            case "output_index": outputIndex = try reader.readInt()
            case "delta": delta = try reader.readString()
            case "arguments": arguments = try reader.readString()
            case "item": item = JSONSlice(try reader.skipValue())
            case "response": response = JSONSlice(try reader.skipValue())
            case "output":
                hasOutput = try reader.peek() == UInt8(ascii: "[")
                _ = try reader.skipValue()
            case "error":
                isError = try reader.peek() != UInt8(ascii: "n")
                _ = try reader.skipValue()
            default: _ = try reader.skipValue()
            }
        }
        if type == "error" { isError = true }
        isWhole = type.isEmpty && hasOutput
    }
}

extension Usage {
    /// Usage as Responses reports it; `nil` where it is none.
    init?(responses usage: JSON) {
        guard let input = usage["input_tokens"]?.countValue else { return nil }
        let details = usage["input_tokens_details"]
        self.init(
            input: input, cached: details?["cached_tokens"]?.countValue ?? 0,
            written: details?["cache_write_tokens"]?.countValue ?? 0, output: usage["output_tokens"]?.countValue ?? 0,
            reasoning: usage["output_tokens_details"]?["reasoning_tokens"]?.countValue ?? 0)
    }
}
