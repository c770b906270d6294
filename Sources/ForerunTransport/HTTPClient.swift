import Synchronization

/// An HTTP client on one libcurl loop with a thread of its own.
///
/// Connections are kept alive and shared: HTTP/1.1 for http, HTTP/2 where an https server offers it and libcurl's is
/// sound (8.5 or newer); beyond the streams that a server allows on one, further connections are opened. Proxies come
/// from `http_proxy`, `https_proxy` and `no_proxy` (never for this machine itself), certificates from `SSL_CERT_FILE` or
/// `CURL_CA_BUNDLE`. Redirects are not followed: they would carry keys to other hosts.
package final class HTTPClient: Sendable {
    /// The client of the whole process, started on first use.
    package static let shared = HTTPClient()

    /// Where responses come from.
    package let traffic: Traffic
    /// `nil` where a recording is played.
    private let loop: CurlLoop?

    /// - Parameter certificateFile: certificates of servers that are trusted (PEM); `nil`: those of the process.
    package init(_ traffic: Traffic = .live, certificateFile: String? = nil) {
        self.traffic = traffic
        if case .played = traffic { loop = nil } else { loop = CurlLoop(certificateFile: certificateFile) }
    }

    /// Leaves the thread to end by itself; ``shutDown()`` waits for it.
    deinit { loop?.stop(waiting: false) }

    /// Sends `request` and lets `reader` take the response as it arrives.
    ///
    /// Cancelling the task closes the connection (in HTTP/2, resets the stream) at once. `reader` is never called after
    /// this function has returned.
    package func stream<Reader: ResponseReader>(_ request: HTTPRequest, to reader: Reader) async -> Received<Reader> {
        switch traffic {
        case .live: return await exchange(request, reader)
        case .recorded(let recorder):
            let received = await exchange(request, TapingReader(inner: reader))
            recorder.add(
                request, received.reader.tape, response: received.response, failure: received.failure)
            return Received(
                reader: received.reader.inner, response: received.response, failure: received.failure)
        case .played(let playback): return await playback.stream(request, to: reader)
        }
    }

    private func exchange<Reader: ResponseReader>(_ request: HTTPRequest, _ reader: Reader) async -> Received<Reader> {
        guard let loop else { return Received(reader: reader, response: nil, failure: .clientShutDown) }
        let exchange = ReadingExchange(request, reader: reader)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.continuation = continuation
                loop.start(exchange)
            }
        } onCancel: {
            exchange.isCancelled.store(true, ordering: .releasing)
            loop.cancel(exchange.id)
        }
    }

    /// Sends `request` and collects a body of at most `limit` bytes.
    package func send(_ request: HTTPRequest, limit: Int = 16 << 20) async throws(TransportError) -> HTTPResponse {
        let received = await stream(request, to: BodyCollector(limit: limit))
        if let failure = received.failure { throw failure }
        guard !received.reader.isTooLarge else {
            throw TransportError(.tooLarge, "The body of \(request.url) has more than \(limit) bytes")
        }
        guard var response = received.response else { throw TransportError(.malformed, "No header arrived") }
        response.body = received.reader.body
        return response
    }

    /// Ends all exchanges with ``TransportError/Code/shutDown``, closes all connections and waits for the thread.
    ///
    /// Takes about a millisecond. Later requests fail at once.
    package func shutDown() { loop?.stop(waiting: true) }
}
