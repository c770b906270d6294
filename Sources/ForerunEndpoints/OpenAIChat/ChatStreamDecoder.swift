package import ForerunCore

/// Makes an answer of the chunks of a Chat Completions stream, or of the one object of a reply that is not streamed.
///
/// Pure: bytes in, ``AnswerDelta``s out. Servers differ widely, so that whatever has one sensible meaning is accepted:
///
/// * A call starts where the index differs from all before, where a new id comes, or where a name follows a call that is
///   complete. Missing indexes and ids, `arguments` of `null` or as an object, and repeated names are understood.
/// * A call is sealed when its arguments are a balanced object, and at the latest when the finish reason or `[DONE]`
///   comes. A call without arguments is sealed when a later call has some: a server may announce all calls first.
/// * `[DONE]` ends an answer that has no finish reason, where there is text or a call: the server says that it is whole.
/// * A finish reason ends an answer without `[DONE]`, and `stop` next to calls means that they are to be performed.
package struct ChatStreamDecoder: AnswerDecoder {
    private var text = ""
    private var finishReason: String?
    private var isDone = false
    private var usage: Usage?
    /// The model that gets its reasoning back; `nil`: it does not.
    private let echoing: String?
    private var reasoning = ""
    // The calls belong to the other half, `ChatStreamDecoder+Calls`.
    var calls: [PendingCall] = []
    var sealed: [Call] = []
    /// Calls whose start was told, in order: those before the first without a name.
    var started = 0
    /// A call got arguments at or after this index; those before it that have none will get none.
    var lastWithArguments = -1
    /// More calls than any model makes: the server is out of order.
    var hasTooManyCalls = false

    package init() { self.init(echoingFor: nil) }

    /// - Parameter model: the model that gets its reasoning back; `nil`: it does not.
    init(echoingFor model: String?) { echoing = model }

    /// Whether the answer is whole: nothing that follows counts.
    package var isComplete: Bool { isDone }

    /// Takes the data of one event, or a whole reply that is not streamed.
    package mutating func decode(
        _ chunk: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        guard !isDone, !chunk.isEmpty else { return }
        if chunk.elementsEqual("[DONE]".utf8) { return end(emit: emit) }
        let isError: Bool
        do throws(JSONReader.Malformed) {
            isError = try read(chunk, emit)
        } catch {
            throw ModelFailure(.malformed, "The server sent what is no JSON: \(EndpointFailure.excerpt(of: chunk))")
        }
        if isError { throw EndpointFailure.inStream(Array(chunk)) }
        if hasTooManyCalls { throw CallList.tooMany }
    }

    /// Takes the server's word that the answer is whole.
    package mutating func end(emit: (AnswerDelta) -> Void) {
        isDone = true
        sealAll(emit)
    }

    /// Ends the stream.
    ///
    /// - Throws: `.truncated` where the answer is not whole, `.malformed` where it is none.
    package mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer {
        guard isDone || finishReason != nil else {
            throw ModelFailure(.truncated, "The stream ended in the middle of the answer")
        }
        sealAll(emit)
        if calls.contains(where: { $0.name.isEmpty }) {
            throw ModelFailure(.malformed, "The server sent a call without a name")
        }
        if sealed.isEmpty, finishReason == nil, text.isEmpty {
            throw ModelFailure(.malformed, "The server sent an empty answer without a finish reason")
        }
        if sealed.isEmpty, finishReason == "tool_calls" {
            throw ModelFailure(
                .malformed, "The server announced calls and sent none",
                remedy: "Some servers lose calls without arguments when they stream: try a newer one.")
        }
        let finish = try FinishReason(word: finishReason, hasCalls: !sealed.isEmpty)
        return Answer(Turn(text: text, calls: sealed, finish: finish, echo: echo), usage: usage)
    }

    private var echo: Echo? {
        guard let echoing else { return nil }
        var extras: [Int: String] = [:]
        for (index, call) in calls.enumerated() { extras[index] = call.extra }
        return ChatEcho.parts(reasoning: reasoning, extras: extras).map { Echo(model: echoing, parts: $0) }
    }

    /// - Returns: whether the chunk reports an error.
    private mutating func read(
        _ chunk: UnsafeBufferPointer<UInt8>, _ emit: (AnswerDelta) -> Void
    ) throws(JSONReader.Malformed) -> Bool {
        var reader = JSONReader(chunk)
        var isError = false
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "choices":
                guard try reader.peek() == UInt8(ascii: "[") else { return _ = try reader.skipValue() }
                try reader.readArray { (reader) throws(JSONReader.Malformed) in try readChoice(&reader, emit) }
            case "usage":
                // The last one counts: some servers report growing sums with every chunk.
                if let usage = Usage(chatCompletions: try reader.skipValue()) { self.usage = usage }
            case "error":
                isError = try reader.peek() != UInt8(ascii: "n")
                _ = try reader.skipValue()
            case "object":
                if try reader.skipValue().elementsEqual(#""error""#.utf8) { isError = true }
            default: _ = try reader.skipValue()
            }
        }
        return isError
    }

    private mutating func readChoice(
        _ reader: inout JSONReader, _ emit: (AnswerDelta) -> Void
    ) throws(JSONReader.Malformed) {
        var delta: JSONReader?
        var logprobs: [Double] = []
        var index = 0
        var reason: String?
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "index": index = try reader.readInt() ?? 0
            case "delta", "message":
                if try reader.peek() == UInt8(ascii: "{") { delta = reader }
                _ = try reader.skipValue()
            case "finish_reason": reason = try reader.readString()
            case "logprobs":
                if try reader.peek() == UInt8(ascii: "{") {
                    logprobs = try Self.readLogprobs(&reader)
                } else {
                    _ = try reader.skipValue()
                }
            default: _ = try reader.skipValue()
            }
        }
        // One answer is asked for; others are somebody's mistake.
        guard index == 0 else { return }
        if !logprobs.isEmpty { emit(.logprobs(logprobs)) }
        if var delta { try readDelta(&delta, emit) }
        if let reason, !reason.isEmpty {
            finishReason = reason
            sealAll(emit)
        }
    }

    /// `{"content": [{"token": "a", "logprob": -0.1, …}, …], …}`
    private static func readLogprobs(_ reader: inout JSONReader) throws(JSONReader.Malformed) -> [Double] {
        var logprobs: [Double] = []
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            guard case "content" = key, try reader.peek() == UInt8(ascii: "[") else {
                return _ = try reader.skipValue()
            }
            try reader.readArray { (reader) throws(JSONReader.Malformed) in
                guard try reader.peek() == UInt8(ascii: "{") else { return _ = try reader.skipValue() }
                try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
                    guard case "logprob" = key else { return _ = try reader.skipValue() }
                    // Nothing is more than certain.
                    if let logprob = try reader.readDouble() { logprobs.append(min(0, logprob)) }
                }
            }
        }
        return logprobs
    }

    private mutating func readDelta(
        _ reader: inout JSONReader, _ emit: (AnswerDelta) -> Void
    ) throws(JSONReader.Malformed) {
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "content":
                if try reader.peek() == UInt8(ascii: "[") {
                    try reader.readArray { (reader) throws(JSONReader.Malformed) in try readPart(&reader, emit) }
                } else {
                    add(text: try reader.readString(), emit)
                }
            case "refusal": add(text: try reader.readString(), emit)
            case "reasoning_content", "reasoning":
                guard let text = try reader.readString(), !text.isEmpty else { return }
                if echoing != nil { reasoning += text }
                emit(.reasoning(text))
            case "tool_calls":
                guard try reader.peek() == UInt8(ascii: "[") else { return _ = try reader.skipValue() }
                try reader.readArray { (reader) throws(JSONReader.Malformed) in try readCall(&reader, emit) }
            default: _ = try reader.skipValue()
            }
        }
    }

    /// One part of content that is sent as a list: text, or reasoning in its own list of parts.
    private mutating func readPart(
        _ reader: inout JSONReader, _ emit: (AnswerDelta) -> Void
    ) throws(JSONReader.Malformed) {
        try reader.readObject { (key, reader) throws(JSONReader.Malformed) in
            switch key {
            case "text": add(text: try reader.readString(), emit)
            case "thinking": for text in Self.texts(try reader.skipValue()) { emit(.reasoning(text)) }
            default: _ = try reader.skipValue()
            }
        }
    }

    private mutating func add(text piece: String?, _ emit: (AnswerDelta) -> Void) {
        guard let piece, !piece.isEmpty else { return }
        text += piece
        emit(.text(piece))
    }

    private static func texts(_ bytes: UnsafeBufferPointer<UInt8>) -> [String] {
        guard let value = try? JSON(parsing: bytes) else { return [] }
        if let text = value.stringValue { return [text] }
        return value.arrayValue?.compactMap { $0["text"]?.stringValue } ?? []
    }
}

extension Usage {
    /// Usage as Chat Completions reports it; `nil` where it is none.
    init?(chatCompletions bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.first == UInt8(ascii: "{"), let usage = try? JSON(parsing: bytes),
            let input = usage["prompt_tokens"]?.countValue
        else { return nil }
        self.init(
            input: input,
            // DeepSeek's own field.
            cached: usage["prompt_tokens_details"]?["cached_tokens"]?.countValue
                ?? usage["prompt_cache_hit_tokens"]?.countValue ?? 0,
            output: usage["completion_tokens"]?.countValue ?? 0,
            reasoning: usage["completion_tokens_details"]?["reasoning_tokens"]?.countValue ?? 0)
    }
}
