package import ForerunCore

/// Makes choices of the chunks of a completions stream, or of the one object of a reply that is not streamed. Pure.
///
/// Chunks of several choices come in any order; each names its own by `index`.
package struct CompletionStreamDecoder: Sendable {
    package private(set) var choices: [CompletionChoice]
    package private(set) var usage: Usage?
    private var isDone = false

    /// - Parameter count: choices that were asked for, over all prompts.
    package init(count: Int) { choices = Array(repeating: CompletionChoice(), count: count) }

    package var isComplete: Bool { isDone }

    package mutating func decode(
        _ chunk: UnsafeBufferPointer<UInt8>, emit: (CompletionDelta) -> Void
    ) throws(ModelFailure) {
        guard !isDone, !chunk.isEmpty else { return }
        if chunk.elementsEqual("[DONE]".utf8) { return end() }
        guard let event = try? JSON(parsing: chunk), event.objectValue != nil else {
            throw ModelFailure(.malformed, "The server sent what is no JSON: \(EndpointFailure.excerpt(of: chunk))")
        }
        if let error = event["error"], !error.isNull { throw EndpointFailure.inStream(Array(chunk)) }
        if event["object"] == "error" { throw EndpointFailure.inStream(Array(chunk)) }
        for choice in event["choices"]?.arrayValue ?? [] { take(choice, emit) }
        if let usage = event["usage"].flatMap({ Usage(completions: $0) }) { self.usage = usage }
    }

    /// Takes the server's word that all is there.
    package mutating func end() { isDone = true }

    /// - Throws: `.truncated` where a choice is not whole.
    package func finish() throws(ModelFailure) -> [CompletionChoice] {
        guard isDone || choices.allSatisfy({ $0.finish != nil }) else {
            throw ModelFailure(.truncated, "The stream ended in the middle of the answer")
        }
        return choices
    }

    private mutating func take(_ choice: JSON, _ emit: (CompletionDelta) -> Void) {
        let index = choice["index"]?.intValue ?? 0
        // Others were not asked for.
        guard choices.indices.contains(index) else { return }
        let text = choice["text"]?.stringValue ?? ""
        let logprobs = (choice["logprobs"]?["token_logprobs"]?.arrayValue ?? []).compactMap(\.doubleValue)
        let finish = choice["finish_reason"]?.stringValue.flatMap { $0.isEmpty ? nil : FinishReason($0) }
        guard !text.isEmpty || !logprobs.isEmpty || finish != nil else { return }
        choices[index].text += text
        choices[index].logprobs += logprobs
        choices[index].finish = finish ?? choices[index].finish
        emit(CompletionDelta(index: index, text: text, logprobs: logprobs, finish: finish))
    }
}

extension Usage {
    /// Usage as completions report it; `nil` where it is none.
    init?(completions usage: JSON) {
        guard let input = usage["prompt_tokens"]?.countValue else { return nil }
        self.init(
            input: input, cached: usage["prompt_tokens_details"]?["cached_tokens"]?.countValue ?? 0,
            output: usage["completion_tokens"]?.countValue ?? 0)
    }
}
