import ForerunCore
import ForerunEndpoints
import Testing

/// The bodies of requests. Equal requests must be equal bytes, however and by whom they were made.
struct ChatRequestTests {
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
        .turn(Turn(calls: [Call("read")])), .output(call: 0, Output("")), .turn(Turn(text: "Done.")),
    ]

    @Test func logprobsAreAskedForOnlyWhereTheyAreWanted() throws {
        let role = ModelRequest.Role(name: "actor", options: SamplingOptions(logprobs: true))
        let request = ModelRequest(role: role, transcript: Transcript([.message("Hello")]))
        #expect(
            try Self.body(request)
                == #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"logprobs":true,"top_logprobs":1,"#
                + #""messages":[{"role":"user","content":"Hello"}]}"#)
    }

    @Test func isEncodedExactlySo() throws {
        let request = ModelRequest(role: Self.role, transcript: Transcript(Self.entries))
        let head =
            #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"temperature":0.5,"max_tokens":100,"#
            + #""tools":[{"type":"function","function":{"name":"read","description":"Reads a \"file\".","parameters":"#
            + #"{"properties":{"a":{},"b":{}},"type":"object"}}}],"messages":[{"role":"system","content":"Be brief."}"#
        let messages = [
            #"{"role":"user","content":"Hello\u0001\n"}"#, #"{"role":"user","content":"Again"}"#,
            #"{"role":"assistant","content":"Look:","tool_calls":[{"id":"000000000","type":"function","function":{"name":"read","arguments":"{\"a\":\"x\",\"p\":1}"}},{"id":"000000001","type":"function","function":{"name":"read","arguments":"{oops"}}]}"#,
            #"{"role":"tool","tool_call_id":"000000000","content":"one"}"#,
            #"{"role":"tool","tool_call_id":"000000001","content":"bad arguments"}"#,
            #"{"role":"assistant","content":null,"tool_calls":[{"id":"000001000","type":"function","function":{"name":"read","arguments":"{}"}}]}"#,
            #"{"role":"tool","tool_call_id":"000001000","content":""}"#, #"{"role":"assistant","content":"Done."}"#,
        ]
        let body = try Self.body(request)
        #expect(body == head + messages.map { "," + $0 }.joined() + "]}")
        _ = try JSON(parsing: body)
    }

    @Test func leavesOutWhatARoleDoesNotHave() throws {
        let role = ModelRequest.Role(name: "plain")
        var endpoint = EndpointConfiguration(
            name: "test", baseURL: "http://127.0.0.1", maxTokensField: .maxCompletionTokens)
        #expect(
            try Self.body(ModelRequest(role: role, transcript: Transcript([.message("Hi")])), endpoint)
                == #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}"#
        )
        endpoint.sendsStreamOptions = false
        #expect(
            try Self.body(ModelRequest(role: role, transcript: Transcript()), endpoint)
                == #"{"model":"m","stream":true,"messages":[]}"#)
        let limited = ModelRequest.Role(name: "limited", options: SamplingOptions(maxTokens: 7))
        #expect(
            try Self.body(ModelRequest(role: limited, transcript: Transcript()), endpoint).contains(
                #""max_completion_tokens":7"#))
    }

    @Test func showsOnlyTheLastEntryWhereTheRoleSeesNoMore() throws {
        let role = ModelRequest.Role(name: "player")
        func message(_ entries: [Transcript.Entry]) throws -> String {
            let body = try Self.body(ModelRequest(role: role, transcript: Transcript(entries), view: .lastEntry))
            return try #require(try JSON(parsing: body)["messages"]).text
        }
        #expect(try message(Array(Self.entries.prefix(4))) == #"[{"role":"user","content":"one"}]"#)
        #expect(try message(Array(Self.entries.prefix(2))) == #"[{"role":"user","content":"Again"}]"#)
        #expect(try message([]) == "[]")
    }

    /// Growing, branching and forgetting transcripts give the bytes of a model that sees them for the first time.
    @Test func rememberedPartsChangeNothing() throws {
        let model = try Self.model()
        var random = SystemRandomNumberGenerator()
        var known: [[Transcript.Entry]] = [[]]
        var transcripts = [Transcript()]
        for number in 0..<1500 {
            // Mostly the newest is continued, sometimes an older one.
            let base = Bool.random(using: &random) ? known.count - 1 : Int.random(in: 0..<known.count, using: &random)
            let added = (0...Int.random(in: 0..<3, using: &random)).map { _ in
                Bool.random(using: &random)
                    ? Self.entries.randomElement(using: &random)! : .message("\(number % 7)")
            }
            let entries = known[base].count > 30 ? added : known[base] + added
            let transcript =
                known[base].count > 30 ? Transcript(added) : added.reduce(transcripts[base]) { $0.appending($1) }
            known.append(entries)
            transcripts.append(transcript)
            let request = ModelRequest(role: Self.role, transcript: transcript)
            let rebuilt = ModelRequest(role: Self.role, transcript: Transcript(entries))
            let body = model.body(for: request)
            try #require(body == model.body(for: rebuilt))
            if number % 50 == 0 {
                let fresh = try Self.model().body(for: rebuilt)
                try #require(body == fresh)
            }
        }
        for (entries, transcript) in zip(known, transcripts).suffix(100) {
            let body = model.body(for: ModelRequest(role: Self.role, transcript: transcript))
            let fresh = try Self.model().body(for: ModelRequest(role: Self.role, transcript: Transcript(entries)))
            try #require(body == fresh)
        }
    }

    @Test func rolesOfTheSameNameAreToldApart() throws {
        let model = try Self.model()
        for number in 0..<600 {
            let role = ModelRequest.Role(name: "actor", instructions: "\(number)")
            let body = model.body(for: ModelRequest(role: role, transcript: Transcript()))
            #expect(String(decoding: body, as: UTF8.self).contains(#""content":"\#(number)""#))
        }
    }

    private static func model(
        _ endpoint: EndpointConfiguration = EndpointConfiguration(name: "test", baseURL: "http://127.0.0.1")
    ) throws -> OpenAIChatModel { try OpenAIChatModel("m", at: endpoint) }

    private static func body(
        _ request: ModelRequest,
        _ endpoint: EndpointConfiguration = EndpointConfiguration(name: "test", baseURL: "http://127.0.0.1")
    ) throws -> String { String(decoding: try model(endpoint).body(for: request), as: UTF8.self) }
}
