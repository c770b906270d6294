import ForerunCore

extension Question {
    mutating func readCompletions(_ json: JSON) throws(Refusal) {
        if let prompt = json["prompt"]?.stringValue {
            prompts = [prompt]
        } else if let list = json["prompt"]?.arrayValue, !list.isEmpty {
            for element in list {
                guard let prompt = element.stringValue else {
                    throw .invalid("\"prompt\" must be a text or a list of texts here", parameter: "prompt")
                }
                prompts.append(prompt)
            }
        } else {
            throw .invalid("\"prompt\" is missing or empty", parameter: "prompt")
        }
        messages = [["role": "user", "content": .string(prompts[0])]]
        wantsUsage = !isStreaming || json["stream_options"]?["include_usage"]?.boolValue ?? false
        samples = try Self.integer("n", of: json, in: 1...128) ?? 1
        maxTokens = try Self.integer("max_tokens", of: json, in: 0 ... .max)
        stops = json["stop"]?.arrayValue?.compactMap(\.stringValue) ?? json["stop"]?.stringValue.map { [$0] } ?? []
        stops.removeAll(where: \.isEmpty)
        echoes = json["echo"]?.boolValue ?? false
    }

    /// How many answers a text holds: the places where `marker` stands with something after it.
    static func step(of prompt: String, marker: String) -> Int {
        guard !marker.isEmpty else { return 0 }
        let parts = prompt.ranges(of: marker)
        guard let last = parts.last else { return 0 }
        return parts.count - (prompt[last.upperBound...].allSatisfy(\.isWhitespace) ? 1 : 0)
    }
}
