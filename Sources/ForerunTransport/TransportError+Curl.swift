import CCurl
import Glibc

extension TransportError {
    /// Translates libcurl's result.
    ///
    /// - Parameters:
    ///   - detail: what libcurl wrote into the error buffer; empty where it wrote nothing.
    ///   - systemError: the `errno` of the last failed connect, or 0.
    ///   - hadResponse: the header of the response had arrived.
    init(_ result: CURLcode, detail: String, systemError: Int, hadResponse: Bool) {
        let message = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        switch result {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self.init(.couldNotResolve, message, remedy: "Check the host name, the network and the proxy variables.")
        case CURLE_COULDNT_CONNECT:
            switch Int32(systemError) {
            case EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL:
                self.init(.unreachable, message, remedy: "Check the network and the proxy variables.")
            case EMFILE, ENFILE:
                self.init(.unavailable, message, remedy: "Raise the limit of open files (ulimit -n).")
            default:
                self.init(.refused, message, remedy: "Is the server running, and at this address?")
            }
        case CURLE_OPERATION_TIMEDOUT:
            self.init(
                .timedOut, message, remedy: "Check that the server can be reached, or allow more time to connect.")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            self.init(
                .tls, message,
                remedy: "Check that the address is https, and name a private authority's certificates in SSL_CERT_FILE."
            )
        case CURLE_SSL_CACERT_BADFILE:
            self.init(
                .tls, message, remedy: "Check SSL_CERT_FILE and CURL_CA_BUNDLE: the file must hold PEM certificates.")
        case CURLE_URL_MALFORMAT:
            self.init(.invalidURL, message, remedy: Self.addressForm)
        case CURLE_UNSUPPORTED_PROTOCOL where !message.contains("HTTP/0.9"):
            self.init(.invalidURL, message, remedy: Self.addressForm)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            self.init(.malformed, message, remedy: "Check the address: this server does not speak HTTP.")
        case CURLE_PARTIAL_FILE:
            self.init(.truncated, message)
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM:
            self.init(hadResponse ? .truncated : .reset, message)
        case CURLE_OUT_OF_MEMORY, CURLE_NOT_BUILT_IN, CURLE_FAILED_INIT:
            self.init(.unavailable, message)
        default:
            self.init(hadResponse ? .truncated : .reset, message)
        }
    }

    private static let addressForm = "Write the address as http://host:port/path or https://host/path."

    static let cancelledByCaller = TransportError(.cancelled, "")
    static let clientShutDown = TransportError(.shutDown, "The HTTP client was shut down")
}
