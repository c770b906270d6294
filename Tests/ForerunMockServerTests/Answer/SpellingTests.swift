import ForerunCore
import Testing

@testable import ForerunMockServer

/// One turn in each protocol, byte by byte, streamed and whole.
struct SpellingTests {
    private static let yaml = """
        models:
          m:
            chunk: 0
            turns:
              - reasoning: Hm.
                text: Ja, „gut“.
                calls: [{name: read, arguments: {path: a}}, {name: list}]
              - text: End.
        """

    private func reply(_ dialect: Dialect, _ body: String) throws -> String {
        let script = try MockScript(yaml: Self.yaml)
        let question = try Question(dialect, body: Array(body.utf8))
        let answerer = Answerer(seed: 0)
        let step = answerer.step(of: question, for: script.models[0])
        let reply = answerer.decide(question, for: script.models[0], step: step, number: 7).reply
        return String(decoding: reply.writes.flatMap(\.bytes), as: UTF8.self)
    }

    @Test func chat() throws {
        let body = #"{"model":"m","messages":[{"role":"user","content":"x"}],"stream":true}"#
        let head =
            #"data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"#
        let open = #","finish_reason":null}]}"# + "\n\n"
        #expect(
            try reply(.chat, body)
                == [
                    head + #""delta":{"role":"assistant","content":""}"# + open,
                    head + #""delta":{"reasoning_content":"Hm."}"# + open,
                    head + #""delta":{"content":"Ja, „gut“."}"# + open,
                    head
                        + #""delta":{"tool_calls":[{"index":0,"id":"call_0_0","type":"function","function":{"name":"read","arguments":""}}]}"#
                        + open,
                    head + #""delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"path\":\"a\"}"}}]}"# + open,
                    head
                        + #""delta":{"tool_calls":[{"index":1,"id":"call_0_1","type":"function","function":{"name":"list","arguments":""}}]}"#
                        + open,
                    head + #""delta":{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"# + open,
                    head + #""delta":{},"finish_reason":"tool_calls"}]}"# + "\n\n", "data: [DONE]\n\n",
                ].joined())
        #expect(
            try reply(.chat, body.replacing(#","stream":true"#, with: ""))
                == #"{"id":"chatcmpl-7","object":"chat.completion","created":0,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Ja, „gut“.","reasoning_content":"Hm.","tool_calls":[{"id":"call_0_0","type":"function","function":{"name":"read","arguments":"{\"path\":\"a\"}"}},{"id":"call_0_1","type":"function","function":{"name":"list","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":14,"completion_tokens":11,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":1}}}"#
        )
    }

    @Test func messages() throws {
        let body = #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}],"stream":true}"#
        let signature = MessagesSpelling.signature(of: "Hm.")
        func event(_ name: String, _ rest: String = "") -> String {
            "event: \(name)\ndata: {\"type\":\"\(name)\"\(rest)}\n\n"
        }
        func delta(_ index: Int, _ delta: String) -> String {
            event("content_block_delta", #","index":\#(index),"delta":{\#(delta)}"#)
        }
        func start(_ index: Int, _ block: String) -> String {
            event("content_block_start", #","index":\#(index),"content_block":{\#(block)}"#)
        }
        func stop(_ index: Int) -> String { event("content_block_stop", #","index":\#(index)"#) }
        #expect(
            try reply(.messages, body)
                == [
                    event(
                        "message_start",
                        #","message":{"id":"msg_7","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":22,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}"#
                    ),
                    event("ping"), start(0, #""type":"thinking","thinking":"","signature":"""#),
                    delta(0, #""type":"thinking_delta","thinking":"Hm.""#),
                    delta(0, #""type":"signature_delta","signature":"\#(signature)""#), stop(0),
                    start(1, #""type":"text","text":"""#), delta(1, #""type":"text_delta","text":"Ja, „gut“.""#),
                    stop(1),
                    start(2, #""type":"tool_use","id":"toolu_0_0","name":"read","input":{}"#),
                    delta(2, #""type":"input_json_delta","partial_json":"""#),
                    delta(2, #""type":"input_json_delta","partial_json":"{\"path\":\"a\"}""#), stop(2),
                    start(3, #""type":"tool_use","id":"toolu_0_1","name":"list","input":{}"#),
                    delta(3, #""type":"input_json_delta","partial_json":"""#), stop(3),
                    event(
                        "message_delta",
                        #","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":11}"#),
                    event("message_stop"),
                ].joined())
    }

    @Test func responses() throws {
        let body = #"{"model":"m","input":"x","stream":true}"#
        let events = try reply(.responses, body).split(separator: "\n\n")
        let types = events.map { $0.split(separator: "\n")[0].dropFirst("event: ".count) }
        #expect(
            types == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.reasoning_summary_part.added", "response.reasoning_summary_text.delta",
                "response.reasoning_summary_text.done", "response.reasoning_summary_part.done",
                "response.output_item.done", "response.output_item.added", "response.content_part.added",
                "response.output_text.delta", "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.output_item.added", "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "response.output_item.done", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ])
        #expect(
            String(events[15])
                == """
                event: response.function_call_arguments.delta
                data: {"type":"response.function_call_arguments.delta","sequence_number":15,"item_id":"fc_7_0","output_index":2,"delta":"{\\"path\\":\\"a\\"}"}
                """)
        for (index, event) in events.enumerated() {
            let data = try JSON(parsing: String(event.split(separator: "\n")[1].dropFirst("data: ".count)))
            #expect(data["sequence_number"]?.intValue == index)
            #expect(data["type"]?.stringValue == String(types[index]))
        }
        let whole = try JSON(parsing: reply(.responses, body.replacing(#","stream":true"#, with: "")))
        let last = try JSON(parsing: String(#require(events.last).split(separator: "\n")[1].dropFirst(6)))
        #expect(last["response"]?["output"] == whole["output"])
        #expect(
            whole["output"]?.arrayValue?[2] == [
                "id": "fc_7_0", "type": "function_call", "status": "completed", "call_id": "call_0_0", "name": "read",
                "arguments": #"{"path":"a"}"#,
            ])
        #expect(whole["usage"]?["total_tokens"] == 18)
    }

    @Test func completions() throws {
        let body = #"{"model":"m","prompt":"x","max_tokens":99}"#
        #expect(
            try reply(.completions, body)
                == #"{"id":"cmpl-7","object":"text_completion","created":0,"model":"m","choices":[{"index":0,"text":"Ja, „gut“.\n<tool_call>\n{\"name\": \"read\", \"arguments\": {\"path\":\"a\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"list\", \"arguments\": {}}\n</tool_call>","logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":11,"completion_tokens":11,"total_tokens":22,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":1}}}"#
        )
    }

    @Test func theStepIsTheCountOfAnswers() throws {
        let model = try MockScript(yaml: Self.yaml).models[0]
        func step(_ dialect: Dialect, _ rest: String) throws -> Int {
            let body = #"{"model":"m",\#(rest)}"#
            return Answerer(seed: 0).step(of: try Question(dialect, body: Array(body.utf8)), for: model)
        }
        let user = #"{"role":"user","content":"x"}"#
        let said = #"{"role":"assistant","content":"y"}"#
        #expect(try step(.chat, #""messages":[\#(user),\#(said),\#(user),\#(said)]"#) == 2)
        #expect(try step(.messages, #""max_tokens":1,"system":"s","messages":[\#(user),\#(said),\#(user)]"#) == 1)
        let call = #"{"type":"function_call","call_id":"c","name":"n","arguments":"{}"}"#
        let output = #"{"type":"function_call_output","call_id":"c","output":"o"}"#
        let reasoning = #"{"type":"reasoning","id":"r","summary":[]}"#
        // Reasoning, text and call are one answer.
        #expect(try step(.responses, #""input":[\#(user),\#(reasoning),\#(said),\#(call),\#(output)]"#) == 1)
        #expect(try step(.responses, #""input":[\#(user),\#(call),\#(output),\#(call),\#(output),\#(user)]"#) == 2)
        let marker = #"<|im_start|>assistant\n"#
        #expect(try step(.completions, #""prompt":"a\#(marker)b\#(marker)""#) == 1)
        #expect(try step(.completions, #""prompt":"a\#(marker)b\#(marker)c""#) == 2)
        #expect(try step(.completions, #""prompt":"a""#) == 0)
    }
}
