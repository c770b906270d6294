import ForerunCore
import ForerunEndpoints
import Testing

struct ResponsesRequestTests {
    private static let entries: [Transcript.Entry] = [
        .message("Hello"), .turn(ResponsesRecording.turn), .output(call: 0, Output("one")),
        .output(call: 1, Output("")), .turn(Turn(calls: [Call("read", malformed: "{oops")])),
        .output(call: 0, Output("bad", isError: true)), .turn(Turn(text: "Done.")),
    ]
    private static let role = ModelRequest.Role(
        name: "actor", instructions: "Be brief.",
        tools: [Tool(name: "read", description: "Reads.", parameters: ["type": "object", "b": 1, "a": 2])],
        options: SamplingOptions(temperature: 0.5, maxTokens: 100))

    @Test func isEncodedExactlySo() throws {
        let reasoning =
            #"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking"}],"encrypted_content":"gAAA=="},"#
        let expected =
            #"{"model":"m","stream":true,"store":false,"temperature":0.5,"max_output_tokens":100,"instructions":"Be brief.","#
            + #""tools":[{"type":"function","name":"read","description":"Reads.","parameters":{"a":2,"b":1,"type":"object"},"strict":false}],"input":["#
            + #"{"role":"user","content":"Hello"},"# + reasoning
            + #"{"role":"assistant","content":"I look twice."},"#
            + #"{"type":"function_call","call_id":"000000000","name":"read","arguments":"{\"path\":\"a{b\\\"}\"}"},"#
            + #"{"type":"function_call","call_id":"000000001","name":"list","arguments":"{}"},"#
            + #"{"type":"function_call_output","call_id":"000000000","output":"one"},"#
            + #"{"type":"function_call_output","call_id":"000000001","output":""},"#
            + #"{"type":"function_call","call_id":"000001000","name":"read","arguments":"{oops"},"#
            + #"{"type":"function_call_output","call_id":"000001000","output":"bad"},"#
            + #"{"role":"assistant","content":"Done."}]}"#
        #expect(try Self.body("m") == expected)
        _ = try JSON(parsing: Array(expected.utf8))
        // Another model, or the same one behind another endpoint, never sees it.
        #expect(
            try Self.body("n")
                == expected.replacing(reasoning, with: "").replacing(#""model":"m""#, with: #""model":"n""#))
        let elsewhere = EndpointConfiguration(name: "other", baseURL: "http://127.0.0.1", wire: .responses)
        #expect(try Self.body("m", elsewhere) == expected.replacing(reasoning, with: ""))
    }

    @Test func reasoningIsAskedForOfModelsThatHaveIt() throws {
        let include = #""include":["reasoning.encrypted_content"]"#
        var endpoint = EndpointConfiguration(name: "test", baseURL: "http://127.0.0.1", wire: .responses)
        for (model, echoes) in [("gpt-5", true), ("o4-mini", true), ("gpt-4.1", false), ("gpt-5-chat-latest", false)] {
            #expect(try Self.body(model, endpoint).contains(include) == echoes, "\(model)")
            #expect((endpoint.mustEcho(model: model) != nil) == echoes)
        }
        endpoint.reasoning = .init(effort: "low", echo: false)
        #expect(try !Self.body("gpt-5", endpoint).contains(include))
        #expect(try Self.body("gpt-5", endpoint).contains(#","reasoning":{"effort":"low"},"#))
        #expect(endpoint.mustEcho(model: "gpt-5") == nil)
    }

    private static func body(
        _ model: String,
        _ endpoint: EndpointConfiguration = EndpointConfiguration(
            name: "test", baseURL: "http://127.0.0.1", wire: .responses)
    ) throws -> String {
        let request = ModelRequest(role: role, transcript: Transcript(entries))
        let body = try ResponsesModel(model, at: endpoint).body(for: request)
        #expect(try ResponsesModel(model, at: endpoint).body(for: request) == body)
        return String(decoding: body, as: UTF8.self)
    }
}
