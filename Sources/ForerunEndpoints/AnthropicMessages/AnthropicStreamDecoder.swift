package import ForerunCore

/// Makes an answer of the events of an Anthropic Messages stream, or of the one message of a reply that is not streamed.
///
/// Each block belongs to the latest `content_block_start` of its index; servers in front of other models are seen to number
/// all blocks 0, to leave out `content_block_stop`, and to send a call whole. Thinking that is signed is kept as it came.
package struct AnthropicStreamDecoder: AnswerDecoder {
    private enum Block {
        case text
        case call(Int)
        /// A thinking block, whose text and signature still grow.
        case thinking(AnthropicThinking)
        case other
    }

    private let model: String
    private var text = ""
    private var calls = CallList()
    private var echo: [Echo.Part] = []
    /// Blocks that are open, by index; the latest is the last one started.
    private var blocks: [Int: Block] = [:]
    private var latest = 0
    private var usage = AnthropicUsage()
    private var stopReason: String?
    private var isDone = false

    package init(model: String) { self.model = model }

    package var isComplete: Bool { isDone }

    package mutating func decode(
        _ chunk: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        guard !isDone, !chunk.isEmpty else { return }
        if chunk.elementsEqual("[DONE]".utf8) { return end(emit: emit) }
        let event: AnthropicEvent
        do throws(JSONReader.Malformed) {
            event = try AnthropicEvent(chunk)
        } catch {
            throw ModelFailure(.malformed, "The server sent what is no JSON: \(EndpointFailure.excerpt(of: chunk))")
        }
        if event.isError { throw EndpointFailure.inStream(Array(chunk)) }
        switch event.type {
        case "message_start": take(message: event.message?.json ?? .null)
        case "content_block_start": try start(event.block?.json ?? .null, at: event.index ?? latest + 1, emit)
        case "content_block_delta": try take(event.delta, at: event.index ?? latest, emit)
        case "content_block_stop": stop(event.index ?? latest, emit)
        case "message_delta":
            if let reason = event.delta?.json["stop_reason"]?.stringValue { stopReason = reason }
            if let usage = event.usage?.json { self.usage.take(usage) }
            if stopReason != nil { stopAll(emit) }
        case "message_stop": end(emit: emit)
        case "message": try take(whole: JSONSlice(chunk).json, emit)
        default: break
        }
    }

    package mutating func end(emit: (AnswerDelta) -> Void) {
        isDone = true
        stopAll(emit)
    }

    package mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer {
        guard isDone || stopReason != nil else {
            throw ModelFailure(.truncated, "The stream ended in the middle of the answer")
        }
        stopAll(emit)
        if calls.hasNameless { throw ModelFailure(.malformed, "The server sent a call without a name") }
        if calls.sealed.isEmpty, stopReason == nil, text.isEmpty {
            throw ModelFailure(.malformed, "The server sent an empty answer without a stop reason")
        }
        if calls.sealed.isEmpty, stopReason == "tool_use" {
            throw ModelFailure(.malformed, "The server announced calls and sent none")
        }
        let echo = echo.isEmpty ? nil : Echo(model: model, parts: echo)
        let finish = try FinishReason(word: stopReason, hasCalls: !calls.sealed.isEmpty)
        return Answer(Turn(text: text, calls: calls.sealed, finish: finish, echo: echo), usage: usage.total)
    }

    // MARK: - Messages

    private mutating func take(message: JSON) {
        if let usage = message["usage"] { self.usage.take(usage) }
    }

    private mutating func take(whole message: JSON, _ emit: (AnswerDelta) -> Void) throws(ModelFailure) {
        take(message: message)
        for (index, block) in (message["content"]?.arrayValue ?? []).enumerated() {
            try start(block, at: index, emit)
            stop(index, emit)
        }
        stopReason = message["stop_reason"]?.stringValue
    }

    // MARK: - Blocks

    private mutating func start(
        _ block: JSON, at index: Int, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        if blocks[index] != nil { stop(index, emit) }
        latest = index
        guard blocks.count < CallList.limit else { throw CallList.tooMany }
        switch block["type"]?.stringValue {
        case "text":
            blocks[index] = .text
            add(text: block["text"]?.stringValue, emit)
        case "tool_use":
            let call = try calls.start(
                block["name"]?.stringValue ?? "", id: block["id"]?.stringValue ?? "", emit)
            blocks[index] = .call(call)
            // A call that is sent whole; as a rule this is an empty object, and the arguments follow.
            if let input = block["input"], input.objectValue != nil, input != [:] {
                calls.append(input.text.utf8, to: call, emit)
            }
        case "thinking", "redacted_thinking":
            let thinking = AnthropicThinking(block, calls: calls.count, text: text.utf8.count)
            if !thinking.text.isEmpty { emit(.reasoning(thinking.text)) }
            blocks[index] = .thinking(thinking)
        default: blocks[index] = .other
        }
    }

    private mutating func take(
        _ delta: JSONSlice?, at index: Int, _ emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        guard let delta = delta?.json else { return }
        switch delta["type"]?.stringValue {
        case "text_delta": add(text: delta["text"]?.stringValue, emit)
        case "input_json_delta":
            guard case .call(let call)? = blocks[index], let piece = delta["partial_json"]?.stringValue else { return }
            calls.append(piece.utf8, to: call, emit)
        case "thinking_delta":
            guard let piece = delta["thinking"]?.stringValue, !piece.isEmpty else { return }
            emit(.reasoning(piece))
            withThinking(at: index) { $0.text += piece }
        case "signature_delta":
            guard let piece = delta["signature"]?.stringValue else { return }
            withThinking(at: index) { $0.signature += piece }
        default: break
        }
    }

    private mutating func withThinking(at index: Int, _ body: (inout AnthropicThinking) -> Void) {
        guard case .thinking(var thinking)? = blocks[index] else { return }
        // Taken out while it changes, or each piece would copy all before it.
        blocks[index] = .other
        body(&thinking)
        blocks[index] = .thinking(thinking)
    }

    private mutating func stop(_ index: Int, _ emit: (AnswerDelta) -> Void) {
        switch blocks.removeValue(forKey: index) {
        case .call(let call)?: calls.end(call, emit)
        case .thinking(let thinking)?:
            if let part = thinking.part { echo.append(part) }
        case .text?, .other?, nil: break
        }
    }

    private mutating func stopAll(_ emit: (AnswerDelta) -> Void) {
        for index in blocks.keys.sorted() { stop(index, emit) }
        calls.endAll(emit)
    }

    private mutating func add(text piece: String?, _ emit: (AnswerDelta) -> Void) {
        guard let piece, !piece.isEmpty else { return }
        text += piece
        emit(.text(piece))
    }
}
