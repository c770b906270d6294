package import ForerunTransport
import Glibc

/// Sends requests of one signal to the collector.
package struct Sender: Sendable {
    /// What came of one attempt.
    package enum Result: Sendable, Hashable {
        /// It arrived. - Parameters: how many items the collector refused all the same, and its words.
        case accepted(refused: Int, message: String)
        /// The same may succeed later. - Parameter retryAfter: seconds that the collector asks to wait.
        case failed(String, retryAfter: Double?)
        /// It will never succeed.
        case refused(String)
    }

    private let settings: ExportSettings
    private let client: HTTPClient
    /// A response of a collector has a few bytes.
    private static let mostBytes = 1 << 20

    package init(_ settings: ExportSettings, client: HTTPClient) {
        self.settings = settings
        self.client = client
    }

    package var encoding: OTLP.Encoding { settings.encoding }

    /// The words for what was not answered before nobody waited any more.
    var lateness: String { "no answer in time (\(settings.shownURL))" }

    /// One attempt. Ends within the time-out, or as soon as the task is cancelled.
    package func send(_ body: [UInt8]) async -> Result {
        var body = body
        if settings.compresses {
            guard let smaller = Gzip.compressed(body) else { return .refused("no memory to compress it") }
            body = smaller
        }
        let request = HTTPRequest(
            .post, settings.url, headers: settings.headers, body: body, connectTimeout: settings.timeout,
            idleTimeout: settings.timeout, totalTimeout: settings.timeout)
        let response: HTTPResponse
        do throws(TransportError) {
            response = try await client.send(request, limit: Self.mostBytes)
        } catch {
            // Its words may repeat the address, which may hold a password.
            let words = "\(error.code) (\(settings.shownURL))"
            let isFinal = [.invalidURL, .tooLarge, .malformed].contains(error.code)
            return isFinal ? .refused(words) : .failed(words, retryAfter: nil)
        }
        if response.isSuccess {
            let partial = PartialSuccess(response.body, as: settings.encoding)
            return .accepted(refused: partial.rejected, message: partial.message)
        }
        let words = "HTTP \(response.status) (\(settings.shownURL))"
        guard RetrySchedule.isRetryable(response.status) else { return .refused(words) }
        return .failed(words, retryAfter: response.retryAfter(now: time(nil)))
    }
}
