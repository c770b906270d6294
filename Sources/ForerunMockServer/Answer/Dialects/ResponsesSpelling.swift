import ForerunCore
import OrderedCollections

/// Answers as OpenAI's responses: items of reasoning, message and function call.
struct ResponsesSpelling: Spelling {
    let answering: Answering

    private var answer: ScriptedTurn { answering.turns[0] }

    var events: [StreamEvent] {
        var stream = ResponseEvents()
        stream.add("response.created", [("response", response("in_progress", output: []))])
        stream.add("response.in_progress", [("response", response("in_progress", output: []))])
        for (index, item) in items.enumerated() { add(item, index: index, to: &stream) }
        stream.add("response.\(status)", [("response", whole)], kind: .end)
        return stream.events
    }

    var whole: JSON { response(status, output: items.map { json($0, status: "completed") }) }

    func failure(_ refusal: Refusal) -> StreamEvent {
        StreamEvent(typed: [
            "type": "error", "code": .string(refusal.code ?? refusal.type), "message": .string(refusal.message),
            "param": .null, "sequence_number": 0,
        ])
    }

    /// `response.failed`, the other way in which a stream reports an error.
    func failed(_ refusal: Refusal) -> StreamEvent {
        var object = response("failed", output: [])
        if var members = object.objectValue {
            members["error"] = ["code": .string(refusal.code ?? refusal.type), "message": .string(refusal.message)]
            object = .object(members)
        }
        return StreamEvent(typed: ["type": "response.failed", "sequence_number": 0, "response": object])
    }

    // MARK: - Items

    private enum Item {
        case reasoning(String)
        case message(String)
        case call(Call, Int)
    }

    private var items: [Item] {
        var items: [Item] = []
        if !answer.reasoning.isEmpty { items.append(.reasoning(answer.reasoning)) }
        if !answer.turn.text.isEmpty { items.append(.message(answer.turn.text)) }
        return items + answer.turn.calls.enumerated().map { .call($1, $0) }
    }

    private func id(_ item: Item) -> String {
        switch item {
        case .reasoning: "rs_\(answering.number)"
        case .message: "msg_\(answering.number)"
        case .call(_, let index): "fc_\(answering.number)_\(index)"
        }
    }

    /// An item; in progress, it is still empty.
    private func json(_ item: Item, status: String) -> JSON {
        let isDone = status == "completed"
        switch item {
        case .reasoning(let text):
            var members: [(String, JSON)] = [
                ("id", .string(id(item))), ("type", "reasoning"),
                ("summary", isDone ? [["type": "summary_text", "text": .string(text)]] : []),
            ]
            if answering.question.wantsEncryptedReasoning {
                members.append(("encrypted_content", isDone ? .string(MessagesSpelling.signature(of: text)) : ""))
            }
            return JSON(members: members)
        case .message(let text):
            return [
                "id": .string(id(item)), "type": "message", "status": .string(status), "role": "assistant",
                "content": isDone ? [part(text)] : [],
            ]
        case .call(let call, let index):
            let arguments: JSON = answering.has(.nullArguments) ? .null : .string(answering.arguments(of: call))
            return [
                "id": .string(id(item)), "type": "function_call", "status": .string(status),
                "call_id": .string(answering.callID(index)), "name": .string(call.name),
                "arguments": isDone ? arguments : "",
            ]
        }
    }

    private func part(_ text: String) -> JSON {
        ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
    }

    private func add(_ item: Item, index: Int, to stream: inout ResponseEvents) {
        let place: JSON = .number(JSONNumber(answering.has(.indexZero) ? 0 : index))
        let at: [(String, JSON)] = [("item_id", .string(id(item))), ("output_index", place)]
        let inPart: [(String, JSON)] = at + [("content_index", 0)]
        let inSummary: [(String, JSON)] = at + [("summary_index", 0)]
        stream.add(
            "response.output_item.added", [("output_index", place), ("item", json(item, status: "in_progress"))])
        switch item {
        case .reasoning(let text):
            let summary: (String) -> JSON = { ["type": "summary_text", "text": .string($0)] }
            stream.add("response.reasoning_summary_part.added", inSummary + [("part", summary(""))])
            stream.add("response.reasoning_summary_text", inSummary, text: text, by: answering.pieceBytes)
            stream.add("response.reasoning_summary_text.done", inSummary + [("text", .string(text))])
            stream.add("response.reasoning_summary_part.done", inSummary + [("part", summary(text))])
        case .message(let text):
            stream.add("response.content_part.added", inPart + [("part", part(""))])
            stream.add("response.output_text", inPart + [("logprobs", [])], text: text, by: answering.pieceBytes)
            stream.add("response.output_text.done", inPart + [("text", .string(text)), ("logprobs", [])])
            stream.add("response.content_part.done", inPart + [("part", part(text))])
        case .call(let call, _):
            if answering.has(.nullArguments) {
                stream.add("response.function_call_arguments.delta", at + [("delta", .null)])
                stream.add("response.function_call_arguments.done", at + [("arguments", .null)])
            } else {
                let text = answering.arguments(of: call)
                stream.add("response.function_call_arguments", at, text: text, by: answering.pieceBytes)
                stream.add(
                    "response.function_call_arguments.done",
                    at + [("name", .string(call.name)), ("arguments", .string(text))])
            }
        }
        stream.add("response.output_item.done", [("output_index", place), ("item", json(item, status: "completed"))])
    }

    // MARK: - Response

    private var status: String {
        answer.turn.finish == .length || answer.turn.finish == .contentFilter ? "incomplete" : "completed"
    }

    private func response(_ status: String, output: [JSON]) -> JSON {
        let reason: JSON? =
            switch answer.turn.finish {
            case .length: "max_output_tokens"
            case .contentFilter: "content_filter"
            default: nil
            }
        let isOver = status == "completed" || status == "incomplete"
        return [
            "id": .string(answering.id), "object": "response", "created_at": 0, "status": .string(status),
            "error": .null, "incomplete_details": status == "incomplete" ? ["reason": reason ?? .null] : .null,
            "instructions": .null, "max_output_tokens": .null, "model": .string(answering.model.name),
            "output": .array(output), "parallel_tool_calls": true,
            "previous_response_id": answering.question.previousResponse.map(JSON.string) ?? .null,
            "reasoning": ["effort": .null, "summary": .null], "store": true, "temperature": 1,
            "text": ["format": ["type": "text"]], "tool_choice": "auto", "tools": [], "top_p": 1,
            "truncation": "disabled", "usage": isOver && answering.model.reportsUsage ? usage : .null, "metadata": [:],
        ]
    }

    private var usage: JSON {
        if answering.has(.emptyUsage) { return [:] }
        let input = answering.question.promptTokens
        let output = answering.completionTokens
        return [
            "input_tokens": .number(JSONNumber(input)), "input_tokens_details": ["cached_tokens": 0],
            "output_tokens": .number(JSONNumber(output)),
            "output_tokens_details": ["reasoning_tokens": .number(JSONNumber(answering.reasoningTokens))],
            "total_tokens": .number(JSONNumber(input + output)),
        ]
    }
}

/// Events of one response, numbered.
private struct ResponseEvents {
    private(set) var events: [StreamEvent] = []

    mutating func add(
        _ type: String, _ fields: [(String, JSON)], tokens: Int = 0, kind: StreamEvent.Kind = .content
    ) {
        let number: JSON = .number(JSONNumber(events.count))
        events.append(
            StreamEvent(
                typed: JSON(members: [("type", .string(type)), ("sequence_number", number)] + fields), tokens: tokens,
                kind: kind))
    }

    /// A text in pieces, each a `.delta` event.
    mutating func add(_ type: String, _ fields: [(String, JSON)], text: String, by limit: Int) {
        for piece in text.pieces(of: limit) {
            add(type + ".delta", fields + [("delta", .string(piece))], tokens: TokenCount.of(piece))
        }
    }
}
