package import ForerunCore

/// OpenAI's Chat Completions, as most servers speak it.
package struct OpenAIChat: WireFormat {
    private let encoder: RequestEncoder<ChatWriter>
    private let model: String?

    package init(id: String, model: String, configuration: EndpointConfiguration) {
        self.model = configuration.mustEcho(model: model) == nil ? nil : id
        encoder = RequestEncoder(ChatWriter(id: id, model: model, configuration: configuration))
    }

    package var path: String { "/chat/completions" }
    package func body(for request: ModelRequest) -> [UInt8] { encoder.body(for: request) }
    package func makeDecoder() -> ChatStreamDecoder { ChatStreamDecoder(echoingFor: model) }
}

package typealias OpenAIChatModel = RemoteModel<OpenAIChat>
