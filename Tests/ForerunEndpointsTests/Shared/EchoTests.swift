import ForerunCore
import ForerunEndpoints
import Testing

/// What providers want back, and what follows for looking ahead.
struct EchoTests {
    /// Each row of the table in the documentation.
    static let rules: [(preset: String, model: String, reasoning: EndpointConfiguration.Reasoning, echo: String?)] = [
        ("openai", "gpt-5", .init(), nil), ("anthropic", "claude-sonnet-4-5", .init(), nil),
        ("anthropic", "claude-sonnet-4-5", .init(budget: 4096), "signed thinking"),
        ("anthropic", "claude-opus-4-6", .init(effort: "high"), "signed thinking"),
        ("openrouter", "openai/gpt-5", .init(), nil), ("groq", "llama-3.3-70b", .init(), nil),
        ("deepseek", "deepseek-chat", .init(), nil), ("deepseek", "deepseek-reasoner", .init(), "reasoning"),
        ("mistral", "mistral-large-latest", .init(), nil), ("gemini", "gemini-2.5-pro", .init(), nil),
        ("gemini", "gemini-3-pro-preview", .init(), "reasoning"),
        ("gemini", "gemini-3-pro-preview", .init(echo: false), nil), ("azure", "gpt-4.1", .init(), nil),
        ("ollama", "qwen3", .init(), nil), ("vllm", "qwen3", .init(echo: true), "reasoning"),
        ("lmstudio", "x", .init(), nil), ("llamacpp", "x", .init(), nil), ("litellm", "x", .init(), nil),
    ]

    @Test(arguments: rules)
    func eachProviderStatesWhatItWantsBack(
        _ rule: (preset: String, model: String, reasoning: EndpointConfiguration.Reasoning, echo: String?)
    ) throws {
        var endpoint = try #require(EndpointConfiguration.preset(rule.preset))
        endpoint.key = .none
        endpoint.reasoning = rule.reasoning
        #expect(endpoint.mustEcho(model: rule.model) == rule.echo)
        #expect(try endpoint.model(rule.model).mustEcho == rule.echo)
    }

    @Test func everyPresetIsInTheTable() {
        #expect(Set(Self.rules.map(\.preset)) == Set(EndpointConfiguration.presets.map(\.name)))
    }

    private static let chunks = [
        #"{"choices":[{"index":0,"delta":{"reasoning_content":"Let \"me\""}}]}"#,
        #"{"choices":[{"index":0,"delta":{"reasoning_content":" see","content":"I look."}}]}"#,
        #"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"read","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S/+="}}},{"index":1,"id":"b","function":{"name":"list","arguments":"{}"}}]}}]}"#,
        #"{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}"#,
    ]

    @Test func chatGivesReasoningAndSignaturesBackWhereTheyAreWanted() throws {
        var endpoint = EndpointConfiguration(name: "test", baseURL: "http://127.0.0.1")
        #expect(
            try DecodedStream(Self.chunks, OpenAIChat(id: "test/m", model: "m", configuration: endpoint).makeDecoder())
                .requireAnswer().turn.echo == nil)
        endpoint.reasoning.echo = true
        let format = OpenAIChat(id: "test/m", model: "m", configuration: endpoint)
        let turn = try DecodedStream(Self.chunks, format.makeDecoder()).requireAnswer().turn
        let request = ModelRequest(
            role: .init(name: "r"), transcript: Transcript([.message("q"), .turn(turn), .output(call: 0, Output("o"))]))
        let message =
            #"{"role":"assistant","content":"I look.","reasoning_content":"Let \"me\" see","tool_calls":["#
            + #"{"id":"000000000","type":"function","function":{"name":"read","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S/+="}}},"#
            + #"{"id":"000000001","type":"function","function":{"name":"list","arguments":"{}"}}]}"#
        #expect(String(decoding: format.body(for: request), as: UTF8.self).contains(message))
        let other = OpenAIChat(id: "other/m", model: "m", configuration: endpoint)
        let body = String(decoding: other.body(for: request), as: UTF8.self)
        #expect(!body.contains("reasoning_content") && !body.contains("thought_signature"))
    }

    /// The material of one provider reaches no other, whatever the transcript went through.
    @Test func nothingLeaksBetweenProviders() throws {
        let secret = "only-for-its-author"
        let echo = Echo(
            model: "a/m", parts: [.init(calls: 0, text: 0, json: #"{"type":"thinking","signature":"\#(secret)"}"#)])
        let entries: [Transcript.Entry] = [
            .message("q"), .turn(Turn(text: "t", calls: [Call("read")], echo: echo)), .output(call: 0, Output("o")),
        ]
        let tools = [Tool(name: "read", description: "Reads.", parameters: [:])]
        let request = ModelRequest(role: .init(name: "r", tools: tools), transcript: Transcript(entries))
        for wire in WireProtocol.allCases {
            for name in ["a", "b"] {
                let endpoint = EndpointConfiguration(
                    name: name, baseURL: "http://127.0.0.1", wire: wire, reasoning: .init(echo: true))
                let format: any WireFormat =
                    switch wire {
                    case .chat: OpenAIChat(id: "\(name)/m", model: "m", configuration: endpoint)
                    case .responses: OpenAIResponses(id: "\(name)/m", model: "m", configuration: endpoint)
                    case .anthropic: AnthropicMessages(id: "\(name)/m", model: "m", configuration: endpoint)
                    case .completions: PlainCompletions(id: "\(name)/m", model: "m", configuration: endpoint)
                    }
                let body = String(decoding: format.body(for: request), as: UTF8.self)
                #expect(body.contains(secret) == (name == "a" && wire != .completions), "\(wire) \(name)")
            }
        }
    }
}
