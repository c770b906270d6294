import ForerunCore
import OrderedCollections

/// Answers as Anthropic's messages: blocks of thinking, text and tool use.
struct MessagesSpelling: Spelling {
    let answering: Answering

    private var answer: ScriptedTurn { answering.turns[0] }

    var events: [StreamEvent] {
        var start = message(content: [], stop: nil)
        if var members = start.objectValue {
            members["usage"] = usage(output: answering.model.reportsUsage ? 1 : 0)
            start = .object(members)
        }
        var events = [
            StreamEvent(typed: ["type": "message_start", "message": start]), StreamEvent(typed: ["type": "ping"]),
        ]
        for (index, block) in blocks.enumerated() { add(block, index: index, to: &events) }
        var delta: [(String, JSON)] = [
            ("type", "message_delta"), ("delta", ["stop_reason": .string(stopReason), "stop_sequence": .null]),
        ]
        if answering.model.reportsUsage {
            let tokens: JSON = ["output_tokens": .number(JSONNumber(answering.completionTokens))]
            delta.append(("usage", answering.has(.emptyUsage) ? [:] : tokens))
        }
        events.append(StreamEvent(typed: JSON(members: delta), kind: .finish))
        events.append(StreamEvent(typed: ["type": "message_stop"], kind: .end))
        return events
    }

    var whole: JSON { message(content: blocks.map(whole), stop: stopReason) }

    func failure(_ refusal: Refusal) -> StreamEvent {
        StreamEvent(typed: [
            "type": "error", "error": ["type": .string(refusal.anthropicType), "message": .string(refusal.message)],
        ])
    }

    /// What has to come back with a block of thinking: a hash of it.
    static func signature(of thinking: String) -> String {
        var hash = StableHash(seed: 1)
        hash.combine(thinking)
        return "sig_" + String(hash.value, radix: 36)
    }

    // MARK: - Blocks

    private enum Block {
        case thinking(String)
        case text(String)
        case tool(Call, Int)
    }

    private var blocks: [Block] {
        var blocks: [Block] = []
        if !answer.reasoning.isEmpty { blocks.append(.thinking(answer.reasoning)) }
        if !answer.turn.text.isEmpty { blocks.append(.text(answer.turn.text)) }
        return blocks + answer.turn.calls.enumerated().map { .tool($1, $0) }
    }

    private func whole(_ block: Block) -> JSON {
        switch block {
        case .thinking(let text):
            return ["type": "thinking", "thinking": .string(text), "signature": .string(Self.signature(of: text))]
        case .text(let text): return ["type": "text", "text": .string(text)]
        case .tool(let call, let index):
            // Arguments are an object here: broken ones become a text, which no client expects.
            let input: JSON =
                answering.has(.nullArguments)
                ? .null : answering.has(.malformedArguments) ? .string(answering.arguments(of: call)) : call.arguments
            return tool(call, index, input: input)
        }
    }

    private func tool(_ call: Call, _ index: Int, input: JSON) -> JSON {
        [
            "type": "tool_use", "id": .string(answering.callID(index, prefix: "toolu")), "name": .string(call.name),
            "input": input,
        ]
    }

    private func add(_ block: Block, index: Int, to events: inout [StreamEvent]) {
        let shown: JSON = .number(JSONNumber(answering.has(.indexZero) ? 0 : index))
        let start: JSON
        var deltas: [(JSON, Int)] = []
        switch block {
        case .thinking(let text):
            start = ["type": "thinking", "thinking": "", "signature": ""]
            deltas = pieces(text).map { (["type": "thinking_delta", "thinking": .string($0)], TokenCount.of($0)) }
            deltas.append((["type": "signature_delta", "signature": .string(Self.signature(of: text))], 0))
        case .text(let text):
            start = ["type": "text", "text": ""]
            deltas = pieces(text).map { (["type": "text_delta", "text": .string($0)], TokenCount.of($0)) }
        case .tool(let call, let index):
            start = tool(call, index, input: [:])
            if answering.has(.nullArguments) {
                deltas = [(["type": "input_json_delta", "partial_json": .null], 0)]
            } else {
                // Without arguments, there is the empty text alone.
                let text = call.arguments == [:] ? "" : answering.arguments(of: call)
                deltas = ([""] + pieces(text)).map {
                    (["type": "input_json_delta", "partial_json": .string($0)], TokenCount.of($0))
                }
                deltas[0].1 = TokenCount.of(call.name)
            }
        }
        events.append(StreamEvent(typed: ["type": "content_block_start", "index": shown, "content_block": start]))
        for (delta, tokens) in deltas {
            events.append(
                StreamEvent(typed: ["type": "content_block_delta", "index": shown, "delta": delta], tokens: tokens))
        }
        events.append(StreamEvent(typed: ["type": "content_block_stop", "index": shown]))
    }

    private func pieces(_ text: String) -> [String] { text.pieces(of: answering.pieceBytes) }

    // MARK: - Message

    private func message(content: [JSON], stop: String?) -> JSON {
        [
            "id": .string(answering.id), "type": "message", "role": "assistant", "model": .string(answering.model.name),
            "content": .array(content), "stop_reason": stop.map(JSON.string) ?? .null, "stop_sequence": .null,
            "usage": usage(output: answering.model.reportsUsage ? answering.completionTokens : 0),
        ]
    }

    private func usage(output: Int) -> JSON {
        if answering.has(.emptyUsage) { return [:] }
        let input = answering.model.reportsUsage ? answering.question.promptTokens : 0
        return [
            "input_tokens": .number(JSONNumber(input)), "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": .number(JSONNumber(output)),
        ]
    }

    private var stopReason: String {
        switch answer.turn.finish {
        case .stop: "end_turn"
        case .toolCalls: "tool_use"
        case .length: "max_tokens"
        case .contentFilter: "refusal"
        default: answer.turn.finish.description
        }
    }
}
