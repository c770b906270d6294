package import ForerunCore

/// Anthropic's Messages (API version 2023-06-01).
package struct AnthropicMessages: WireFormat {
    private let encoder: RequestEncoder<AnthropicWriter>
    private let id: String

    package init(id: String, model: String, configuration: EndpointConfiguration) {
        self.id = id
        encoder = RequestEncoder(AnthropicWriter(id: id, model: model, configuration: configuration))
    }

    package var path: String { "/messages" }
    package func body(for request: ModelRequest) -> [UInt8] { encoder.body(for: request) }
    package func makeDecoder() -> AnthropicStreamDecoder { AnthropicStreamDecoder(model: id) }
}

package typealias AnthropicModel = RemoteModel<AnthropicMessages>
