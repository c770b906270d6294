import ForerunCore

/// An answer as one `chat.completion` object.
struct WholeAnswer: Sendable {
    let text: String

    init(
        _ answer: ScriptedTurn, to request: CompletionRequest, of model: MockModel, step: Int, id: String,
        fault: Fault.Kind?
    ) {
        let turn = answer.turn
        let calls = turn.calls.enumerated().map { index, call in Self.call(call, step: step, index: index, fault: fault)
        }
        var message: [(String, JSON)] = [("role", "assistant")]
        message.append(("content", turn.text.isEmpty && !calls.isEmpty ? .null : .string(turn.text)))
        if !answer.reasoning.isEmpty { message.append(("reasoning_content", .string(answer.reasoning))) }
        if !calls.isEmpty { message.append(("tool_calls", .array(calls))) }

        let choice: JSON = [
            "index": 0, "message": JSON(members: message), "logprobs": .null,
            "finish_reason": .string(turn.finish.description),
        ]
        var members: [(String, JSON)] = [
            ("id", .string(id)), ("object", "chat.completion"), ("created", 0), ("model", .string(model.name)),
            ("choices", [choice]),
        ]
        if model.reportsUsage {
            members.append(("usage", fault == .emptyUsage ? [:] : AnswerChunks.usage(answer, request: request)))
        }
        text = JSON(members: members).text
    }

    private static func call(_ call: Call, step: Int, index: Int, fault: Fault.Kind?) -> JSON {
        let arguments = AnswerChunks.arguments(of: call, fault: fault)
        return [
            "id": .string(AnswerChunks.callID(step: step, index: index)), "type": "function",
            "function": [
                "name": .string(call.name), "arguments": fault == .nullArguments ? .null : .string(arguments),
            ],
        ]
    }
}
