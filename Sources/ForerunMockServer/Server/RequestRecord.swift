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
        /// The server was stopped.
        case stopped
    }

    /// By arrival, from 1.
    package var number: Int
    /// As the request named it, known or not.
    package var model: String
    /// Answers before the one that was asked for.
    package var step: Int
    package var status: Int
    /// Seconds since the server started.
    package var arrival: Double
    /// `nil`: not a byte was sent.
    package var firstByte: Double?
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
        [
            "request": .number(JSONNumber(number)), "model": .string(model), "step": .number(JSONNumber(step)),
            "status": .number(JSONNumber(status)), "arrival": .number(JSONNumber(arrival)),
            "first_byte": firstByte.map { .number(JSONNumber($0)) } ?? .null, "end": .number(JSONNumber(end)),
            "ending": .string(ending.rawValue), "cancelled": .bool(isCancelled), "bytes": .number(JSONNumber(bytes)),
            "prompt_tokens": .number(JSONNumber(promptTokens)),
            "completion_tokens": .number(JSONNumber(completionTokens)), "fault": fault.map(JSON.string) ?? .null,
        ]
    }
}
