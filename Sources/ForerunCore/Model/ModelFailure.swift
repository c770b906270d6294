/// Why a request brought no answer.
public struct ModelFailure: Error, Sendable, Hashable {
    /// What kind of failure it was. The core decides by kind whether to try again.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        /// Asking again may help.
        public let isRetryable: Bool

        package init(_ description: String, retryable: Bool) {
            self.description = description
            self.isRetryable = retryable
        }

        public static let rateLimited = Kind("rate limited", retryable: true)
        public static let quotaExhausted = Kind("quota exhausted", retryable: false)
        public static let overloaded = Kind("overloaded", retryable: true)
        public static let server = Kind("server error", retryable: true)
        public static let connection = Kind("connection failed", retryable: true)
        public static let timedOut = Kind("timed out", retryable: true)
        /// The stream ended before the answer did.
        public static let truncated = Kind("truncated stream", retryable: true)
        /// The server sent what is no answer.
        public static let malformed = Kind("malformed answer", retryable: true)
        public static let authentication = Kind("authentication failed", retryable: false)
        public static let notFound = Kind("unknown model or address", retryable: false)
        public static let invalidRequest = Kind("request refused", retryable: false)
        public static let contextOverflow = Kind("context too long", retryable: false)
        /// The model, or a limit, ended the answer before it was whole.
        public static let cutOff = Kind("answer cut off", retryable: false)
        /// The provider kept the answer, or a part of it, to itself.
        public static let withheld = Kind("answer withheld", retryable: false)
        public static let cancelled = Kind("cancelled", retryable: false)

        /// All of them, to read them back.
        static let all = [
            rateLimited, quotaExhausted, overloaded, server, connection, timedOut, truncated, malformed, authentication,
            notFound, invalidRequest, contextOverflow, cutOff, withheld, cancelled,
        ]
    }

    public var kind: Kind
    /// The cause, in the provider's words where there are any. Never holds a key.
    public var message: String
    /// HTTP status, where there was a response.
    public var status: Int?
    /// The provider's id of the request.
    public var requestID: String?
    /// Seconds that the server asks to wait.
    public var retryAfter: Double?
    /// Whether asking again may help, where the server says so itself. `nil`: as the kind says.
    public var mayRetry: Bool?
    /// What the user can do about it.
    public var remedy: String?

    public init(
        _ kind: Kind, _ message: String, status: Int? = nil, requestID: String? = nil, retryAfter: Double? = nil,
        mayRetry: Bool? = nil, remedy: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.status = status
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.mayRetry = mayRetry
        self.remedy = remedy
    }
}

extension ModelFailure: CustomStringConvertible {
    /// Kind, status, message, request id and remedy on one line.
    public var description: String {
        var line = kind.description
        if let status { line += " (HTTP \(status))" }
        if !message.isEmpty { line += ": \(message)" }
        if let requestID { line += " [request \(requestID)]" }
        if let remedy { line += ". \(remedy)" }
        return line
    }
}
