package import ForerunCore

/// Plain completions as a model: what it is asked becomes one text, its answer is text. It makes no calls, so that it can
/// guess but not act.
package struct PlainCompletions: WireFormat {
    private let model: String
    private let configuration: EndpointConfiguration

    /// Where nobody says how long an answer may be: enough for several guesses. Servers' own limit is 16.
    private static let standardLimit = 1024

    package init(id: String, model: String, configuration: EndpointConfiguration) {
        self.model = model
        self.configuration = configuration
    }

    package var path: String { "/completions" }

    package func body(for request: ModelRequest) -> [UInt8] {
        let options = request.role.options
        return CompletionRequest(
            prompts: [Self.prompt(for: request)], maxTokens: options.maxTokens ?? Self.standardLimit,
            temperature: options.temperature, stop: ["\n\nUser:"], logprobs: options.logprobs ? 1 : nil
        ).body(model: model, configuration: configuration)
    }

    package func makeDecoder() -> CompletionAnswerDecoder { CompletionAnswerDecoder() }

    /// The transcript as text, in the form that models without a chat template go on from.
    static func prompt(for request: ModelRequest) -> String {
        var parts = request.role.instructions.isEmpty ? [] : [request.role.instructions]
        for entry in request.entries {
            switch entry {
            case .message(let text): parts.append("User: " + text)
            case .turn(let turn):
                let calls = turn.calls.map { "\($0.name) \($0.malformed ?? $0.arguments.canonicalText)" }
                parts.append("Assistant: " + ([turn.text] + calls).filter { !$0.isEmpty }.joined(separator: "\n"))
            case .output(_, let output): parts.append("Output: " + output.text)
            }
        }
        return (parts + ["Assistant:"]).joined(separator: "\n\n")
    }
}

package typealias CompletionsModel = RemoteModel<PlainCompletions>

/// Reads the one choice of a completion as an answer.
package struct CompletionAnswerDecoder: AnswerDecoder {
    private var decoder = CompletionStreamDecoder(count: 1)

    package init() {}

    package var isComplete: Bool { decoder.isComplete }

    package mutating func decode(
        _ data: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        try decoder.decode(data) { delta in
            if !delta.logprobs.isEmpty { emit(.logprobs(delta.logprobs)) }
            if !delta.text.isEmpty { emit(.text(delta.text)) }
        }
    }

    package mutating func end(emit: (AnswerDelta) -> Void) { decoder.end() }

    package mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer {
        let choice = try decoder.finish()[0]
        return Answer(Turn(text: choice.text, finish: choice.finish ?? .stop), usage: decoder.usage)
    }
}
