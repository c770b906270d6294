import ForerunCore
import ForerunEndpoints
import Testing

struct AnthropicRequestTests {
    private static let tools = [
        Tool(
            name: "read", description: "Reads a \"file\".",
            parameters: ["type": "object", "properties": ["b": [:], "a": [:]]])
    ]
    private static let role = ModelRequest.Role(
        name: "actor", instructions: "Be brief.", tools: tools,
        options: SamplingOptions(temperature: 0.5, maxTokens: 100))
    private static let entries: [Transcript.Entry] = [
        .message("Hello\u{1}\n"), .message("Again"),
        .turn(Turn(text: "Look:", calls: [Call("read", ["p": 1.0, "a": "x"]), Call("read", malformed: "{oops")])),
        .output(call: 0, Output("one")), .output(call: 1, Output("bad arguments", isError: true)),
        .turn(Turn(calls: [Call("read")])), .output(call: 0, Output("")), .message("And now?"),
        .turn(Turn(text: "Done.")),
    ]

    @Test func isEncodedExactlySo() throws {
        let body = try Self.body(ModelRequest(role: Self.role, transcript: Transcript(Self.entries)))
        let expected =
            #"{"model":"m","max_tokens":100,"stream":true,"temperature":0.5,"#
            + #""tools":[{"name":"read","description":"Reads a \"file\".","input_schema":{"properties":{"a":{},"b":{}},"type":"object"}}],"#
            + #""system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":["#
            + #"{"role":"user","content":[{"type":"text","text":"Hello\u0001\n"},{"type":"text","text":"Again"}]},"#
            + #"{"role":"assistant","content":[{"type":"text","text":"Look:"},{"type":"tool_use","id":"000000000","name":"read","input":{"a":"x","p":1}},{"type":"tool_use","id":"000000001","name":"read","input":{"malformed":"{oops"}}]},"#
            + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"000000000","content":"one"},{"type":"tool_result","tool_use_id":"000000001","content":"bad arguments","is_error":true,"cache_control":{"type":"ephemeral"}}]},"#
            + #"{"role":"assistant","content":[{"type":"tool_use","id":"000001000","name":"read","input":{}}]},"#
            + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"000001000"},{"type":"text","text":"And now?","cache_control":{"type":"ephemeral"}}]},"#
            + #"{"role":"assistant","content":[{"type":"text","text":"Done."}]}]}"#
        #expect(body == expected)
        _ = try JSON(parsing: Array(body.utf8))
    }

    /// Where one request ended, the next one has a mark: what was written to the cache is found again.
    @Test func marksAreWhereTheRequestBeforeEnded() throws {
        func marks(_ count: Int) throws -> [String] {
            let body = try Self.body(
                ModelRequest(role: Self.role, transcript: Transcript(Array(Self.entries.prefix(count)))))
            let parts = body.split(
                separator: #","cache_control":{"type":"ephemeral"}"#, omittingEmptySubsequences: false)
            #expect(parts.count <= 4, "the provider takes four marks at most")
            return (1..<parts.count).map { parts.prefix($0).joined() }
        }
        let first = try marks(2)
        let second = try marks(5)
        let third = try marks(8)
        #expect(first.count == 2)
        #expect(second.count == 3 && Array(second.prefix(2)) == first)
        #expect(third.count == 3 && third[0] == second[0] && third[1] == second[2])
    }

    @Test func leavesOutWhatARoleDoesNotHave() throws {
        let role = ModelRequest.Role(name: "plain", instructions: " \n")
        let hello = Transcript([.message("Hi")])
        #expect(
            try Self.body(ModelRequest(role: role, transcript: hello), model: "claude-sonnet-4-5")
                == #"{"model":"claude-sonnet-4-5","max_tokens":32000,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}]}"#
        )
        for (model, limit) in [("claude-3-haiku-20240307", 4096), ("claude-3-5-haiku-latest", 8192), ("other", 8192)] {
            #expect(
                try Self.body(ModelRequest(role: role, transcript: hello), model: model).contains(
                    "\"max_tokens\":\(limit),"))
        }
        #expect(
            try Self.body(ModelRequest(role: role, transcript: Transcript()))
                == #"{"model":"m","max_tokens":8192,"stream":true,"messages":[]}"#)
        let tooled = ModelRequest.Role(name: "tooled", tools: Self.tools)
        #expect(
            try Self.body(ModelRequest(role: tooled, transcript: Transcript())).contains(
                #""type":"object"},"cache_control":{"type":"ephemeral"}}],"messages":[]}"#))
    }

    @Test func asksForThinkingAndOneCallAtATime() throws {
        var endpoint = EndpointConfiguration(name: "test", baseURL: "http://127.0.0.1", wire: .anthropic)
        endpoint.reasoning.budget = 20_000
        endpoint.parallelCalls = false
        let role = ModelRequest.Role(
            name: "thinker", tools: Self.tools, options: SamplingOptions(temperature: 0.5, maxTokens: nil))
        let body = try Self.body(ModelRequest(role: role, transcript: Transcript()), endpoint)
        #expect(
            body.contains(#""max_tokens":24096,"stream":true,"thinking":{"type":"enabled","budget_tokens":20000},"#))
        #expect(body.contains(#","tool_choice":{"type":"auto","disable_parallel_tool_use":true},"#))
        #expect(!body.contains("temperature"))
        endpoint.reasoning = .init(effort: "high")
        #expect(
            try Self.body(ModelRequest(role: role, transcript: Transcript()), endpoint).contains(
                #""thinking":{"type":"adaptive"},"output_config":{"effort":"high"}"#))
    }

    /// Blocks of white space are refused; messages without a block are left out, and their neighbours are one.
    @Test func whiteSpaceIsNoBlock() throws {
        let entries: [Transcript.Entry] = [.message("a"), .turn(Turn(text: " \n")), .message(" "), .message("b")]
        let body = try Self.body(ModelRequest(role: .init(name: "r"), transcript: Transcript(entries)))
        #expect(
            body.hasSuffix(
                #""messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]}]}"#
            ))
    }

    /// A role without tools, as speculators have it, may not show blocks of calls: they become text.
    @Test func withoutToolsCallsAreText() throws {
        let body = try Self.body(
            ModelRequest(
                role: .init(name: "speculator"), transcript: Transcript(Array(Self.entries.dropFirst().prefix(4)))))
        #expect(
            body.hasSuffix(
                #""messages":[{"role":"user","content":[{"type":"text","text":"Again","cache_control":{"type":"ephemeral"}}]},"#
                    + #"{"role":"assistant","content":[{"type":"text","text":"Look:"},{"type":"text","text":"read {\"a\":\"x\",\"p\":1}"},{"type":"text","text":"read {oops"}]},"#
                    + #"{"role":"user","content":[{"type":"text","text":"Output: one"},{"type":"text","text":"Error: bad arguments","cache_control":{"type":"ephemeral"}}]}]}"#
            ))
    }

    @Test func thinkingGoesBackWhereItStoodAndToNobodyElse() throws {
        let thought = #"{"type":"thinking","thinking":"x","signature":"s"}"#
        let echo = Echo(
            model: "test/m",
            parts: [
                .init(calls: 0, text: 0, json: thought), .init(calls: 0, text: 3, json: thought),
                .init(calls: 1, text: 5, json: thought), .init(calls: 2, text: 5, json: thought),
            ])
        let turn = Turn(text: "Oh—", calls: [Call("a"), Call("b")], echo: echo)
        func content(_ turn: Turn, model: String = "m") throws -> String {
            let body = try Self.body(
                ModelRequest(
                    role: .init(name: "r", tools: Self.tools), transcript: Transcript([.message("q"), .turn(turn)])),
                model: model
            )
            return try #require(try JSON(parsing: Array(body.utf8))["messages"]?.arrayValue?.last?["content"]).text
        }
        func call(_ name: String) -> String {
            #"{"type":"tool_use","id":"\#(name == "a" ? "000000000" : "000000001")","name":"\#(name)","input":{}}"#
        }
        let text = Turn(text: "Oh so", calls: turn.calls, echo: echo)
        #expect(
            try content(text)
                == "[\(thought),{\"type\":\"text\",\"text\":\"Oh \"},\(thought),{\"type\":\"text\",\"text\":\"so\"},\(call("a")),\(thought),\(call("b")),\(thought)]"
        )
        // Text beside calls is dropped by default: the blocks stay.
        #expect(
            try content(Turn(calls: turn.calls, echo: echo))
                == "[\(thought),\(thought),\(call("a")),\(thought),\(call("b")),\(thought)]")
        #expect(try content(Turn(calls: turn.calls, echo: echo), model: "other") == "[\(call("a")),\(call("b"))]")
    }

    @Test func showsOnlyTheLastEntryWhereTheRoleSeesNoMore() throws {
        let role = ModelRequest.Role(name: "player")
        let body = try Self.body(
            ModelRequest(role: role, transcript: Transcript(Array(Self.entries.prefix(4))), view: .lastEntry))
        #expect(
            body.hasSuffix(
                #"[{"role":"user","content":[{"type":"text","text":"one","cache_control":{"type":"ephemeral"}}]}]}"#))
    }

    private static func body(
        _ request: ModelRequest,
        _ endpoint: EndpointConfiguration = EndpointConfiguration(
            name: "test", baseURL: "http://127.0.0.1", wire: .anthropic), model: String = "m"
    ) throws -> String {
        let first = try AnthropicModel(model, at: endpoint)
        let body = first.body(for: request)
        #expect(body == first.body(for: request))
        let again = ModelRequest(
            role: .init(
                name: request.role.name, instructions: request.role.instructions, tools: request.role.tools,
                options: request.role.options), transcript: Transcript(request.transcript.entries), view: request.view)
        #expect(try AnthropicModel(model, at: endpoint).body(for: again) == body)
        return String(decoding: body, as: UTF8.self)
    }
}
