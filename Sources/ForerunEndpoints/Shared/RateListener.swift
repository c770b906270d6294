package import ForerunCore
import ForerunTransport
import Glibc

/// Who wants to know what a model's responses say of its rate limits.
package protocol RateListener: Sendable {
    /// A header has arrived; called from the thread of the HTTP client, so it must be quick.
    ///
    /// - Parameter asked: when the request was sent.
    func heard(_ reading: RateReading, asked: ContinuousClock.Instant)

    /// What a finished request took.
    func used(_ usage: Usage)
}

extension RateListener {
    /// A response begins; most say nothing of limits.
    func heard(_ response: HTTPResponse, asked: ContinuousClock.Instant) {
        if let reading = RateReading(response, now: Double(time(nil))) { heard(reading, asked: asked) }
    }
}
