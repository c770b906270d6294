package import ForerunCore
package import ForerunTransport
import Glibc

/// What an endpoint says that it serves.
package enum ModelCatalog {
    /// Pages that are asked for at most; Anthropic lists up to a thousand models on one.
    private static let mostPages = 32

    /// The names of the models, sorted, each once.
    package static func list(
        at configuration: EndpointConfiguration, client: HTTPClient = .shared
    ) async throws(ModelFailure) -> [String] {
        let key = try configuration.key.resolve()
        let headers = configuration.headers(key)
        var names: Set<String> = []
        var after: String?
        for _ in 0..<mostPages {
            let page = try await page(after: after, configuration, key, headers, client)
            guard let list = page["data"]?.arrayValue ?? page["models"]?.arrayValue ?? page.arrayValue else {
                throw ModelFailure(
                    .malformed, "\(configuration.name) sent no list of models: \(page.text.prefix(300))",
                    remedy: remedy(configuration))
            }
            names.formUnion(list.compactMap { ($0["id"] ?? $0["name"] ?? $0["model"])?.stringValue })
            guard page["has_more"]?.boolValue == true, let last = page["last_id"]?.stringValue, last != after else {
                break
            }
            after = last
        }
        return names.sorted()
    }

    private static func page(
        after: String?, _ configuration: EndpointConfiguration, _ key: Secret?, _ headers: HTTPHeaders,
        _ client: HTTPClient
    ) async throws(ModelFailure) -> JSON {
        var configuration = configuration
        // Deployments are of one model each; the list belongs to the resource.
        if let deployment = configuration.baseURL.firstRange(of: "/deployments/{model}") {
            configuration.baseURL = String(configuration.baseURL[..<deployment.lowerBound])
        }
        if configuration.wire == .anthropic { configuration.query["limit"] = "1000" }
        if let after { configuration.query["after_id"] = after }
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await client.send(
                HTTPRequest(
                    .get, configuration.url("/models"), headers: headers, connectTimeout: configuration.connectTimeout,
                    idleTimeout: 30, totalTimeout: 60))
        } catch {
            throw EndpointFailure.transport(error, response: nil, configuration: configuration).withholding(
                configuration.secrets(key))
        }
        guard response.isSuccess else {
            throw EndpointFailure.status(
                response, body: response.body, configuration: configuration, model: "", now: time(nil)
            ).withholding(configuration.secrets(key))
        }
        guard let page = try? JSON(parsing: response.body) else {
            let shown = ProviderError.page(response.body) ?? "It sent: \(EndpointFailure.excerpt(of: response.body))"
            throw ModelFailure(
                .malformed, "\(configuration.name) sent no list of models. \(shown)", remedy: remedy(configuration)
            ).withholding(configuration.secrets(key))
        }
        return page
    }

    private static func remedy(_ configuration: EndpointConfiguration) -> String {
        "Check the address \(configuration.shownURL): it should end with the version, such as /v1."
    }
}

extension RemoteModel {
    /// The names of the models that an endpoint offers, sorted.
    package static func listModels(
        at configuration: EndpointConfiguration, client: HTTPClient = .shared
    ) async throws(ModelFailure) -> [String] { try await ModelCatalog.list(at: configuration, client: client) }
}

extension EndpointConfiguration {
    /// The model of that name, spoken with as this endpoint wants it.
    ///
    /// - Throws: a failure of kind `.authentication` where the key is missing or readable by others.
    package func model(
        _ name: String, client: HTTPClient = .shared, rates: (any RateListener)? = nil
    ) throws(ModelFailure) -> any Model {
        switch wire {
        case .chat: try OpenAIChatModel(name, at: self, client: client, rates: rates)
        case .responses: try ResponsesModel(name, at: self, client: client, rates: rates)
        case .anthropic: try AnthropicModel(name, at: self, client: client, rates: rates)
        case .completions: try CompletionsModel(name, at: self, client: client, rates: rates)
        }
    }
}
