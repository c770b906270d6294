import ForerunCore

/// Streams of OpenAI's Responses, written after the API reference.
enum ResponsesRecording {
    /// Encrypted reasoning, text, two calls.
    static let reasoningAndCalls = [
        #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","output":[],"usage":null,"error":null}}"#,
        #"{"type":"response.in_progress","sequence_number":1,"response":{"id":"resp_1","status":"in_progress","output":[],"error":null}}"#,
        #"{"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"part"}}"#,
        #"{"type":"response.reasoning_summary_text.delta","sequence_number":3,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"Thinking"}"#,
        #"{"type":"response.output_item.done","sequence_number":4,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking"}],"encrypted_content":"gAAA=="}}"#,
        #"{"type":"response.output_item.added","sequence_number":5,"output_index":1,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}"#,
        #"{"type":"response.content_part.added","sequence_number":6,"item_id":"msg_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}"#,
        #"{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1","output_index":1,"content_index":0,"delta":"I look","logprobs":[]}"#,
        #"{"type":"response.output_text.delta","sequence_number":8,"item_id":"msg_1","output_index":1,"content_index":0,"delta":" twi\u0063e."}"#,
        #"{"type":"response.output_text.done","sequence_number":9,"item_id":"msg_1","output_index":1,"content_index":0,"text":"I look twice."}"#,
        #"{"type":"response.output_item.done","sequence_number":10,"output_index":1,"item":{"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"I look twice."}]}}"#,
        #"{"type":"response.output_item.added","sequence_number":11,"output_index":2,"item":{"id":"fc_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"read","arguments":""}}"#,
        #"{"type":"response.function_call_arguments.delta","sequence_number":12,"item_id":"fc_1","output_index":2,"delta":"{\"path\": \"a{"}"#,
        #"{"type":"response.function_call_arguments.delta","sequence_number":13,"item_id":"fc_1","output_index":2,"delta":"b\\\"}\"}"}"#,
        #"{"type":"response.function_call_arguments.done","sequence_number":14,"item_id":"fc_1","output_index":2,"arguments":"{\"path\": \"a{b\\\"}\"}"}"#,
        #"{"type":"response.output_item.done","sequence_number":15,"output_index":2,"item":{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"read","arguments":"{\"path\": \"a{b\\\"}\"}"}}"#,
        #"{"type":"response.output_item.added","sequence_number":16,"output_index":3,"item":{"id":"fc_2","type":"function_call","status":"in_progress","call_id":"call_2","name":"list","arguments":""}}"#,
        #"{"type":"response.output_item.done","sequence_number":17,"output_index":3,"item":{"id":"fc_2","type":"function_call","status":"completed","call_id":"call_2","name":"list","arguments":""}}"#,
        #"{"type":"response.completed","sequence_number":18,"response":{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"output":[\#(output)],"usage":{"input_tokens":75,"input_tokens_details":{"cached_tokens":64},"output_tokens":40,"output_tokens_details":{"reasoning_tokens":30},"total_tokens":115}}}"#,
    ]

    /// The items of the recording, as they stand in the response at its end.
    static let output =
        #"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking"}],"encrypted_content":"gAAA=="},"#
        + #"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"I look twice."}]},"#
        + #"{"id":"fc_1","type":"function_call","call_id":"call_1","name":"read","arguments":"{\"path\": \"a{b\\\"}\"}"},"#
        + #"{"id":"fc_2","type":"function_call","call_id":"call_2","name":"list","arguments":""}"#

    static let turn = Turn(
        text: "I look twice.", calls: [Call("read", ["path": #"a{b"}"#]), Call("list")],
        echo: Echo(
            model: "test/m",
            parts: [
                Echo.Part(
                    calls: 0, text: 0,
                    json:
                        #"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"Thinking"}],"encrypted_content":"gAAA=="}"#
                )
            ]))

    static let usage = Usage(input: 75, cached: 64, output: 40, reasoning: 30)

    static let deltas: [AnswerDelta] = [
        .reasoning("Thinking"), .text("I look"), .text(" twice."), .callStarted(index: 0, name: "read"),
        .callSealed(index: 0, Call("read", ["path": #"a{b"}"#])), .callStarted(index: 1, name: "list"),
        .callSealed(index: 1, Call("list")),
    ]

    static func completed(_ status: String = "completed", _ more: String = "") -> String {
        #"{"type":"response.\#(status)","response":{"status":"\#(status)"\#(more)}}"#
    }
}
