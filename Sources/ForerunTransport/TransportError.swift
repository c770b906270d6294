/// Why a request brought no complete response.
///
/// An HTTP status of any kind is a response, no error.
package struct TransportError: Error, Sendable, Hashable {
    /// What went wrong, in a word that can be counted and compared.
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String
        private init(_ description: String) { self.description = description }

        /// The code of an exchange that failed when it was recorded.
        init(recorded description: String) { self.description = description }

        package static let couldNotResolve = Code("host not found")
        package static let refused = Code("connection refused")
        package static let unreachable = Code("host unreachable")
        package static let tls = Code("TLS failed")
        package static let timedOut = Code("timed out")
        /// The connection was closed or reset before the first byte of a response, or in the middle of a write.
        package static let reset = Code("connection reset")
        /// The connection ended in the middle of the response.
        package static let truncated = Code("truncated response")
        /// The server speaks something else than HTTP.
        package static let malformed = Code("malformed response")
        /// The body is longer than the caller allowed.
        package static let tooLarge = Code("response too large")
        package static let cancelled = Code("cancelled")
        package static let invalidURL = Code("invalid URL")
        /// A recording is played, and it does not have the request.
        package static let notRecorded = Code("not recorded")
        /// The client was shut down.
        package static let shutDown = Code("shut down")
        /// The system or libcurl lacks what a request needs: file descriptors, memory, a protocol.
        package static let unavailable = Code("unavailable")
    }

    package var code: Code
    /// libcurl's own words, where there are any.
    package var message: String
    /// What the user can do about it.
    package var remedy: String?

    package init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension TransportError: CustomStringConvertible {
    package var description: String {
        "\(code)" + (message.isEmpty ? "" : ": \(message)") + (remedy.map { ". \($0)" } ?? "")
    }
}
