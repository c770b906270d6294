import ForerunCore
import ForerunEndpoints
import ForerunTransport
import Testing

struct ChatStreamDecoderTests {
    /// Pieces of `tool_calls` as servers are seen to send them, and the calls that they mean.
    static let quirks: [(name: String, pieces: [String], calls: [Call])] = [
        (
            "all calls are number 0, with new ids",
            [
                #"{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p\":1}"}}"#,
                #"{"index":0,"id":"b","function":{"name":"read","arguments":"{\"p\":"}}"#,
                #"{"index":0,"id":"b","function":{"arguments":"2}"}}"#,
            ], [Call("read", ["p": 1]), Call("read", ["p": 2])]
        ),
        (
            "later pieces have an empty id and repeat the name",
            [
                #"{"index":0,"id":"a","function":{"name":"read","arguments":""}}"#,
                #"{"index":0,"id":"","function":{"name":"read","arguments":"{\"p\""}}"#,
                #"{"index":0,"id":"","function":{"name":"","arguments":":1}"}}"#,
            ], [Call("read", ["p": 1])]
        ),
        (
            "arguments of null, then none",
            [
                #"{"index":0,"id":"a","type":"function","function":{"name":"list","arguments":null}}"#,
                #"{"index":1,"id":"b","function":{"name":"read","arguments":null}}"#,
                #"{"index":1,"function":{"arguments":"{}"}}"#,
            ], [Call("list"), Call("read")]
        ),
        (
            "whole calls without index, two in a chunk",
            [
                #"{"id":"a","function":{"name":"list","arguments":"{}"}},{"id":"b","function":{"name":"read","arguments":"{\"p\":1}"}}"#
            ], [Call("list"), Call("read", ["p": 1])]
        ),
        (
            "neither index nor id",
            [
                #"{"function":{"name":"list","arguments":""}}"#, #"{"function":{"name":"read","arguments":"{\"p\":"}}"#,
                #"{"function":{"arguments":"1}"}}"#,
            ], [Call("list"), Call("read", ["p": 1])]
        ),
        (
            "number 0 and no id for all",
            [
                #"{"index":0,"function":{"name":"list","arguments":"{}"}}"#,
                #"{"index":0,"id":"","function":{"name":"list","arguments":"{}"}}"#,
            ], [Call("list"), Call("list")]
        ),
        (
            "all calls are announced first",
            [
                #"{"index":0,"id":"a","function":{"name":"read","arguments":""}}"#,
                #"{"index":1,"id":"b","function":{"name":"read","arguments":""}}"#,
                #"{"index":0,"function":{"arguments":"{\"p\":1}"}}"#,
                #"{"index":1,"function":{"arguments":"{\"p\":2}"}}"#,
            ], [Call("read", ["p": 1]), Call("read", ["p": 2])]
        ),
        (
            "pieces of two calls alternate",
            [
                #"{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p\""}}"#,
                #"{"index":1,"id":"b","function":{"name":"read","arguments":"{\"p\""}}"#,
                #"{"index":0,"function":{"arguments":":1}"}}"#, #"{"index":1,"function":{"arguments":":2}"}}"#,
            ], [Call("read", ["p": 1]), Call("read", ["p": 2])]
        ),
        (
            "arguments as an object",
            [#"{"index":0,"id":"a","function":{"name":"read","arguments":{"p":{"q":[1,"}"]}}}}"#],
            [Call("read", ["p": ["q": [1, "}"]]])]
        ),
        (
            "the name comes after the arguments",
            [
                #"{"index":0,"id":"a","function":{"arguments":"{\"p\":1}"}}"#,
                #"{"index":0,"id":"a","function":{"name":"read"}}"#,
            ], [Call("read", ["p": 1])]
        ),
        (
            "something follows the object",
            [#"{"index":0,"id":"a","function":{"name":"read","arguments":"{\"p\":1} \n{\"p\":2}</tool_call>"}}"#],
            [Call("read", ["p": 1])]
        ),
        (
            "no object at all",
            [
                #"{"index":0,"id":"a","function":{"name":"read","arguments":"[1"}}"#,
                #"{"index":0,"id":"a","function":{"arguments":"]"}}"#,
                #"{"index":1,"id":"b","function":{"name":"list","arguments":"null"}}"#,
                #"{"index":2,"id":"c","function":{"name":"write","arguments":"{'p': 1}"}}"#,
                #"{"index":3,"id":"d","function":{"name":"write","arguments":"{\"p\": \"cut"}}"#,
            ],
            [
                Call("read", malformed: "[1]"), Call("list"), Call("write", malformed: "{'p': 1}"),
                Call("write", malformed: #"{"p": "cut"#),
            ]
        ),
    ]

    @Test(arguments: quirks)
    func understandsWhatServersSend(_ quirk: (name: String, pieces: [String], calls: [Call])) throws {
        let chunks = quirk.pieces.map { #"{"choices":[{"index":0,"delta":{"tool_calls":[\#($0)]}}]}"# }
        let (answer, deltas) = try Self.decode(chunks + [#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#])
        #expect(answer.turn == Turn(calls: quirk.calls))
        #expect(answer.usage == nil)
        #expect(Self.sealed(deltas) == quirk.calls)
    }

    @Test func sealsACallAsSoonAsItsArgumentsAreComplete() throws {
        var decoder = ChatStreamDecoder()
        var deltas: [AnswerDelta] = []
        // The sixth chunk ends the arguments of the first call.
        for chunk in Recording.twoCalls.prefix(5) { try Self.feed(chunk, to: &decoder, &deltas) }
        #expect(Self.sealed(deltas).isEmpty)
        try Self.feed(Recording.twoCalls[5], to: &decoder, &deltas)
        #expect(Self.sealed(deltas) == [Call("read", ["path": #"a{b"}"#])])
    }

    @Test func acceptsEveryHonestEnd() throws {
        let text = #"{"choices":[{"delta":{"content":"Hello"},"finish_reason":null}]}"#
        let call = #"{"choices":[{"delta":{"tool_calls":[{"id":"a","function":{"name":"list"}}]},"finish_reason":""}]}"#
        #expect(try Self.decode([text, "[DONE]"]).0.turn == Turn(text: "Hello"))
        #expect(try Self.decode([call, "[DONE]"]).0.turn == Turn(calls: [Call("list")]))
        let stop = #"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#
        #expect(try Self.decode([text, stop]).0.turn == Turn(text: "Hello"))
        #expect(try Self.decode([stop]).0.turn == Turn())
        let length = #"{"choices":[{"delta":{},"finish_reason":"length"}]}"#
        #expect(try Self.decode([text, length, "[DONE]", text]).0.turn == Turn(text: "Hello", finish: .length))
    }

    @Test func logprobsComeBeforeWhatTheyAreOf() throws {
        let (_, deltas) = try Self.decode([
            #"{"choices":[{"index":0,"delta":{"content":"A"},"logprobs":{"content":[{"token":"A","logprob":-0.5,"bytes":[65],"top_logprobs":[{"token":"B","logprob":-9}]}],"refusal":null}}]}"#,
            #"{"choices":[{"logprobs":null,"delta":{"content":"B"}}]}"#,
            #"{"choices":[{"logprobs":{"content":[{"token":"C","logprob":-2e-1},{"token":"D","logprob":null},{"logprob":0.1},7]},"delta":{"content":"CD"}}]}"#,
            #"{"choices":[{"logprobs":{"content":null},"delta":{"content":"E"}}]}"#,
            #"{"choices":[{"delta":{},"logprobs":"none","finish_reason":"stop"}]}"#,
        ])
        #expect(
            deltas == [
                .logprobs([-0.5]), .text("A"), .text("B"), .logprobs([-0.2, 0]), .text("CD"), .text("E"),
            ])
    }

    @Test func reportsReasoningRefusalsAndPartsOfContent() throws {
        let (answer, deltas) = try Self.decode([
            #"{"choices":[{"delta":{"reasoning_content":"Hm"}},{"index":1,"delta":{"content":"other choice"}}]}"#,
            #"{"choices":[{"delta":{"reasoning":"m","content":null}}]}"#,
            #"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"."}]},{"type":"text","text":"A"}]}}]}"#,
            #"{"choices":[{"delta":{"refusal":"B"},"finish_reason":"content_filter"}],"usage":{"prompt_tokens":3,"prompt_cache_hit_tokens":2}}"#,
        ])
        #expect(deltas == [.reasoning("Hm"), .reasoning("m"), .reasoning("."), .text("A"), .text("B")])
        #expect(answer == Answer(Turn(text: "AB", finish: .contentFilter), usage: Usage(input: 3, cached: 2)))
    }

    @Test func readsAReplyThatIsNotStreamed() throws {
        let reply = """
            {"id": "c", "choices": [ {"index": 0, "message": {"role": "assistant", "content": null, "tool_calls": [
              {"id": "a", "type": "function", "function": {"name": "list", "arguments": ""}},
              {"id": "b", "type": "function", "function": {"name": "read", "arguments": "{\\"p\\": 1}"}}
            ]}, "finish_reason": "tool_calls"} ], "usage": {"prompt_tokens": 5, "completion_tokens": 2}}
            """
        let (answer, deltas) = try Self.decode([reply])
        #expect(
            answer == Answer(Turn(calls: [Call("list"), Call("read", ["p": 1])]), usage: Usage(input: 5, output: 2)))
        #expect(Self.sealed(deltas).count == 2)
    }

    static let failures: [(chunks: [String], kind: ModelFailure.Kind)] = [
        ([], .truncated),
        ([#"{"choices":[{"delta":{"content":"Hel"}}]}"#], .truncated),
        (["[DONE]"], .malformed),
        ([#"{"choices":[{"delta":{"content":"Hel"#], .malformed),
        (["<html>"], .malformed),
        ([#"{"choices":[{"delta":{"content":"I look"},"finish_reason":"tool_calls"}]}"#], .malformed),
        (
            [#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}"#, "[DONE]"],
            .malformed
        ),
        ([#"{"error":{"message":"Overloaded","type":"overloaded_error"}}"#], .overloaded),
        ([#"{"error":{"message":"slow down","code":429}}"#], .rateLimited),
        ([#"{"error":{"message":"no more","code":"insufficient_quota"}}"#], .quotaExhausted),
        ([#"{"error":{"message":"boom"}}"#], .server),
        ([#"{"error":"boom"}"#], .server),
        ([#"{"object":"error","message":"maximum context length is 10","code":400}"#], .contextOverflow),
        ([#"{"choices":[{"delta":{"content":"Hel"}}],"error":{"message":"gone","code":502}}"#], .server),
    ]

    @Test(arguments: failures)
    func failsInTheRightWay(_ failure: (chunks: [String], kind: ModelFailure.Kind)) {
        #expect {
            try Self.decode(failure.chunks)
        } throws: {
            ($0 as? ModelFailure)?.kind == failure.kind
        }
    }

    /// Every cut of whole streams, in bytes, gives the same deltas and the same answer.
    @Test(
        arguments: [Recording.twoCalls]
            + quirks.map { $0.pieces.map { #"{"choices":[{"delta":{"tool_calls":[\#($0)]}}]}"# } })
    func anyCutGivesTheSameDeltas(_ chunks: [String]) throws {
        let bytes = Array((chunks + ["[DONE]"]).map { "data: \($0)\r\n\r\n" }.joined().utf8)
        let (answer, deltas) = try Self.decode(chunks + ["[DONE]"])
        var cuts = (0...bytes.count).map { [$0] }
        cuts.append(Array(0...bytes.count))
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 { cuts.append((0..<20).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()) }
        for cuts in cuts {
            let (cutAnswer, cutDeltas) = try Self.decode(bytes, cuts: cuts)
            try #require(cutAnswer == answer && cutDeltas == deltas, "cut at \(cuts)")
        }
    }

    // MARK: Helpers

    private static func decode(_ chunks: [String]) throws -> (Answer, [AnswerDelta]) {
        var decoder = ChatStreamDecoder()
        var deltas: [AnswerDelta] = []
        for chunk in chunks { try feed(chunk, to: &decoder, &deltas) }
        let answer = try decoder.finish { deltas.append($0) }
        return (answer, deltas)
    }

    private static func decode(_ bytes: [UInt8], cuts: [Int]) throws -> (Answer, [AnswerDelta]) {
        var decoder = ChatStreamDecoder()
        var deltas: [AnswerDelta] = []
        var events = ServerSentEvents()
        var failure: ModelFailure?
        func take(_ event: ServerSentEvents.Event) {
            do throws(ModelFailure) {
                try decoder.decode(event.data) { deltas.append($0) }
            } catch {
                failure = error
            }
        }
        var start = 0
        for end in cuts + [bytes.count] {
            Array(bytes[start..<end]).withUnsafeBufferPointer { events.feed($0, take) }
            start = end
        }
        events.finish(take)
        if let failure { throw failure }
        let answer = try decoder.finish { deltas.append($0) }
        return (answer, deltas)
    }

    private static func feed(_ chunk: String, to decoder: inout ChatStreamDecoder, _ deltas: inout [AnswerDelta]) throws
    {
        try Array(chunk.utf8).withUnsafeBufferPointer { bytes in
            try decoder.decode(bytes) { deltas.append($0) }
        }
    }

    private static func sealed(_ deltas: [AnswerDelta]) -> [Call] {
        var calls: [Call] = []
        for case .callSealed(let index, let call) in deltas {
            #expect(index == calls.count)
            calls.append(call)
        }
        return calls
    }
}
