package import ForerunCore

/// Anthropic's Messages (API version 2023-06-01).
package struct AnthropicMessages: WireFormat {
    private let encoder: RequestEncoder<AnthropicWriter>
    /// For roles without tools: blocks of calls are refused there.
    private let plain: RequestEncoder<AnthropicWriter>
    private let id: String

    package init(id: String, model: String, configuration: EndpointConfiguration) {
        self.id = id
        encoder = RequestEncoder(AnthropicWriter(id: id, model: model, configuration: configuration))
        plain = RequestEncoder(
            AnthropicWriter(id: id, model: model, configuration: configuration, writesCallsAsText: true))
    }

    package var path: String { "/messages" }
    package func body(for request: ModelRequest) -> [UInt8] {
        (request.role.tools.isEmpty ? plain : encoder).body(for: request)
    }
    package func makeDecoder() -> AnthropicStreamDecoder { AnthropicStreamDecoder(model: id) }
}

package typealias AnthropicModel = RemoteModel<AnthropicMessages>
