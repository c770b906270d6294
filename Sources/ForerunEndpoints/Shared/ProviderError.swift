import ForerunCore

/// An error as providers describe it: OpenAI's `error` object, FastAPI's `detail`, or plain text.
struct ProviderError {
    private(set) var message: String?
    private var words: Set<String> = []
    /// An HTTP status that is named in the body.
    private(set) var status: Int?

    init(_ body: [UInt8]) {
        guard let value = try? JSON(parsing: body) else {
            message = body.isEmpty ? nil : ChatFailure.excerpt(of: body)
            return
        }
        // Some gateways wrap the object in a list.
        let whole = value.arrayValue?.first ?? value
        let error = whole["error"] ?? whole
        message =
            error["message"]?.stringValue ?? error.stringValue ?? whole["detail"]?.stringValue
            ?? whole["detail"]?.arrayValue?.first?["msg"]?.stringValue ?? whole["message"]?.stringValue
            ?? ChatFailure.excerpt(of: body)
        for key in ["code", "type", "status"] {
            if let word = error[key]?.stringValue { words.insert(word) }
            if let number = error[key]?.intValue ?? error[key]?.stringValue.flatMap({ Int($0) }),
                (400..<600).contains(number)
            {
                status = number
            }
        }
    }

    func names(_ candidates: String...) -> Bool { candidates.contains { words.contains($0) } }

    /// Local servers have no code for it.
    var speaksOfContextLength: Bool {
        guard let message = message?.lowercased() else { return false }
        return message.contains("maximum context length") || message.contains("context window")
            || message.contains("exceeds the available context size")
    }
}
