import ForerunCore

/// Answers as `chat.completion` objects and chunks.
struct ChatSpelling: Spelling {
    let answering: Answering

    var events: [StreamEvent] {
        var choices = answering.turns.indices.map { choice($0) }
        var events = choices[0]
        if choices.count > 1 {
            // Choices arrive in turn, as from a server that samples them together.
            events = []
            var position = 0
            while choices.contains(where: { position < $0.count }) {
                for choice in choices.indices where position < choices[choice].count {
                    events.append(choices[choice][position])
                }
                position += 1
            }
            choices = []
        }
        if reportsUsage {
            events.append(StreamEvent(head + #""choices":[],"usage":\#(answering.usage.text)}"#, kind: .usage))
        }
        events.append(StreamEvent("[DONE]", kind: .end))
        return events
    }

    var whole: JSON {
        let choices = answering.turns.enumerated().map { index, answer -> JSON in
            [
                "index": .number(JSONNumber(index)), "message": message(answer), "logprobs": .null,
                "finish_reason": .string(answer.turn.finish.description),
            ]
        }
        var members: [(String, JSON)] = [
            ("id", .string(answering.id)), ("object", "chat.completion"), ("created", 0),
            ("model", .string(answering.model.name)), ("choices", .array(choices)),
        ]
        if answering.model.reportsUsage { members.append(("usage", answering.usage)) }
        return JSON(members: members)
    }

    func failure(_ refusal: Refusal) -> StreamEvent { StreamEvent((["error": refusal.error] as JSON).text) }

    // MARK: - Whole

    private func message(_ answer: ScriptedTurn) -> JSON {
        let calls = answer.turn.calls.enumerated().map { index, call -> JSON in
            [
                "id": .string(answering.callID(index)), "type": "function",
                "function": [
                    "name": .string(call.name),
                    "arguments": answering.has(.nullArguments) ? .null : .string(answering.arguments(of: call)),
                ],
            ]
        }
        let text = answer.turn.text
        var message: [(String, JSON)] = [("role", "assistant")]
        message.append(("content", text.isEmpty && !calls.isEmpty ? .null : .string(text)))
        if !answer.reasoning.isEmpty { message.append(("reasoning_content", .string(answer.reasoning))) }
        if !calls.isEmpty { message.append(("tool_calls", .array(calls))) }
        return JSON(members: message)
    }

    // MARK: - Stream

    private var reportsUsage: Bool { answering.question.wantsUsage && answering.model.reportsUsage }

    private var head: String {
        let name = JSON.string(answering.model.name).text
        return #"{"id":"\#(answering.id)","object":"chat.completion.chunk","created":0,"model":\#(name),"#
    }

    private func choice(_ index: Int) -> [StreamEvent] {
        let answer = answering.turns[index]
        var choice = ChatChunks(
            head: head + #""choices":[{"index":\#(index),"delta":"#, tail: reportsUsage ? #"}],"usage":null}"# : "}]}")
        choice.add(#"{"role":"assistant","content":""}"#)
        for piece in answer.reasoning.pieces(of: answering.pieceBytes) {
            choice.add(#"{"reasoning_content":\#(JSON.string(piece).text)}"#, piece)
        }
        for piece in answer.turn.text.pieces(of: answering.pieceBytes) {
            choice.add(#"{"content":\#(JSON.string(piece).text)}"#, piece)
        }
        for (index, call) in answer.turn.calls.enumerated() { add(call, index: index, to: &choice) }
        choice.add("{}", finish: answer.turn.finish.description)
        return choice.events
    }

    private func add(_ call: Call, index: Int, to choice: inout ChatChunks) {
        let quirks = answering.model.quirks
        let shown = quirks.contains(.indexZero) || answering.has(.indexZero) ? 0 : index
        let arguments = answering.arguments(of: call)
        let isWhole = quirks.contains(.wholeCall)
        let first = answering.has(.nullArguments) ? "null" : isWhole ? JSON.string(arguments).text : "\"\""
        choice.add(
            #"{"tool_calls":[{"index":\#(shown),"id":"\#(answering.callID(index))","type":"function","function":"#
                + #"{"name":\#(JSON.string(call.name).text),"arguments":\#(first)}}]}"#,
            isWhole ? call.name + arguments : call.name)
        if isWhole || answering.has(.nullArguments) { return }
        let laterID = quirks.contains(.emptyIDs) ? #""id":"","# : ""
        for piece in arguments.pieces(of: answering.pieceBytes) {
            let text = JSON.string(piece).text
            choice.add(
                #"{"tool_calls":[{"index":\#(shown),\#(laterID)"function":{"arguments":\#(text)}}]}"#, piece)
        }
    }
}

/// The chunks of one choice.
private struct ChatChunks {
    let head: String
    let tail: String
    var events: [StreamEvent] = []

    mutating func add(_ delta: String, _ piece: String = "", finish: String? = nil) {
        let reason = finish.map { #","finish_reason":"\#($0)""# } ?? #","finish_reason":null"#
        events.append(
            StreamEvent(
                head + delta + reason + tail, tokens: TokenCount.of(piece), kind: finish == nil ? .content : .finish))
    }
}
