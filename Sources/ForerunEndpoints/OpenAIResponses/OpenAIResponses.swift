package import ForerunCore

/// OpenAI's Responses, without state at the provider (`store: false`).
package struct OpenAIResponses: WireFormat {
    private let encoder: RequestEncoder<ResponsesWriter>
    private let id: String

    package init(id: String, model: String, configuration: EndpointConfiguration) {
        self.id = id
        encoder = RequestEncoder(ResponsesWriter(id: id, model: model, configuration: configuration))
    }

    package var path: String { "/responses" }
    package func body(for request: ModelRequest) -> [UInt8] { encoder.body(for: request) }
    package func makeDecoder() -> ResponsesStreamDecoder { ResponsesStreamDecoder(model: id) }
}

package typealias ResponsesModel = RemoteModel<OpenAIResponses>
