import ForerunCore
import ForerunEndpoints
import ForerunTesting
import Testing

/// What the words and statuses of all providers mean.
struct ProviderErrorTests {
    /// A context that is too short, in the words of each provider.
    static let overflows: [(provider: String, status: Int, body: String)] = [
        (
            "OpenAI", 400,
            #"{"error":{"message":"too long","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#
        ),
        ("OpenAI Responses", 400, #"{"error":{"message":"Your input exceeds the context window of this model."}}"#),
        (
            "Anthropic", 400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#
        ),
        (
            "Anthropic, with max_tokens", 400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000"}}"#
        ),
        (
            "Anthropic, bytes", 413,
            #"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#
        ),
        (
            "Gemini", 400,
            #"[{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]"#
        ),
        (
            "Mistral", 400,
            #"{"object":"error","message":"Prompt contains 40000 tokens, too large for model with 32768 maximum context length","type":"invalid_request_error","code":"3051"}"#
        ),
        (
            "Groq", 400,
            #"{"error":{"message":"Please reduce the length of the messages or completion.","type":"invalid_request_error","code":"context_length_exceeded"}}"#
        ),
        ("DeepSeek", 400, #"{"error":{"message":"This model's maximum context length is 65536 tokens."}}"#),
        (
            "OpenRouter", 400,
            #"{"error":{"message":"This endpoint's maximum context length is 131072 tokens.","code":400}}"#
        ),
        (
            "Azure", 400,
            #"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#
        ),
        (
            "vLLM", 400,
            #"{"object":"error","message":"The decoder prompt (length 40000) is longer than the maximum model length of 32768.","type":"BadRequestError","code":400}"#
        ),
        (
            "llama.cpp", 400,
            #"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}"#
        ),
        (
            "llama-cpp-python", 400,
            #"{"error":{"message":"Requested tokens (5000) exceed context window of 2048","type":"invalid_request_error","code":null}}"#
        ),
        (
            "LM Studio", 400,
            #"{"error":"Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens"}"#
        ),
        ("Ollama", 400, #"{"error":{"message":"input length exceeds the context length","type":"api_error"}}"#),
        ("LiteLLM", 400, #"{"error":{"message":"litellm.ContextWindowExceededError: …","type":null,"code":"400"}}"#),
        (
            "SGLang", 400,
            #"{"object":"error","message":"The input (9000 tokens) is longer than the model's context length (4096 tokens).","code":400}"#
        ),
    ]

    @Test(arguments: overflows)
    func aContextThatIsTooShortIsRecognised(_ overflow: (provider: String, status: Int, body: String)) async throws {
        let failure = try await Self.failure(overflow.status, overflow.body)
        #expect(failure.kind == .contextOverflow)
        #expect(failure.remedy?.hasPrefix("Shorten") == true)
    }

    static let kinds: [(status: Int, body: String, kind: ModelFailure.Kind)] = [
        (
            529, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#,
            .overloaded
        ),
        (429, #"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#, .rateLimited),
        (500, #"{"type":"error","error":{"type":"api_error","message":"boom"}}"#, .server),
        (504, #"{"type":"error","error":{"type":"timeout_error","message":"late"}}"#, .timedOut),
        (
            401, #"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
            .authentication
        ),
        (403, #"{"type":"error","error":{"type":"permission_error","message":"no"}}"#, .authentication),
        (404, #"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#, .notFound),
        (
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
            .quotaExhausted
        ),
        (402, #"{"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#, .quotaExhausted),
        (400, #"{"error":{"message":"Unsupported parameter","code":"unsupported_parameter"}}"#, .invalidRequest),
        (413, "", .contextOverflow), (200, #"{"error":{"message":"x","type":"slow_down"}}"#, .overloaded),
    ]

    @Test(arguments: kinds)
    func kindsAreToldApart(_ expected: (status: Int, body: String, kind: ModelFailure.Kind)) async throws {
        #expect(try await Self.failure(expected.status, expected.body).kind == expected.kind)
    }

    @Test(arguments: [200, 404, 502])
    func aWebPageIsNamedByItsTitle(_ status: Int) async throws {
        let page = "\r\n<!DOCTYPE html><html><head><TITLE>502 Bad\n  Gateway</TITLE></head><body>\u{130}</body></html>"
        #expect(try await Self.failure(status, page).message == "The server sent a web page (502 Bad Gateway)")
    }

    @Test func theRequestIDIsFoundUnderEachName() async throws {
        for name in ["x-request-id", "request-id", "apim-request-id"] {
            #expect(try await Self.failure(500, "", ["\(name): r1"]).requestID == "r1")
        }
    }

    @Test(arguments: [
        ("try again in 11.054s. Visit", 11.054), ("Please try again in 6m0s.", 360), ("try again in 20 seconds", 20),
        ("try again in 150ms", 0.15), ("try again in 1h2m3.5s", 3723.5), ("try again in a moment", nil),
        ("try again in 5", nil), ("wait", nil),
    ])
    func theWaitIsReadFromTheMessage(_ message: String, _ seconds: Double?) async throws {
        let failure = try await Self.failure(429, #"{"error":{"message":"\#(message)"}}"#)
        #expect(failure.retryAfter == seconds)
        #expect(
            try await Self.failure(429, #"{"error":{"message":"\#(message)"}}"#, ["retry-after: 7"]).retryAfter == 7)
    }

    private static func failure(
        _ status: Int, _ body: String, _ headers: [String] = []
    ) async throws -> ModelFailure {
        let server = try LoopbackServer { _, connection in connection.respond(status, body, headers: headers) }
        defer { server.close() }
        let model = try OpenAIChatModel("m", at: EndpointConfiguration(name: "test", baseURL: server.url))
        let request = ModelRequest(role: .init(name: "actor"), transcript: Transcript([.message("Hello")]))
        return try #require(await #expect(throws: ModelFailure.self) { try await model.answer(request) { _ in } })
    }
}
