package import ForerunCore
package import ForerunTransport
import Glibc

/// Asks a model for plain completions: several prompts or choices in one request, each told apart as it streams.
package struct CompletionsClient: Sendable {
    package let configuration: EndpointConfiguration
    package let model: String

    private let client: HTTPClient
    private let key: Secret?
    /// It may hold a key.
    private let url: Secret
    private let headers: HTTPHeaders
    private let rates: (any RateListener)?

    /// - Throws: a failure of kind `.authentication` where the key is missing or readable by others.
    package init(
        _ model: String, at configuration: EndpointConfiguration, client: HTTPClient = .shared,
        rates: (any RateListener)? = nil
    ) throws(ModelFailure) {
        self.model = model
        self.configuration = configuration
        self.client = client
        key = try configuration.key.resolve()
        headers = configuration.headers(key)
        url = Secret(configuration.url("/completions", model: model))
        self.rates = rates
    }

    /// Those of every request, and where in a trace this one is.
    private var currentHeaders: HTTPHeaders {
        guard configuration.traceContext, !OutgoingTrace.fields.isEmpty else { return headers }
        return configuration.headers(key, adding: OutgoingTrace.fields)
    }

    /// - Parameter emit: called in order, from one task at a time, and never after this function has returned.
    /// - Returns: all choices, those of the first prompt first, and what they took.
    package func complete(
        _ request: CompletionRequest, emit: @escaping @Sendable (CompletionDelta) -> Void = { _ in }
    ) async throws(ModelFailure) -> (choices: [CompletionChoice], usage: Usage?) {
        let post = HTTPRequest(
            .post, url.exposed, headers: currentHeaders,
            body: request.body(model: model, configuration: configuration),
            connectTimeout: configuration.connectTimeout, idleTimeout: configuration.idleTimeout)
        let decoder = ChoicesDecoder(CompletionStreamDecoder(count: request.prompts.count * request.choices), emit)
        let rates = rates
        let asked = ContinuousClock.now
        let reader = AnswerReader(decoder, onResponse: { rates?.heard($0, asked: asked) }, emit: { _ in })
        var received = await client.stream(post, to: reader)
        let ended = try received.checked(configuration, model: model, key: key) {
            reader, failure throws(ModelFailure) in
            _ = try reader.finish(failure)
            return reader.decoder
        }
        if let usage = ended.decoder.usage { rates?.used(usage) }
        return (try ended.decoder.finish(), ended.decoder.usage)
    }
}

/// Several choices in the reader that answers have.
private struct ChoicesDecoder: AnswerDecoder {
    var decoder: CompletionStreamDecoder
    let choiceEmit: @Sendable (CompletionDelta) -> Void

    init(_ decoder: CompletionStreamDecoder, _ emit: @escaping @Sendable (CompletionDelta) -> Void) {
        self.decoder = decoder
        choiceEmit = emit
    }

    var isComplete: Bool { decoder.isComplete }

    mutating func decode(
        _ data: UnsafeBufferPointer<UInt8>, emit: (AnswerDelta) -> Void
    ) throws(ModelFailure) {
        try decoder.decode(data, emit: choiceEmit)
    }

    mutating func end(emit: (AnswerDelta) -> Void) { decoder.end() }

    mutating func finish(emit: (AnswerDelta) -> Void) throws(ModelFailure) -> Answer {
        _ = try decoder.finish()
        return Answer(Turn(), usage: decoder.usage)
    }
}
