import ForerunCore
import ForerunMockServer

/// A running server, as a test sees it.
struct Serving: Sendable {
    let port: Int
    let records: AsyncStream<RequestRecord>

    /// One request on a connection of its own.
    func complete(_ body: String) async throws -> RawResponse {
        try await RawClient(port: port).exchange("POST", "/v1/chat/completions", body: body)
    }

    /// One request in a protocol, on a connection of its own.
    func ask(_ dialect: Dialect, _ body: String) async throws -> RawResponse {
        try await RawClient(port: port).exchange(
            "POST", dialect.path, headers: dialect == .messages ? "anthropic-version: 2023-06-01\r\n" : "", body: body)
    }

    /// The first question of a conversation.
    func ask(_ dialect: Dialect, model: String = "actor", stream: Bool = true) async throws -> RawResponse {
        try await ask(dialect, question(dialect, model: model, stream: stream))
    }

    /// The log entry of the next request that ends.
    func nextRecord() async -> RequestRecord? {
        for await record in records { return record }
        return nil
    }
}

/// Runs a server for the time of `body`.
func withServer(_ yaml: String, _ body: @Sendable (Serving) async throws -> Void) async throws {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let (records, recorder) = AsyncStream.makeStream(of: RequestRecord.self)
    let server = MockServer(try MockScript(yaml: yaml), onRecord: { recorder.yield($0) })
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run(onReady: { ready.yield($0) }) }
        for await port in ports {
            try await body(Serving(port: port, records: records))
            break
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// The body of a completion request after `step` answers.
func request(_ model: String = "actor", step: Int = 0, stream: Bool = true, last: String? = nil) -> String {
    var messages: [JSON] = [["role": "user", "content": "Go."]]
    for index in 0..<step {
        messages.append(["role": "assistant", "content": "…"])
        messages.append(["role": "user", "content": .string("Output \(index)")])
    }
    if let last { messages.append(["role": "user", "content": .string(last)]) }
    let body: JSON = [
        "model": .string(model), "stream": .bool(stream), "stream_options": ["include_usage": true],
        "messages": .array(messages),
    ]
    return body.text
}

/// The first question of a conversation, as a protocol spells it.
func question(_ dialect: Dialect, model: String = "actor", stream: Bool = true) -> String {
    let rest =
        switch dialect {
        case .chat: #""messages":[{"role":"user","content":"Go."}]"#
        case .responses: #""input":"Go.""#
        case .messages: #""max_tokens":99,"messages":[{"role":"user","content":"Go."}]"#
        case .completions: #""prompt":"Go.""#
        }
    return #"{"model":"\#(model)","stream":\#(stream),\#(rest)}"#
}
