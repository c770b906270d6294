import ForerunCore

/// An answer cut into the chunks of a `chat.completion.chunk` stream.
struct AnswerChunks: Sendable {
    /// One `data:` line.
    struct Chunk: Sendable, Hashable {
        var text: String
        /// How many tokens of the answer it carries.
        var tokens: Int
    }

    /// Everything up to the finish reason.
    private(set) var chunks: [Chunk] = []
    /// The usage report, if one is due, and `[DONE]`.
    private(set) var tail: [Chunk] = []

    private let prefix: String
    private let suffix: String
    private let pieceBytes: Int
    private let quirks: Set<Quirk>
    private let fault: Fault.Kind?
    private let step: Int

    static let tokenBytes = 4

    init(
        _ answer: ScriptedTurn, to request: CompletionRequest, of model: MockModel, step: Int, id: String,
        fault: Fault.Kind?
    ) {
        let reportsUsage = request.wantsUsage && model.reportsUsage
        let name = JSON.string(model.name).text
        let head = #"data: {"id":"\#(id)","object":"chat.completion.chunk","created":0,"model":\#(name),"#
        prefix = head + #""choices":[{"index":0,"delta":"#
        suffix = reportsUsage ? #"}],"usage":null}"# + "\n\n" : "}]}\n\n"
        pieceBytes = model.chunk == 0 ? .max : model.chunk * Self.tokenBytes
        quirks = model.quirks
        self.fault = fault
        self.step = step

        add(#"{"role":"assistant","content":""}"#)
        for piece in pieces(of: answer.reasoning) { add(#"{"reasoning_content":\#(JSON.string(piece).text)}"#, piece) }
        for piece in pieces(of: answer.turn.text) { add(#"{"content":\#(JSON.string(piece).text)}"#, piece) }
        for (index, call) in answer.turn.calls.enumerated() { add(call, index: index) }
        add("{}", finish: answer.turn.finish.description)

        if reportsUsage {
            let usage = fault == .emptyUsage ? "{}" : Self.usage(answer, request: request).text
            tail.append(Chunk(text: head + #""choices":[],"usage":\#(usage)}"# + "\n\n", tokens: 0))
        }
        tail.append(Chunk(text: "data: [DONE]\n\n", tokens: 0))
    }

    /// Usage by the server's own count: a token is four bytes, the prompt is the whole body.
    static func usage(_ answer: ScriptedTurn, request: CompletionRequest) -> JSON {
        let prompt = (request.bodyLength + tokenBytes - 1) / tokenBytes
        let completion = tokens(of: answer)
        return [
            "prompt_tokens": .number(JSONNumber(prompt)), "completion_tokens": .number(JSONNumber(completion)),
            "total_tokens": .number(JSONNumber(prompt + completion)), "prompt_tokens_details": ["cached_tokens": 0],
            "completion_tokens_details": ["reasoning_tokens": .number(JSONNumber(tokens(in: answer.reasoning)))],
        ]
    }

    static func tokens(of answer: ScriptedTurn) -> Int {
        answer.turn.calls.reduce(tokens(in: answer.reasoning) + tokens(in: answer.turn.text)) {
            $0 + tokens(in: $1.name) + tokens(in: $1.arguments.text)
        }
    }

    static func tokens(in text: String) -> Int { (text.utf8.count + tokenBytes - 1) / tokenBytes }

    /// The id of call `index` of the answer at `step`: the same for equal requests.
    static func callID(step: Int, index: Int) -> String { "call_\(step)_\(index)" }

    /// A call's arguments as text, spoilt where the fault says so.
    static func arguments(of call: Call, fault: Fault.Kind?) -> String {
        let text = call.arguments.text
        return fault == .malformedArguments ? String(text.dropLast(max(1, text.count / 3))) : text
    }

    // MARK: - Cutting

    private mutating func add(_ delta: String, _ piece: String = "", finish: String? = nil) {
        let reason = finish.map { #","finish_reason":"\#($0)""# } ?? #","finish_reason":null"#
        chunks.append(Chunk(text: prefix + delta + reason + suffix, tokens: Self.tokens(in: piece)))
    }

    private mutating func add(_ call: Call, index: Int) {
        let shown = quirks.contains(.indexZero) ? 0 : index
        let arguments = Self.arguments(of: call, fault: fault)
        let isWhole = quirks.contains(.wholeCall)
        let first = fault == .nullArguments ? "null" : isWhole ? JSON.string(arguments).text : "\"\""
        let id = Self.callID(step: step, index: index)
        let name = JSON.string(call.name).text
        add(
            #"{"tool_calls":[{"index":\#(shown),"id":"\#(id)","type":"function","function":"#
                + #"{"name":\#(name),"arguments":\#(first)}}]}"#,
            isWhole ? call.name + arguments : call.name)
        if isWhole || fault == .nullArguments { return }
        let laterID = quirks.contains(.emptyIDs) ? #""id":"","# : ""
        for piece in pieces(of: arguments) {
            let text = JSON.string(piece).text
            add(#"{"tool_calls":[{"index":\#(shown),\#(laterID)"function":{"arguments":\#(text)}}]}"#, piece)
        }
    }

    /// Pieces of at most `pieceBytes` bytes, or a little more where a character would be cut.
    private func pieces(of text: String) -> [String] {
        let bytes = Array(text.utf8)
        if bytes.count <= pieceBytes { return bytes.isEmpty ? [] : [text] }
        var result: [String] = []
        var start = 0
        while start < bytes.count {
            var end = min(start + pieceBytes, bytes.count)
            while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
            result.append(String(decoding: bytes[start..<end], as: UTF8.self))
            start = end
        }
        return result
    }
}
