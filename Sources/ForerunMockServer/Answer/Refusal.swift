import ForerunCore

/// A request that gets an error response.
struct Refusal: Error, Sendable, Hashable {
    var status: Int
    var message: String
    /// As OpenAI names it; ``body(in:requestID:)`` translates.
    var type: String
    var parameter: String?
    var code: String?
    var retry = RetryAdvice()

    static func invalid(_ message: String, parameter: String? = nil) -> Refusal {
        Refusal(status: 400, message: message, type: "invalid_request_error", parameter: parameter)
    }

    /// The error of that status, worded as providers do.
    static func scripted(
        _ status: Int, code: String? = nil, message own: String? = nil, retry: RetryAdvice = RetryAdvice()
    ) -> Refusal {
        let (type, usual, message): (String, String?, String) =
            switch status {
            case 401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided")
            case 403: ("permission_error", nil, "The key may not do this")
            case 404: ("invalid_request_error", "model_not_found", "The model does not exist")
            case 408: ("timeout_error", nil, "The request took too long")
            case 409: ("conflict_error", nil, "The request conflicts with another one")
            case 413: ("invalid_request_error", "request_too_large", "The request is too large")
            case 429: ("rate_limit_error", "rate_limit_exceeded", "Rate limit reached")
            case 503: ("server_error", nil, "The server is overloaded or not ready yet")
            case 504: ("timeout_error", nil, "The upstream server timed out")
            case 529: ("overloaded_error", nil, "Overloaded")
            case 500...: ("server_error", nil, "The server had an error")
            default: ("invalid_request_error", nil, "The request was refused")
            }
        return Refusal(
            status: status, message: own ?? "\(message) (scripted fault)", type: type, code: code ?? usual, retry: retry
        )
    }

    /// The request has more tokens than the model takes.
    static func contextOverflow(_ dialect: Dialect, tokens: Int) -> Refusal {
        dialect == .messages
            ? .invalid("prompt is too long: \(tokens) tokens > \(tokens / 2) maximum")
            : Refusal(
                status: 400,
                message:
                    "This model's maximum context length is \(tokens / 2) tokens. However, your messages resulted in "
                    + "\(tokens) tokens.", type: "invalid_request_error",
                parameter: dialect == .responses ? "input" : "messages", code: "context_length_exceeded")
    }

    func body(in dialect: Dialect, requestID: String) -> String {
        guard dialect == .messages else { return (["error": error] as JSON).text }
        return
            ([
                "type": "error", "error": ["type": .string(anthropicType), "message": .string(message)],
                "request_id": .string(requestID),
            ] as JSON).text
    }

    /// The error object of OpenAI's protocols.
    var error: JSON {
        [
            "message": .string(message), "type": .string(type), "param": parameter.map(JSON.string) ?? .null,
            "code": code.map(JSON.string) ?? .null,
        ]
    }

    var anthropicType: String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 408, 504: "timeout_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 529: "overloaded_error"
        case 500...: "api_error"
        default: "invalid_request_error"
        }
    }
}
