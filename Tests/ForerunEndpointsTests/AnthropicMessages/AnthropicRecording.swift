import ForerunCore

/// Streams of Anthropic Messages, written after the API reference.
enum AnthropicRecording {
    /// Thinking with a signature, text, two calls.
    static let thinkingAndCalls = [
        #"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":12,"cache_creation_input_tokens":30,"cache_read_input_tokens":100,"output_tokens":1}}}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        #"{"type":"ping"}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Let me \"see\""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":" …"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB/+="}}"#,
        #"{"type":"content_block_stop","index":0}"#,
        #"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"abc=="}}"#,
        #"{"type":"content_block_stop","index":1}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"I look"}}"#,
        #"{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":" twice."}}"#,
        #"{"type":"content_block_stop","index":2}"#,
        #"{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_1","name":"read","input":{}}}"#,
        #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}"#,
        #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"path\": \"a{"}}"#,
        #"{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"b\\\"}\"}"}}"#,
        #"{"type":"content_block_stop","index":3}"#,
        #"{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_2","name":"list","input":{}}}"#,
        #"{"type":"content_block_stop","index":4}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":57}}"#,
        #"{"type":"message_stop"}"#,
    ]

    static let turn = Turn(
        text: "I look twice.", calls: [Call("read", ["path": #"a{b"}"#]), Call("list")],
        echo: Echo(
            model: "test/m",
            parts: [
                Echo.Part(
                    calls: 0, text: 0,
                    json: #"{"type":"thinking","thinking":"Let me \"see\" …","signature":"EqQB/+="}"#),
                Echo.Part(calls: 0, text: 0, json: #"{"type":"redacted_thinking","data":"abc=="}"#),
            ]))

    static let deltas: [AnswerDelta] = [
        .reasoning("Let me \"see\""), .reasoning(" …"), .text("I look"), .text(" twice."),
        .callStarted(index: 0, name: "read"), .callSealed(index: 0, Call("read", ["path": #"a{b"}"#])),
        .callStarted(index: 1, name: "list"), .callSealed(index: 1, Call("list")),
    ]

    /// As the server sends it, event names included.
    static func stream(_ events: [String] = thinkingAndCalls) -> String {
        events.map { event in
            let type = event.split(separator: "\"")[3]
            return "event: \(type)\ndata: \(event)\n\n"
        }.joined()
    }

    /// A stream of these blocks and this end.
    static func events(_ blocks: [String], stop: String = "end_turn") -> [String] {
        blocks + [#"{"type":"message_delta","delta":{"stop_reason":"\#(stop)"}}"#, #"{"type":"message_stop"}"#]
    }
}
