package import ForerunCore

/// What became of one request to a ``MockServer``; one line of its log.
package struct RequestRecord: Sendable, Hashable {
    package enum Ending: String, Sendable, Hashable {
        /// The whole reply was sent.
        case complete
        /// The client went away before that.
        case cancelled
        /// A fault ended it: a reset.
        case reset
        /// A fault ended it: an orderly end of the connection amid the response.
        case closed
        /// The server was stopped.
        case stopped
    }

    /// Who asked.
    package struct Client: Sendable, Hashable {
        /// Address and port; a kept-alive connection keeps its port.
        package var address: String
        package var agent: String?
    }

    /// By arrival, from 1.
    package var number: Int
    package var client: Client
    package var dialect: Dialect
    package var isStreaming: Bool
    /// As the request named it, known or not.
    package var model: String
    /// Answers before the one that was asked for.
    package var step: Int
    /// Of the request's body.
    package var requestBytes: Int
    /// The request's body, where the log is to have it.
    package var body: String?
    package var status: Int
    /// Time of day at the arrival, in seconds since 1970.
    package var time: Double
    /// Seconds since the server started.
    package var arrival: Double
    /// `nil`: not a byte was sent.
    package var firstByte: Double?
    /// When the reply was sent or the client's leaving was seen.
    package var end: Double
    package var ending: Ending
    /// Of the response's body, as far as it was sent.
    package var bytes: Int
    package var promptTokens: Int
    /// Of the whole answer, also where it was not sent to its end.
    package var completionTokens: Int
    package var fault: String?

    /// Whether the client went away.
    package var isCancelled: Bool { ending == .cancelled }

    package var json: JSON {
        var members: [(String, JSON)] = [
            ("request", .number(JSONNumber(number))), ("client", .string(client.address)),
            ("agent", client.agent.map(JSON.string) ?? .null), ("protocol", .string(dialect.rawValue)),
            ("stream", .bool(isStreaming)), ("model", .string(model)), ("step", .number(JSONNumber(step))),
            ("request_bytes", .number(JSONNumber(requestBytes))), ("status", .number(JSONNumber(status))),
            ("time", .number(JSONNumber(time))), ("arrival", .number(JSONNumber(arrival))),
            ("first_byte", firstByte.map { .number(JSONNumber($0)) } ?? .null), ("end", .number(JSONNumber(end))),
            ("ending", .string(ending.rawValue)), ("cancelled", .bool(isCancelled)),
            ("bytes", .number(JSONNumber(bytes))), ("prompt_tokens", .number(JSONNumber(promptTokens))),
            ("completion_tokens", .number(JSONNumber(completionTokens))), ("fault", fault.map(JSON.string) ?? .null),
        ]
        if let body { members.append(("body", .string(body))) }
        return JSON(members: members)
    }
}
