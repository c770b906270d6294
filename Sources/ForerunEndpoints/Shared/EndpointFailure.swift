import ForerunCore
import ForerunTransport

/// What errors of servers mean.
enum EndpointFailure {
    /// An HTTP status that is no success.
    static func status(
        _ response: HTTPResponse, body: [UInt8], configuration: EndpointConfiguration, model: String, now: Int
    ) -> ModelFailure {
        let error = ProviderError(body)
        let kind = kind(status: response.status, error)
        return ModelFailure(
            kind, error.message ?? "The server gave no reason", status: response.status,
            requestID: requestID(response),
            retryAfter: RetryAfter.seconds(response, now: now) ?? waitNamed(by: error, kind),
            mayRetry: response[header: "x-should-retry"] == "false" ? false : nil,
            remedy: remedy(kind, status: response.status, configuration: configuration, model: model))
    }

    /// An error that is reported in the stream, after a status of success.
    static func inStream(_ chunk: [UInt8]) -> ModelFailure {
        let error = ProviderError(chunk)
        let kind = kind(status: error.status ?? 500, error)
        return ModelFailure(
            kind, error.message ?? excerpt(of: chunk), status: error.status, retryAfter: waitNamed(by: error, kind))
    }

    /// A request that brought no complete response.
    static func transport(
        _ error: TransportError, response: HTTPResponse?, configuration: EndpointConfiguration
    ) -> ModelFailure {
        let kind: ModelFailure.Kind
        switch error.code {
        case .cancelled: kind = .cancelled
        case .timedOut: kind = .timedOut
        case .truncated: kind = .truncated
        case .reset: kind = response == nil ? .connection : .truncated
        case .malformed, .tooLarge: kind = .malformed
        case .invalidURL: kind = .notFound
        case .notRecorded: kind = .invalidRequest
        default: kind = .connection
        }
        return ModelFailure(
            kind, kind == .cancelled ? "" : "\(configuration.name) at \(configuration.shownURL): \(error.message)",
            status: response?.status, requestID: response.flatMap(requestID), remedy: error.remedy)
    }

    /// What the provider calls the request.
    static func requestID(_ response: HTTPResponse) -> String? {
        ["x-request-id", "request-id", "apim-request-id"].lazy.compactMap { response[header: $0] }.first
    }

    /// The first characters of what a server sent, for messages.
    static func excerpt(of bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(1200), as: UTF8.self)
        return text.count > 300 ? text.prefix(300) + "…" : text
    }

    private static func kind(status: Int, _ error: ProviderError) -> ModelFailure.Kind {
        if error.isOutOfCredit { return .quotaExhausted }
        if error.isContextOverflow { return .contextOverflow }
        switch status {
        case 401, 403: return .authentication
        case 402: return .quotaExhausted
        case 404: return .notFound
        case 408, 504: return .timedOut
        case 413: return .contextOverflow
        case 429: return .rateLimited
        case 503, 529: return .overloaded
        case 409, 500...: break
        default: return .invalidRequest
        }
        // Errors in streams come without a status, some with a word instead.
        if error.names("rate_limit_exceeded", "rate_limit_error", "rate_limit") { return .rateLimited }
        if error.names("overloaded", "overloaded_error", "server_is_overloaded", "slow_down") { return .overloaded }
        if error.names("invalid_request_error", "BadRequestError", "invalid_prompt", "invalid_request") {
            return .invalidRequest
        }
        if error.names("authentication_error", "invalid_api_key", "permission_error") { return .authentication }
        if error.names("not_found_error", "model_not_found") { return .notFound }
        if error.names("timeout_error", "timeout") { return .timedOut }
        return .server
    }

    private static func waitNamed(by error: ProviderError, _ kind: ModelFailure.Kind) -> Double? {
        guard kind == .rateLimited || kind == .overloaded else { return nil }
        return error.message.flatMap(RetryAfter.seconds(inMessage:))
    }

    private static func remedy(
        _ kind: ModelFailure.Kind, status: Int, configuration: EndpointConfiguration, model: String
    ) -> String? {
        switch kind {
        case .authentication: configuration.key.remedy
        case .notFound:
            "Check the model name \(model) and the address \(configuration.shownURL): its /models lists what there is."
        case .quotaExhausted: "Add credit to the account of \(configuration.name), or use another endpoint."
        case .contextOverflow: "Shorten the task or its outputs, or use a model with a longer context."
        case .invalidRequest where (300..<400).contains(status):
            "Redirects are not followed: write the final address into the endpoint's base URL."
        default: nil
        }
    }
}
