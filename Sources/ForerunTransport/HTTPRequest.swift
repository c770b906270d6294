/// One HTTP request.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case delete = "DELETE"
    }

    package var method: Method
    package var url: String
    package var headers: HTTPHeaders
    /// Sent with POST only.
    package var body: [UInt8]
    /// Seconds for name look-up, connecting and the TLS handshake together.
    package var connectTimeout: Double
    /// Seconds without a byte from the server; also the longest wait for the first one.
    package var idleTimeout: Double
    /// Seconds for the whole exchange. `nil`, as streams need it: no limit.
    package var totalTimeout: Double?

    package init(
        _ method: Method, _ url: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        connectTimeout: Double = 10, idleTimeout: Double = 300, totalTimeout: Double? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.idleTimeout = idleTimeout
        self.totalTimeout = totalTimeout
    }
}
