import ForerunCore

/// A thinking block as it grows.
struct AnthropicThinking {
    private let block: JSON
    private let calls: Int
    private let textBefore: Int
    var text: String
    var signature: String

    /// - Parameters:
    ///   - block: as it was started.
    ///   - calls: calls before it.
    ///   - textBefore: bytes of text before it.
    init(_ block: JSON, calls: Int, text textBefore: Int) {
        self.block = block
        self.calls = calls
        self.textBefore = textBefore
        text = block["thinking"]?.stringValue ?? ""
        signature = block["signature"]?.stringValue ?? ""
    }

    /// What goes back; `nil` where the provider would refuse it: thinking without a signature.
    var part: Echo.Part? {
        guard block["type"] == "thinking" else { return Echo.Part(calls: calls, text: textBefore, json: block.text) }
        guard !signature.isEmpty else { return nil }
        let block: JSON = ["type": "thinking", "thinking": .string(text), "signature": .string(signature)]
        return Echo.Part(calls: calls, text: textBefore, json: block.text)
    }
}
