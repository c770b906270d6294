import ForerunCore
import ForerunTransport
import Glibc

extension Received {
    /// What the reader makes of an exchange, or the failure that it was, without the key.
    ///
    /// - Parameter finish: ends the reader, with what went wrong on the way.
    mutating func checked<Decoder: AnswerDecoder, Result>(
        _ configuration: EndpointConfiguration, model: String, key: Secret?,
        _ finish: (inout Reader, ModelFailure?) throws(ModelFailure) -> Result
    ) throws(ModelFailure) -> Result where Reader == AnswerReader<Decoder> {
        do throws(ModelFailure) {
            let failure = failure.map {
                EndpointFailure.transport($0, response: response, configuration: configuration)
            }
            if let response, !response.isSuccess, failure?.kind != .cancelled {
                throw EndpointFailure.status(
                    response, body: reader.body, configuration: configuration, model: model, now: time(nil))
            }
            return try finish(&reader, failure)
        } catch {
            var error = error.withholding(configuration.secrets(key))
            error.requestID = error.requestID ?? response.flatMap(EndpointFailure.requestID)
            throw error
        }
    }
}
