import ForerunCore
import ForerunEndpoints
import Testing

struct ResponsesStreamDecoderTests {
    private static let decoder = ResponsesStreamDecoder(model: "test/m")

    @Test func readsReasoningTextCallsAndUsage() throws {
        let decoded = DecodedStream(ResponsesRecording.reasoningAndCalls, Self.decoder)
        #expect(decoded.deltas == ResponsesRecording.deltas)
        #expect(try decoded.requireAnswer() == Answer(ResponsesRecording.turn, usage: ResponsesRecording.usage))
    }

    @Test func sealsACallAsSoonAsItsArgumentsAreComplete() {
        let decoded = DecodedStream(Array(ResponsesRecording.reasoningAndCalls.prefix(14)), Self.decoder)
        #expect(decoded.sealed == [Call("read", ["path": #"a{b"}"#])])
        #expect(decoded.failure?.kind == .truncated, "a close before the end is a failure, whatever has come")
    }

    @Test func itemsCountOnceHoweverTheyCome() throws {
        // Only with the response at the end.
        let last = try #require(ResponsesRecording.reasoningAndCalls.last)
        #expect(try DecodedStream([last], Self.decoder).requireAnswer().turn == ResponsesRecording.turn)
        // Only whole.
        let whole = ResponsesRecording.reasoningAndCalls.filter { $0.contains("output_item.done") } + [last]
        #expect(try DecodedStream(whole, Self.decoder).requireAnswer().turn == ResponsesRecording.turn)
        // Not streamed.
        let reply =
            #"{"id":"r","object":"response","status":"completed","error":null,"output":[\#(ResponsesRecording.output)]}"#
        #expect(try DecodedStream([reply], Self.decoder).requireAnswer().turn == ResponsesRecording.turn)
    }

    static let quirks: [(name: String, events: [String], turn: Turn)] = [
        (
            "all items have one place",
            [
                #"{"type":"response.output_text.delta","output_index":0,"delta":"Hm"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"text":"Hm"}]}}"#,
                #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","name":"read","call_id":"a"}}"#,
                #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"p\":1}"}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","name":"read","call_id":"a","arguments":"{\"p\":1}"}}"#,
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","name":"read","call_id":"a","arguments":"{\"p\":2}"}}"#,
            ], Turn(text: "Hm", calls: [Call("read", ["p": 1]), Call("read", ["p": 2])])
        ),
        (
            "no places, empty ids, null arguments",
            [
                #"{"type":"response.output_item.added","item":{"type":"function_call","name":"list","call_id":"","arguments":null}}"#,
                #"{"type":"response.output_item.done","item":{"type":"function_call","name":"list","arguments":null}}"#,
                #"{"type":"response.output_item.added","item":{"type":"function_call","name":"read"}}"#,
                #"{"type":"response.function_call_arguments.delta","delta":"{\"p\":1}"}"#,
            ], Turn(calls: [Call("list"), Call("read", ["p": 1])])
        ),
        (
            "arguments only at the end, and some that are no object",
            [
                #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","name":"read"}}"#,
                #"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","name":"read"}}"#,
                #"{"type":"response.function_call_arguments.done","output_index":1,"arguments":"[1"}"#,
                #"{"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"p\":1}"}"#,
            ], Turn(calls: [Call("read", ["p": 1]), Call("read", malformed: "[1")])
        ),
        (
            "a refusal, an unknown event, reasoning that is not encrypted",
            [
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}"#,
                #"{"type":"response.novelty","delta":"x"}"#,
                #"{"type":"response.refusal.delta","output_index":1,"delta":"No."}"#,
            ], Turn(text: "No.")
        ),
    ]

    @Test(arguments: quirks)
    func understandsWhatServersSend(_ quirk: (name: String, events: [String], turn: Turn)) throws {
        let decoded = DecodedStream(quirk.events + [ResponsesRecording.completed()], Self.decoder)
        #expect(try decoded.requireAnswer().turn == quirk.turn)
        #expect(decoded.sealed == quirk.turn.calls)
        #expect(decoded.text == quirk.turn.text)
    }

    @Test(arguments: [
        (#","incomplete_details":{"reason":"max_output_tokens"}"#, FinishReason.length),
        (#","incomplete_details":{"reason":"content_filter"}"#, .contentFilter), ("", FinishReason("incomplete")),
    ])
    func saysWhyTheAnswerEnds(_ details: String, _ finish: FinishReason) throws {
        let text = #"{"type":"response.output_text.delta","output_index":0,"delta":"Hel"}"#
        let decoded = DecodedStream([text, ResponsesRecording.completed("incomplete", details)], Self.decoder)
        #expect(try decoded.requireAnswer().turn == Turn(text: "Hel", finish: finish))
    }

    static let failures: [(events: [String], kind: ModelFailure.Kind, wait: Double?)] = [
        ([], .truncated, nil), (["[DONE]"], .truncated, nil), (["<html>"], .malformed, nil),
        ([#"{"type":"response.output_text.delta","delta":"#], .malformed, nil),
        ([#"{"type":"error","code":"server_error","message":"boom","param":null}"#], .server, nil),
        ([#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#], .overloaded, nil),
        (
            [
                ResponsesRecording.completed(
                    "failed",
                    #","error":{"code":"rate_limit_exceeded","message":"Limit reached. Please try again in 11.054s. Visit"}"#
                )
            ], .rateLimited, 11.054
        ),
        (
            [
                ResponsesRecording.completed(
                    "failed", #","error":{"code":"context_length_exceeded","message":"Your input"}"#)
            ],
            .contextOverflow, nil
        ),
        (
            [ResponsesRecording.completed("failed", #","error":{"code":"insufficient_quota","message":"pay"}"#)],
            .quotaExhausted, nil
        ),
        ([ResponsesRecording.completed("failed")], .server, nil),
        (
            [
                #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","arguments":"{}"}}"#,
                ResponsesRecording.completed(),
            ], .malformed, nil
        ),
    ]

    @Test(arguments: failures)
    func failsInTheRightWay(_ expected: (events: [String], kind: ModelFailure.Kind, wait: Double?)) {
        let failure = DecodedStream(expected.events, Self.decoder).failure
        #expect(failure?.kind == expected.kind)
        #expect(failure?.retryAfter == expected.wait)
    }
}
