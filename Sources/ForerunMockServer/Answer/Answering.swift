import ForerunCore

/// All that the form of an answer depends on.
struct Answering: Sendable {
    var question: Question
    var model: MockModel
    var step: Int
    /// The request's number; ids are made of it.
    var number: Int
    /// One a choice.
    var turns: [ScriptedTurn]
    var fault: Fault?

    var id: String { question.dialect.answerID(number) }

    var pieceBytes: Int { model.chunk == 0 ? .max : model.chunk * TokenCount.bytes }

    func has(_ kind: Fault.Kind) -> Bool { fault?.kind == kind }

    /// The id of call `index`: the same for equal requests.
    func callID(_ index: Int, prefix: String = "call") -> String {
        if has(.emptyIDs) { return "" }
        return has(.duplicateIDs) ? "\(prefix)_\(step)" : "\(prefix)_\(step)_\(index)"
    }

    /// A call's arguments as text, spoilt where the fault says so.
    func arguments(of call: Call) -> String {
        let text = call.arguments.text
        return has(.malformedArguments) ? String(text.dropLast(max(1, text.count / 3))) : text
    }

    var completionTokens: Int { turns.reduce(0) { $0 + TokenCount.of($1) } }
    var reasoningTokens: Int { turns.reduce(0) { $0 + TokenCount.of($1.reasoning) } }

    /// Usage as Chat Completions and plain completions report it.
    var usage: JSON {
        if has(.emptyUsage) { return [:] }
        let prompt = question.promptTokens
        return [
            "prompt_tokens": .number(JSONNumber(prompt)), "completion_tokens": .number(JSONNumber(completionTokens)),
            "total_tokens": .number(JSONNumber(prompt + completionTokens)),
            "prompt_tokens_details": ["cached_tokens": 0],
            "completion_tokens_details": ["reasoning_tokens": .number(JSONNumber(reasoningTokens))],
        ]
    }

    /// The answers as this protocol spells them.
    var spelling: any Spelling {
        switch question.dialect {
        case .chat: ChatSpelling(answering: self)
        case .responses: ResponsesSpelling(answering: self)
        case .messages: MessagesSpelling(answering: self)
        case .completions: CompletionsSpelling(answering: self)
        }
    }
}

/// How a protocol writes answers.
protocol Spelling {
    /// The answer as a stream, to its end.
    var events: [StreamEvent] { get }
    /// The answer as one object.
    var whole: JSON { get }
    /// An error after the header with status 200 was sent.
    func failure(_ refusal: Refusal) -> StreamEvent
}
