import ForerunCore

/// What the server needs to know of a request, whatever protocol it came in.
struct Question: Sendable {
    var dialect: Dialect
    var model: String
    var isStreaming: Bool
    /// Without streaming, usage is always part of the answer.
    var wantsUsage: Bool
    /// The conversation, one element a message; in Responses, the items of one answer count as one message.
    var messages: [JSON]
    /// Plain completions only: the texts to go on from.
    var prompts: [String] = []
    /// Answers to each prompt or conversation (`n`).
    var samples = 1
    /// Plain completions only: the longest answer.
    var maxTokens: Int?
    /// Plain completions only: texts that end an answer.
    var stops: [String] = []
    /// Plain completions only: repeat the prompt before the answer.
    var echoes = false
    /// Responses only: the answer that this request goes on from.
    var previousResponse: String?
    /// Responses only: reasoning comes with something to be sent back.
    var wantsEncryptedReasoning = false
    var bodyLength: Int

    /// Reads a request body. The failure says what is wrong with it.
    init(_ dialect: Dialect, body: some Collection<UInt8>) throws(Refusal) {
        let json: JSON
        do {
            json = try JSON(parsing: body)
        } catch {
            throw .invalid("The body is no JSON: \(error)")
        }
        guard let model = json["model"]?.stringValue else { throw .invalid("\"model\" is missing", parameter: "model") }
        self.dialect = dialect
        self.model = model
        isStreaming = json["stream"]?.boolValue ?? false
        wantsUsage = true
        messages = []
        bodyLength = body.count
        switch dialect {
        case .chat: try readChat(json)
        case .responses: try readResponses(json)
        case .messages: try readMessages(json)
        case .completions: try readCompletions(json)
        }
    }

    var promptTokens: Int { (bodyLength + TokenCount.bytes - 1) / TokenCount.bytes }

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
    /// It is the last message if that is from the user; its line `width: K` says how many. A text to be completed is
    /// one message, so there the question starts after it.
    var speculativeQuestion: (start: Int, width: Int?) {
        guard let last = messages.last, last["role"]?.stringValue == "user" else { return (messages.count, nil) }
        return (messages.count - (dialect == .completions ? 0 : 1), Self.width(in: Self.text(of: last)))
    }

    static func text(of message: JSON) -> String {
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

    /// The number at `key`, which must be in `range` where it is given.
    static func integer(_ key: String, of json: JSON, in range: ClosedRange<Int>) throws(Refusal) -> Int? {
        guard let value = json[key], !value.isNull else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw .invalid(
                "\"\(key)\" must be a whole number between \(range.lowerBound) and \(range.upperBound)", parameter: key)
        }
        return number
    }
}
