import ForerunCore
import ForerunMockServer
import Testing

/// Faults of streams and answers, in every protocol.
@Suite(.timeLimit(.minutes(20)))
struct StreamFaultTests {
    private func yaml(_ fault: String) -> String {
        """
        models:
          actor:
            chunk: 1
            fault: \(fault)
            turns:
              - text: Reading „two“ files.
                calls: [{name: read, arguments: {path: first.c}}, {name: read, arguments: {path: second.c}}]
              - text: Done.
        """
    }

    private func streamed(
        _ fault: String, _ dialect: Dialect, _ body: @Sendable (RawResponse) throws -> Void
    ) async throws {
        try await withServer(yaml(fault)) { server in
            let response = try await server.ask(dialect)
            #expect(response.status == 200)
            try body(response)
            // The next request is answered as if nothing had been.
            let next = try await server.ask(dialect)
            #expect(next.isComplete)
            #expect(Self.isEnd(next.events.last ?? "", dialect))
        }
    }

    private static func isEnd(_ event: String, _ dialect: Dialect) -> Bool {
        switch dialect {
        case .chat, .completions: event == "[DONE]"
        case .responses: event.contains(#""type":"response.completed""#)
        case .messages: event.contains(#""type":"message_stop""#)
        }
    }

    private static func isJSON(_ event: String) -> Bool { (try? JSON(parsing: event)) != nil }

    @Test(arguments: Dialect.allCases)
    func half(_ dialect: Dialect) async throws {
        try await streamed("{kind: half}", dialect) { response in
            #expect(response.isComplete)
            #expect(response.events.allSatisfy(Self.isJSON))
            #expect(!response.events.contains { Self.isEnd($0, dialect) })
        }
    }

    @Test(arguments: Dialect.allCases)
    func halfAnEvent(_ dialect: Dialect) async throws {
        try await streamed("{kind: half_json}", dialect) { response in
            #expect(response.isComplete)
            #expect(!response.body.hasSuffix("\n"))
            #expect(response.events.dropLast().allSatisfy(Self.isJSON))
            #expect(!Self.isJSON(response.events.last ?? ""))
        }
    }

    @Test(arguments: Dialect.allCases)
    func withoutAnEnd(_ dialect: Dialect) async throws {
        try await streamed("{kind: no_end}", dialect) { response in
            #expect(response.isComplete)
            #expect(response.events.allSatisfy(Self.isJSON))
            #expect(!response.events.contains { Self.isEnd($0, dialect) })
            let finish = [
                "\"finish_reason\":\"tool_calls\"", "\"finish_reason\":\"stop\"", "\"tool_use\"", "item.done",
            ]
            #expect(finish.contains { response.body.contains($0) })
        }
    }

    @Test(arguments: Dialect.allCases)
    func garbage(_ dialect: Dialect) async throws {
        try await streamed("{kind: garbage}", dialect) { response in
            #expect(response.body.contains("data: <html>502 Bad Gateway</html>\n\n"))
            #expect(Self.isEnd(response.events.last ?? "", dialect))
        }
    }

    @Test(arguments: Dialect.allCases)
    func whatIsNew(_ dialect: Dialect) async throws {
        try await streamed("{kind: unknown_events}", dialect) { response in
            #expect(response.body.contains(#"{"forerun_future":{"list":[1,null]},"#))
            let mark = dialect == .chat || dialect == .completions ? "prompt_filter_results" : "event: forerun.future\n"
            #expect(response.body.ranges(of: mark).count == 2)
            #expect(Self.isEnd(response.events.last ?? "", dialect))
        }
    }

    @Test(arguments: Dialect.allCases)
    func otherLineEnds(_ dialect: Dialect) async throws {
        try await streamed("{kind: crlf}", dialect) { response in
            let bytes = response.bytes
            for index in bytes.indices where bytes[index] == 0x0a { #expect(bytes[index - 1] == 0x0d) }
            #expect(response.holds(": a comment\r\n"))
        }
    }

    @Test(arguments: Dialect.allCases)
    func aLongLine(_ dialect: Dialect) async throws {
        try await streamed("{kind: long_line, bytes: 200000}", dialect) { response in
            let longest = response.events.max { $0.utf8.count < $1.utf8.count } ?? ""
            #expect((200_000..<201_000).contains(longest.utf8.count))
            #expect(Self.isJSON(longest))
            #expect(Self.isEnd(response.events.last ?? "", dialect))
        }
    }

    @Test(arguments: Dialect.allCases, [true, false])
    func noUTF8(_ dialect: Dialect, _ stream: Bool) async throws {
        try await withServer(yaml("{kind: invalid_utf8}")) { server in
            let response = try await server.ask(dialect, stream: stream)
            #expect(response.isComplete)
            #expect(response.bytes.firstRange(of: [0xff, 0xc3, 0x28]) != nil)
            #expect(String(validating: response.bytes, as: UTF8.self) == nil)
        }
    }

    @Test(arguments: Dialect.allCases)
    func cutAnswers(_ dialect: Dialect) async throws {
        let names: [Dialect: (String, String)] = [
            .chat: (#""finish_reason":"length""#, #""finish_reason":"content_filter""#),
            .completions: (#""finish_reason":"length""#, #""finish_reason":"content_filter""#),
            .responses: (#""reason":"max_output_tokens""#, #""reason":"content_filter""#),
            .messages: (#""stop_reason":"max_tokens""#, #""stop_reason":"refusal""#),
        ]
        let (length, filter) = try #require(names[dialect])
        for stream in [true, false] {
            try await withServer(yaml("[{kind: length}, {kind: content_filter}]")) { server in
                let cut = try await server.ask(dialect, stream: stream)
                #expect(cut.body.contains(length))
                #expect(!cut.body.contains("first.c"))
                #expect(try await server.ask(dialect, stream: stream).body.contains(filter))
            }
        }
    }

    @Test(arguments: [Dialect.chat, .responses, .messages])
    func idsOfCalls(_ dialect: Dialect) async throws {
        let key = dialect == .chat ? "id" : dialect == .responses ? "call_id" : "id"
        @Sendable func ids(_ response: RawResponse) throws -> [String] {
            try response.events.filter { $0 != "[DONE]" }.flatMap { event -> [String] in
                let json = try JSON(parsing: event)
                let calls =
                    switch dialect {
                    case .chat: json["choices"]?.arrayValue?.first?["delta"]?["tool_calls"]?.arrayValue ?? []
                    case .responses: json["type"] == "response.output_item.added" ? [json["item"] ?? .null] : []
                    default: [json["content_block"] ?? .null]
                    }
                return calls.compactMap { $0["name"] ?? $0["function"]?["name"] == nil ? nil : $0[key]?.stringValue }
            }
        }
        try await withServer(yaml("[{kind: duplicate_ids}, {kind: empty_ids}]")) { server in
            let duplicate = try await ids(server.ask(dialect))
            #expect(duplicate.count == 2 && Set(duplicate).count == 1 && duplicate[0] != "")
            #expect(try await ids(server.ask(dialect)) == ["", ""])
            #expect(Set(try await ids(server.ask(dialect))).count == 2)
        }
    }

    /// A response with spoilt ids can be gone on from: the server remembers what it sent.
    @Test func spoiltResponsesAreRemembered() async throws {
        try await withServer(yaml("{kind: duplicate_ids}")) { server in
            let first = try JSON(parsing: await server.ask(.responses, stream: false).body)
            let calls = (first["output"]?.arrayValue ?? []).compactMap { $0["call_id"]?.stringValue }
            #expect(calls.count == 2 && calls[0] == calls[1])
            let outputs = calls.map { ["type": "function_call_output", "call_id": .string($0), "output": "o"] as JSON }
            let next: JSON = [
                "model": "actor", "previous_response_id": first["id"] ?? .null, "input": .array(outputs),
            ]
            let second = try await server.ask(.responses, next.text)
            #expect(second.status == 200)
            #expect(second.body.contains("Done."))
        }
    }

    @Test(arguments: [(Dialect.chat, "index"), (.responses, "output_index"), (.messages, "index")])
    func allIndicesAreZero(_ dialect: Dialect, _ key: String) async throws {
        try await withServer(yaml("{kind: index_zero}")) { server in
            let zero = try await server.ask(dialect)
            #expect(!zero.body.contains("\"\(key)\":1"))
            #expect(try await server.ask(dialect).body.contains("\"\(key)\":1"))
        }
    }

    @Test(arguments: [
        (Dialect.chat, #""arguments":null"#), (.responses, #""arguments":null"#), (.messages, #""partial_json":null"#),
        (.completions, #"\"arguments\": null"#),
    ])
    func nullArguments(_ dialect: Dialect, _ sign: String) async throws {
        try await withServer(yaml("{kind: null_arguments}").replacing("chunk: 1", with: "chunk: 0")) { server in
            let response = try await server.ask(dialect)
            #expect(response.body.contains(sign))
        }
    }

    @Test(arguments: Dialect.allCases)
    func emptyUsage(_ dialect: Dialect) async throws {
        let sign = #""usage":{}"#
        try await withServer(yaml("{kind: empty_usage, times: 2}")) { server in
            let whole = try await server.ask(dialect, stream: false)
            #expect(whole.body.contains(sign))
            for key in ["prompt_tokens", "input_tokens", "total_tokens"] { #expect(!whole.body.contains(key)) }
            let next = question(dialect).replacing(
                #""stream":true"#, with: #""stream":true,"stream_options":{"include_usage":true}"#)
            let streamed = try await server.ask(dialect, next)
            #expect(streamed.body.contains(sign))
            for key in ["prompt_tokens", "input_tokens", "total_tokens"] { #expect(!streamed.body.contains(key)) }
        }
    }

    @Test(arguments: Dialect.allCases)
    func malformedArguments(_ dialect: Dialect) async throws {
        let yaml = yaml("{kind: malformed_arguments, times: 2}").replacing("chunk: 1", with: "chunk: 0")
        try await withServer(yaml) { server in
            for stream in [true, false] {
                let response = try await server.ask(dialect, stream: stream)
                #expect(response.isComplete)
                #expect(response.body.contains(#"{\"path\":\"fir"#))
                #expect(!response.body.contains("first.c"))
            }
            #expect(try await server.ask(dialect).body.contains("first.c"))
        }
    }

    /// The whole menu in every protocol, streamed and not: each fault is met, and the server goes on.
    @Test func theServerSurvivesItsMenu() async throws {
        let models = Fault.Kind.allCases.map { kind -> String in
            var more = kind == .status ? ", status: 500" : ""
            if kind == .longLine { more = ", bytes: 1000" }
            if kind == .drip { more = ", bytes: 100, pause: 0" }
            return
                "  \(kind.rawValue): {fault: {kind: \(kind.rawValue), times: always\(more)}, turns: [{text: A text.}]}"
        }
        let yaml = "models:\n" + models.joined(separator: "\n")
        try await withServer(yaml) { server in
            for kind in Fault.Kind.allCases {
                for (dialect, stream) in WireFaultTests.both {
                    let client = try RawClient(port: server.port)
                    let body = question(dialect, model: kind.rawValue, stream: stream)
                    try client.send(
                        "POST", dialect.path, headers: "anthropic-version: 2023-06-01\r\n", body: body)
                    // Those two never end by themselves.
                    if kind != .hang, kind != .stall { _ = await client.receive() }
                    client.hangUp()
                    let record = try #require(await server.nextRecord())
                    #expect(record.fault == kind.rawValue)
                    #expect(record.dialect == dialect)
                    #expect(record.isStreaming == stream)
                }
            }
        }
    }
}
