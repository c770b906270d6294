import ForerunCore

/// Answers as `text_completion` objects. Calls are written into the text, each as
/// `<tool_call>{"name":…,"arguments":…}</tool_call>` on lines of its own, as many open models do.
struct CompletionsSpelling: Spelling {
    let answering: Answering

    var events: [StreamEvent] {
        var events: [StreamEvent] = []
        for index in answering.turns.indices {
            let (text, finish) = text(index)
            for piece in text.pieces(of: answering.pieceBytes) {
                events.append(event(choice(index, piece, finish: nil), tokens: TokenCount.of(piece)))
            }
            events.append(event(choice(index, "", finish: finish), kind: .finish))
        }
        if answering.question.wantsUsage, answering.model.reportsUsage {
            events.append(StreamEvent(object([], usage: answering.usage).text, kind: .usage))
        }
        events.append(StreamEvent("[DONE]", kind: .end))
        return events
    }

    var whole: JSON {
        let choices = answering.turns.indices.map { index in
            let (text, finish) = text(index)
            return choice(index, text, finish: finish)
        }
        return object(choices, usage: answering.model.reportsUsage ? answering.usage : nil)
    }

    func failure(_ refusal: Refusal) -> StreamEvent { StreamEvent((["error": refusal.error] as JSON).text) }

    /// A turn as text, cut at the first stop and at the limit.
    private func text(_ index: Int) -> (String, String) {
        let question = answering.question
        let answer = answering.turns[index]
        var text = answer.turn.text
        for call in answer.turn.calls {
            if !text.isEmpty { text += "\n" }
            let name = JSON.string(call.name).text
            let arguments = answering.has(.nullArguments) ? "null" : answering.arguments(of: call)
            text += "<tool_call>\n{\"name\": \(name), \"arguments\": \(arguments)}\n</tool_call>"
        }
        var finish = answer.turn.finish == .toolCalls ? "stop" : answer.turn.finish.description
        if let end = question.stops.compactMap({ text.firstRange(of: $0)?.lowerBound }).min() {
            text = String(text[..<end])
        }
        if let limit = question.maxTokens, TokenCount.of(text) > limit {
            text = limit == 0 ? "" : text.pieces(of: limit * TokenCount.bytes).first ?? ""
            finish = "length"
        }
        return (question.echoes ? question.prompts[index / question.samples] + text : text, finish)
    }

    private func choice(_ index: Int, _ text: String, finish: String?) -> JSON {
        [
            "index": .number(JSONNumber(index)), "text": .string(text), "logprobs": .null,
            "finish_reason": finish.map(JSON.string) ?? .null,
        ]
    }

    private func event(_ choice: JSON, tokens: Int = 0, kind: StreamEvent.Kind = .content) -> StreamEvent {
        StreamEvent(object([choice], usage: nil).text, tokens: tokens, kind: kind)
    }

    private func object(_ choices: [JSON], usage: JSON?) -> JSON {
        var members: [(String, JSON)] = [
            ("id", .string(answering.id)), ("object", "text_completion"), ("created", 0),
            ("model", .string(answering.model.name)), ("choices", .array(choices)),
        ]
        if let usage { members.append(("usage", usage)) }
        return JSON(members: members)
    }
}
