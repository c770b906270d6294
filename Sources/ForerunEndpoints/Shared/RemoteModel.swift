package import ForerunCore
package import ForerunTransport

/// A model behind an endpoint that speaks one of the wire formats.
package struct RemoteModel<Format: WireFormat>: Model {
    package let id: String
    package let configuration: EndpointConfiguration
    /// The second half of the id, as the endpoint knows it.
    package let name: String
    package let mustEcho: String?

    private let client: HTTPClient
    private let key: Secret?
    /// It may hold a key.
    private let url: Secret
    private let headers: HTTPHeaders
    private let format: Format
    private let rates: (any RateListener)?

    /// - Throws: a failure of kind `.authentication` where the key is missing or readable by others.
    package init(
        _ name: String, at configuration: EndpointConfiguration, client: HTTPClient = .shared,
        rates: (any RateListener)? = nil
    ) throws(ModelFailure) {
        self.rates = rates
        id = "\(configuration.name)/\(name)"
        mustEcho = configuration.mustEcho(model: name)
        self.name = name
        self.configuration = configuration
        self.client = client
        key = try configuration.key.resolve()
        headers = configuration.headers(key)
        format = Format(id: id, model: name, configuration: configuration)
        url = Secret(configuration.url(format.path, model: name))
    }

    package func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        let rates = rates
        let asked = ContinuousClock.now
        let reader = AnswerReader(format.makeDecoder(), onResponse: { rates?.heard($0, asked: asked) }, emit: emit)
        var received = await client.stream(post(format.body(for: request)), to: reader)
        let answer = try received.checked(configuration, model: name, key: key) {
            reader, failure throws(ModelFailure) in
            try reader.finish(failure)
        }
        if let usage = answer.usage { rates?.used(usage) }
        return answer
    }

    /// The body that ``answer(_:emit:)`` would send.
    package func body(for request: ModelRequest) -> [UInt8] { format.body(for: request) }

    /// Opens a connection where that takes more than a round trip: only TLS has much to agree on first. What is recorded or
    /// played holds no request that nobody needs.
    package func prewarm() async {
        guard case .live = client.traffic, configuration.baseURL.lowercased().hasPrefix("https://") else { return }
        await connect()
    }

    /// Opens a connection, so that the first request finds one. Failures do not matter here.
    package func connect() async {
        _ = try? await client.send(
            HTTPRequest(
                .head, configuration.url("", model: name), headers: headers,
                connectTimeout: configuration.connectTimeout,
                idleTimeout: 5, totalTimeout: 10))
    }

    /// Those of every request, and where in a trace this one is.
    private var currentHeaders: HTTPHeaders {
        guard configuration.traceContext, !OutgoingTrace.fields.isEmpty else { return headers }
        return configuration.headers(key, adding: OutgoingTrace.fields)
    }

    private func post(_ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            .post, url.exposed, headers: currentHeaders, body: body,
            connectTimeout: configuration.connectTimeout,
            idleTimeout: configuration.idleTimeout)
    }
}
