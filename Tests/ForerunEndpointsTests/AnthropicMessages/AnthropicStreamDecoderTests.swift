import ForerunCore
import ForerunEndpoints
import Testing

struct AnthropicStreamDecoderTests {
    private static let decoder = AnthropicStreamDecoder(model: "test/m")

    @Test func readsThinkingTextCallsAndUsage() throws {
        let decoded = DecodedStream(AnthropicRecording.thinkingAndCalls, Self.decoder)
        #expect(decoded.deltas == AnthropicRecording.deltas)
        #expect(
            try decoded.requireAnswer()
                == Answer(AnthropicRecording.turn, usage: Usage(input: 142, cached: 100, written: 30, output: 57)))
    }

    @Test func sealsACallAsSoonAsItsArgumentsAreComplete() {
        let decoded = DecodedStream(Array(AnthropicRecording.thinkingAndCalls.prefix(17)), Self.decoder)
        #expect(decoded.sealed == [Call("read", ["path": #"a{b"}"#])])
        #expect(decoded.failure?.kind == .truncated)
    }

    /// Blocks as servers in front of other models send them, and the calls that they mean.
    static let quirks: [(name: String, blocks: [String], calls: [Call])] = [
        (
            "all blocks are number 0",
            [
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"p\":1}"}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"p\":2}"}}"#,
            ], [Call("read", ["p": 1]), Call("read", ["p": 2])]
        ),
        (
            "the same or no id for all, and no index",
            [
                #"{"type":"content_block_start","content_block":{"type":"tool_use","id":"","name":"read","input":{}}}"#,
                #"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"{\"p\":1}"}}"#,
                #"{"type":"content_block_stop"}"#,
                #"{"type":"content_block_start","content_block":{"type":"tool_use","name":"list"}}"#,
                #"{"type":"content_block_stop"}"#,
            ], [Call("read", ["p": 1]), Call("list")]
        ),
        (
            "a call that is sent whole, and one with null arguments",
            [
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{"p":[1,"}"]}}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"list","input":null}}"#,
                #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":null}}"#,
                #"{"type":"content_block_stop","index":1}"#,
            ], [Call("read", ["p": [1, "}"]]), Call("list")]
        ),
        (
            "arguments that are no object, and what follows one",
            [
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"[1"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"read","input":{}}}"#,
                #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"p\":1}{\"p\":2}"}}"#,
            ], [Call("read", malformed: "[1"), Call("read", ["p": 1])]
        ),
        (
            "unknown blocks and deltas between them",
            [
                #"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"q\":1}"}}"#,
                #"{"type":"content_block_stop","index":0}"#, #"{"type":"novelty","index":7}"#,
                #"{"type":"content_block_delta","index":9,"delta":{"type":"citations_delta","citation":{}}}"#,
                #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"b","name":"list","input":{}}}"#,
            ], [Call("list")]
        ),
    ]

    @Test(arguments: quirks)
    func understandsWhatServersSend(_ quirk: (name: String, blocks: [String], calls: [Call])) throws {
        let decoded = DecodedStream(AnthropicRecording.events(quirk.blocks, stop: "tool_use"), Self.decoder)
        #expect(try decoded.requireAnswer().turn == Turn(calls: quirk.calls))
        #expect(decoded.sealed == quirk.calls)
    }

    private static let text = [
        #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hel"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"lo"}}"#,
    ]

    @Test(arguments: [
        ("end_turn", FinishReason.stop), ("stop_sequence", .stop), ("max_tokens", .length), ("refusal", .contentFilter),
        ("pause_turn", FinishReason("pause_turn")),
        ("model_context_window_exceeded", FinishReason("model_context_window_exceeded")),
    ])
    func saysWhyTheAnswerEnds(_ stop: String, _ finish: FinishReason) throws {
        let decoded = DecodedStream(AnthropicRecording.events(Self.text, stop: stop), Self.decoder)
        #expect(try decoded.requireAnswer().turn == Turn(text: "Hello", finish: finish))
    }

    @Test func aCallThatTheLimitCutOffIsMalformed() throws {
        let call = [
            #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{}}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"p\": \"cu"}}"#,
        ]
        let decoded = DecodedStream(AnthropicRecording.events(call, stop: "max_tokens"), Self.decoder)
        #expect(
            try decoded.requireAnswer().turn
                == Turn(calls: [Call("read", malformed: #"{"p": "cu"#)], finish: .length))
    }

    @Test func acceptsEveryHonestEnd() throws {
        let delta = #"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#
        for end in [
            [delta], [#"{"type":"message_stop"}"#], ["[DONE]"], [delta, #"{"type":"message_stop"}"#] + Self.text,
        ] {
            #expect(try DecodedStream(Self.text + end, Self.decoder).requireAnswer().turn == Turn(text: "Hello"))
        }
        #expect(try DecodedStream([delta], Self.decoder).requireAnswer().turn == Turn())
    }

    @Test func thinkingWithoutASignatureIsNotGivenBack() throws {
        let thinking = [
            #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"Hm"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"A"}}"#,
        ]
        let decoded = DecodedStream(AnthropicRecording.events(thinking), Self.decoder)
        #expect(decoded.deltas == [.reasoning("Hm"), .text("A")])
        #expect(try decoded.requireAnswer().turn == Turn(text: "A"))
    }

    @Test func readsAReplyThatIsNotStreamed() throws {
        let reply =
            #"{"id":"msg","type":"message","role":"assistant","content":[{"type":"text","text":"So"},{"type":"tool_use","id":"a","name":"read","input":{"p":1}}],"stop_reason":"tool_use","usage":{"input_tokens":5,"output_tokens":2}}"#
        let answer = try DecodedStream([reply], Self.decoder).requireAnswer()
        #expect(answer == Answer(Turn(text: "So", calls: [Call("read", ["p": 1])]), usage: Usage(input: 5, output: 2)))
    }

    static let failures: [(events: [String], kind: ModelFailure.Kind)] = [
        ([], .truncated), (text, .truncated), ([#"{"type":"message_stop"}"#], .malformed), (["<html>"], .malformed),
        ([#"{"type":"content_block_delta","index":0,"delta":{"#], .malformed),
        (AnthropicRecording.events(text, stop: "tool_use"), .malformed),
        (
            AnthropicRecording.events(
                [#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","input":{}}}"#]),
            .malformed
        ),
        (text + [#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#], .overloaded),
        ([#"{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}"#], .rateLimited),
        ([#"{"type":"error","error":{"type":"api_error","message":"boom"}}"#], .server),
        ([#"{"type":"error","error":{"type":"timeout_error","message":"late"}}"#], .timedOut),
        ([#"{"type":"error","error":{"type":"authentication_error","message":"key"}}"#], .authentication),
        ([#"{"type":"error","error":{"type":"invalid_request_error","message":"no"}}"#], .invalidRequest),
        (
            [#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"}}"#],
            .contextOverflow
        ),
        ([#"{"error":{"message":"gone","code":502}}"#], .server),
    ]

    @Test(arguments: failures)
    func failsInTheRightWay(_ failure: (events: [String], kind: ModelFailure.Kind)) {
        #expect(DecodedStream(failure.events, Self.decoder).failure?.kind == failure.kind)
    }

    @Test func moreCallsThanAnyModelMakesAreAFault() {
        let call =
            #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"read","input":{}}}"#
        let decoded = DecodedStream(Array(repeating: call, count: 5000), Self.decoder)
        #expect(decoded.failure?.kind == .malformed)
        #expect(decoded.sealed.count <= 1024)
    }
}
