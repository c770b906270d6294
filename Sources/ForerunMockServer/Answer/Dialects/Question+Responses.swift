import ForerunCore

extension Question {
    mutating func readResponses(_ json: JSON) throws(Refusal) {
        if let text = json["input"]?.stringValue {
            messages = [["role": "user", "content": .string(text)]]
        } else if let items = json["input"]?.arrayValue, !items.isEmpty {
            messages = Self.folded(items)
        } else {
            throw .invalid("\"input\" is missing or empty", parameter: "input")
        }
        if let instructions = json["instructions"]?.stringValue {
            messages.insert(["role": "system", "content": .string(instructions)], at: 0)
        }
        previousResponse = json["previous_response_id"]?.stringValue
        wantsEncryptedReasoning =
            json["include"]?.arrayValue?.contains("reasoning.encrypted_content") ?? false
    }

    /// Items as messages: those that one answer consists of become one.
    private static func folded(_ items: [JSON]) -> [JSON] {
        var messages: [JSON] = []
        var answer: [JSON] = []
        for item in items {
            let isOwn =
                item["role"]?.stringValue == "assistant"
                || ["function_call", "custom_tool_call", "reasoning"].contains(item["type"]?.stringValue)
            if isOwn {
                answer.append(item)
                continue
            }
            if !answer.isEmpty { messages.append(["role": "assistant", "content": .array(answer)]) }
            answer = []
            messages.append(item)
        }
        if !answer.isEmpty { messages.append(["role": "assistant", "content": .array(answer)]) }
        return messages
    }

    /// Every call in the input must have its output there, and every output its call.
    func checkOutputs() throws(Refusal) {
        var open: [String] = []
        for message in messages {
            switch message["type"]?.stringValue {
            case "function_call_output", "custom_tool_call_output":
                let id = message["call_id"]?.stringValue ?? ""
                guard let place = open.firstIndex(of: id) else {
                    throw .invalid(
                        "No tool call found for function call output with call_id \(id).", parameter: "input")
                }
                open.remove(at: place)
            default:
                guard message["role"] == "assistant" else { continue }
                open += (message["content"]?.arrayValue ?? []).compactMap { $0["call_id"]?.stringValue }
            }
        }
        if let id = open.first {
            throw .invalid("No tool output found for function call \(id).", parameter: "input")
        }
    }
}
