/// A protocol in which clients ask and the server answers. All of them answer from the same script.
package enum Dialect: String, Sendable, Hashable, CaseIterable {
    /// OpenAI's Chat Completions, `/v1/chat/completions`.
    case chat
    /// OpenAI's Responses, `/v1/responses`.
    case responses
    /// Anthropic's Messages, `/v1/messages`.
    case messages
    /// Plain completions of a text, `/v1/completions`.
    case completions

    /// Where it is asked.
    package var path: String {
        switch self {
        case .chat: "/v1/chat/completions"
        case .responses: "/v1/responses"
        case .messages: "/v1/messages"
        case .completions: "/v1/completions"
        }
    }

    init?(path: some StringProtocol) {
        guard let dialect = Self.allCases.first(where: { $0.path == path }) else { return nil }
        self = dialect
    }

    /// The id of the answer to request `number`, as this protocol's servers write ids.
    func answerID(_ number: Int) -> String {
        switch self {
        case .chat: "chatcmpl-\(number)"
        case .responses: "resp_\(number)"
        case .messages: "msg_\(number)"
        case .completions: "cmpl-\(number)"
        }
    }
}
