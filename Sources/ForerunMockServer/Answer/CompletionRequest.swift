import ForerunCore

/// What the server needs to know of a chat completion request.
struct CompletionRequest: Sendable {
    var model: String
    var isStreaming: Bool
    /// `stream_options.include_usage`; without streaming, usage is always part of the answer.
    var wantsUsage: Bool
    var messages: [JSON]
    var bodyLength: Int

    /// Reads a request body. The failure says what is wrong with it.
    init(body: some Collection<UInt8>) throws(Refusal) {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw .invalid("The body is no JSON: \(error)")
        }
        guard let model = json["model"]?.stringValue else { throw .invalid("\"model\" is missing", parameter: "model") }
        guard let messages = json["messages"]?.arrayValue, !messages.isEmpty else {
            throw .invalid("\"messages\" is missing or empty", parameter: "messages")
        }
        self.model = model
        self.messages = messages
        isStreaming = json["stream"]?.boolValue ?? false
        wantsUsage = !isStreaming || json["stream_options"]?["include_usage"]?.boolValue ?? false
        bodyLength = body.count
    }

    /// How many of the first `end` messages are answers: the step that is asked for.
    func step(before end: Int) -> Int {
        var count = 0
        for message in messages[..<end] where message["role"]?.stringValue == "assistant" { count += 1 }
        return count
    }

    /// A hash of (seed, model, the first `end` messages).
    func hash(seed: Int, model: String, before end: Int) -> StableHash {
        var hash = StableHash(seed: seed)
        hash.combine(model)
        for message in messages[..<end] { hash.combine(message) }
        return hash
    }

    /// The question to a speculator: where it starts and how many guesses it asks for.
    ///
    /// It is the last message if that is from the user; its line `width: K` says how many.
    var speculativeQuestion: (start: Int, width: Int?) {
        guard let last = messages.last, last["role"]?.stringValue == "user" else { return (messages.count, nil) }
        return (messages.count - 1, Self.width(in: Self.text(of: last)))
    }

    private static func text(of message: JSON) -> String {
        if let text = message["content"]?.stringValue { return text }
        return (message["content"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
    }

    /// The last line `width: K` of a text.
    private static func width(in text: String) -> Int? {
        for line in text.split(whereSeparator: \.isNewline).reversed() where line.hasPrefix("width:") {
            if let width = Int(line.dropFirst(6).filter { $0 != " " }) { return width }
        }
        return nil
    }
}

/// A request that gets an error response in OpenAI's shape.
struct Refusal: Error, Sendable, Hashable {
    var status: Int
    var message: String
    var type: String
    var parameter: String?
    var code: String?
    /// Seconds.
    var retryAfter: Double?

    static func invalid(_ message: String, parameter: String? = nil) -> Refusal {
        Refusal(status: 400, message: message, type: "invalid_request_error", parameter: parameter)
    }

    var body: String {
        let error: JSON = [
            "message": .string(message), "type": .string(type), "param": parameter.map(JSON.string) ?? .null,
            "code": code.map(JSON.string) ?? .null,
        ]
        return (["error": error] as JSON).text
    }
}
