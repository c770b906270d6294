import ForerunCore

extension Question {
    mutating func readMessages(_ json: JSON) throws(Refusal) {
        guard let messages = json["messages"]?.arrayValue, !messages.isEmpty else {
            throw .invalid("messages: at least one message is required")
        }
        guard try Self.integer("max_tokens", of: json, in: 1 ... .max) != nil else {
            throw .invalid("max_tokens: Field required")
        }
        try Self.checkResults(messages)
        self.messages = messages
        if let system = json["system"], !system.isNull {
            self.messages.insert(["role": "system", "content": system], at: 0)
        }
    }

    /// Every `tool_use` is answered in the next message; thinking comes back as it was signed.
    private static func checkResults(_ messages: [JSON]) throws(Refusal) {
        var open: [String] = []
        for (index, message) in messages.enumerated() {
            let blocks = message["content"]?.arrayValue ?? []
            let results = blocks.filter { $0["type"] == "tool_result" }.compactMap { $0["tool_use_id"]?.stringValue }
            for id in results where !open.contains(id) {
                throw .invalid(
                    "messages.\(index): unexpected `tool_use_id` found in `tool_result` blocks: \(id). Each `tool_result` "
                        + "block must have a corresponding `tool_use` block in the previous message.")
            }
            if let id = open.first(where: { !results.contains($0) }) {
                throw .invalid(
                    "messages.\(index): `tool_use` ids were found without `tool_result` blocks immediately after: \(id)"
                )
            }
            open = blocks.filter { $0["type"] == "tool_use" }.compactMap { $0["id"]?.stringValue }
            for block in blocks where block["type"] == "thinking" {
                let signature = MessagesSpelling.signature(of: block["thinking"]?.stringValue ?? "")
                guard block["signature"]?.stringValue == signature else {
                    throw .invalid("messages.\(index): Invalid `signature` in `thinking` block")
                }
            }
        }
        if let id = open.first {
            throw .invalid("messages: `tool_use` ids were found without `tool_result` blocks immediately after: \(id)")
        }
    }
}
