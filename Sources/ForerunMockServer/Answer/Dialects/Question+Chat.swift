import ForerunCore

extension Question {
    mutating func readChat(_ json: JSON) throws(Refusal) {
        guard let messages = json["messages"]?.arrayValue, !messages.isEmpty else {
            throw .invalid("\"messages\" is missing or empty", parameter: "messages")
        }
        try Self.checkOutputs(messages)
        self.messages = messages
        wantsUsage = !isStreaming || json["stream_options"]?["include_usage"]?.boolValue ?? false
        samples = try Self.integer("n", of: json, in: 1...128) ?? 1
    }

    /// Every call must be answered before anything else is said.
    private static func checkOutputs(_ messages: [JSON]) throws(Refusal) {
        var open: [String] = []
        for message in messages {
            if message["role"]?.stringValue == "tool" {
                guard let id = message["tool_call_id"]?.stringValue, let place = open.firstIndex(of: id) else {
                    throw .invalid(
                        "Messages with role 'tool' must follow a message with that 'tool_calls' id",
                        parameter: "messages")
                }
                open.remove(at: place)
                continue
            }
            if !open.isEmpty { break }
            open = (message["tool_calls"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
        }
        guard open.isEmpty else {
            throw .invalid(
                "An assistant message with 'tool_calls' must be followed by tool messages for each 'tool_call_id'. "
                    + "Missing: \(open.joined(separator: ", "))", parameter: "messages")
        }
    }
}
