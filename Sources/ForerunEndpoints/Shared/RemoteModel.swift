package import ForerunCore
package import ForerunTransport
import Glibc

/// A model behind an endpoint that speaks OpenAI's Chat Completions, as most servers do.
package struct OpenAIChatModel: Model {
    package let id: String
    package let configuration: EndpointConfiguration
    /// The second half of the id, as the endpoint knows it.
    package let name: String

    private let client: HTTPClient
    private let key: Secret?
    private let headers: HTTPHeaders
    private let encoder: ChatRequestEncoder

    /// - Throws: a failure of kind `.authentication` where the key is missing or readable by others.
    package init(
        _ name: String, at configuration: EndpointConfiguration, client: HTTPClient = .shared
    ) throws(ModelFailure) {
        id = "\(configuration.name)/\(name)"
        self.name = name
        self.configuration = configuration
        self.client = client
        key = try configuration.key.resolve()
        headers = configuration.headers(key)
        encoder = ChatRequestEncoder(model: name, configuration: configuration)
    }

    package func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        var received = await client.stream(post(encoder.body(for: request)), to: ChatReader(emit: emit))
        let response = received.response
        do throws(ModelFailure) {
            let failure = received.failure.map {
                ChatFailure.transport($0, response: response, configuration: configuration)
            }
            if let response, !response.isSuccess, failure?.kind != .cancelled {
                throw ChatFailure.status(
                    response, body: received.reader.body, configuration: configuration, model: name, now: time(nil))
            }
            return try received.reader.finish(failure)
        } catch {
            var error = error.withholding(key)
            error.requestID = error.requestID ?? response?[header: "x-request-id"]
            throw error
        }
    }

    /// The body that ``answer(_:emit:)`` would send.
    package func body(for request: ModelRequest) -> [UInt8] { encoder.body(for: request) }

    /// Opens a connection, so that the first request finds one. Failures do not matter here.
    package func prewarm() async {
        _ = try? await client.send(
            HTTPRequest(
                .head, configuration.baseURL, headers: headers, connectTimeout: configuration.connectTimeout,
                idleTimeout: 5, totalTimeout: 10))
    }

    private func post(_ body: [UInt8]) -> HTTPRequest {
        HTTPRequest(
            .post, configuration.url("/chat/completions"), headers: headers, body: body,
            connectTimeout: configuration.connectTimeout,
            idleTimeout: configuration.idleTimeout)
    }
}

extension OpenAIChatModel {
    /// The names of the models that an endpoint offers, sorted.
    package static func listModels(
        at configuration: EndpointConfiguration, client: HTTPClient = .shared
    ) async throws(ModelFailure) -> [String] {
        let key = try configuration.key.resolve()
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await client.send(
                HTTPRequest(
                    .get, configuration.url("/models"), headers: configuration.headers(key),
                    connectTimeout: configuration.connectTimeout, idleTimeout: 30, totalTimeout: 60))
        } catch {
            throw ChatFailure.transport(error, response: nil, configuration: configuration)
        }
        guard response.isSuccess else {
            throw ChatFailure.status(
                response, body: response.body, configuration: configuration, model: "", now: time(nil)
            ).withholding(key)
        }
        guard let list = (try? JSON(parsing: response.body))?["data"]?.arrayValue else {
            throw ModelFailure(
                .malformed, "\(configuration.name) sent no list of models: \(ChatFailure.excerpt(of: response.body))",
                remedy: "Check the address \(configuration.shownURL): it should end with the version, such as /v1.")
        }
        return list.compactMap { $0["id"]?.stringValue }.sorted()
    }
}
