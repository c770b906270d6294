import ForerunCore

/// Streams as servers send them.
enum Recording {
    /// OpenAI's form: text, then two calls in fragments, then usage.
    static let twoCalls = [
        #"{"id":"c","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"content":"Let me \"look\" — "},"finish_reason":null}],"usage":null}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"content":"at it\u00e9 \ud83d\ude00.\n"},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"read","arguments":""}}]},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"path\": \"a{"}}]},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"b\\\"}\"}"}}]},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"list","arguments":"{}"}}]},"finish_reason":null}]}"#,
        #"{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],"usage":null}"#,
        #"{"id":"c","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":9,"total_tokens":29,"prompt_tokens_details":{"cached_tokens":8},"completion_tokens_details":{"reasoning_tokens":3}}}"#,
    ]

    static let twoCallsTurn = Turn(
        text: "Let me \"look\" — at it\u{e9} \u{1F600}.\n",
        calls: [Call("read", ["path": #"a{b"}"#]), Call("list")])

    static let twoCallsDeltas: [AnswerDelta] = [
        .text("Let me \"look\" — "), .text("at it\u{e9} \u{1F600}.\n"), .callStarted(index: 0, name: "read"),
        .callSealed(index: 0, Call("read", ["path": #"a{b"}"#])), .callStarted(index: 1, name: "list"),
        .callSealed(index: 1, Call("list")),
    ]
}
