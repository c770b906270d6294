import ForerunCore
import ForerunEndpoints
import ForerunTesting
import Synchronization
import Testing

struct CompletionsTests {
    /// Chunks of two prompts with two choices each, mixed.
    private static let chunks = [
        #"{"id":"c","object":"text_completion","choices":[{"index":2,"text":"C","logprobs":{"tokens":["C"],"token_logprobs":[-0.5]},"finish_reason":null}]}"#,
        #"{"choices":[{"index":0,"text":"A","logprobs":null,"finish_reason":null},{"index":1,"text":"B","finish_reason":null}]}"#,
        #"{"choices":[{"index":2,"text":"c","logprobs":{"token_logprobs":[-1]},"finish_reason":"stop"},{"index":9,"text":"nobody asked"}]}"#,
        #"{"choices":[{"index":3,"text":"","finish_reason":"length"},{"index":1,"text":"","finish_reason":"stop"}]}"#,
        #"{"choices":[{"index":0,"text":"a","finish_reason":"stop"}],"usage":null}"#,
        #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}"#,
    ]
    private static let choices = [
        CompletionChoice(text: "Aa", finish: .stop), CompletionChoice(text: "B", finish: .stop),
        CompletionChoice(text: "Cc", finish: .stop, logprobs: [-0.5, -1]), CompletionChoice(text: "", finish: .length),
    ]

    @Test func severalPromptsAndChoicesAreToldApart() async throws {
        let bodies = Mutex<[String]>([])
        let server = try LoopbackServer { request, connection in
            guard request.path == "/v1/completions" else { return connection.respond(404) }
            bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            connection.startChunks()
            for chunk in Self.chunks { connection.chunk("data: \(chunk)\n\n") }
            connection.chunk("data: [DONE]\n\n")
            connection.endChunks()
        }
        defer { server.close() }
        let client = try CompletionsClient("m", at: Self.endpoint(server))
        let request = CompletionRequest(
            prompts: ["one", "t\"wo"], maxTokens: 8, temperature: 0.5, stop: ["\n", "<end>"], choices: 2, logprobs: 1)
        let deltas = Mutex<[CompletionDelta]>([])
        let (choices, usage) = try await client.complete(request) { delta in deltas.withLock { $0.append(delta) } }
        #expect(choices == Self.choices)
        #expect(usage == Usage(input: 7, output: 5))
        #expect(deltas.withLock { $0.map(\.index) } == [2, 0, 1, 2, 3, 1, 0])
        #expect(
            bodies.withLock { $0 } == [
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":8,"temperature":0.5,"n":2,"logprobs":1,"stop":["\n","<end>"],"prompt":["one","t\"wo"]}"#
            ])
    }

    @Test func aChoiceThatIsNotWholeIsTruncated() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(200, Self.chunks.prefix(4).map { "data: \($0)\n\n" }.joined())
        }
        defer { server.close() }
        let client = try CompletionsClient("m", at: Self.endpoint(server))
        let failure = await #expect(throws: ModelFailure.self) {
            try await client.complete(CompletionRequest(prompts: ["a", "b"], maxTokens: 1, choices: 2))
        }
        #expect(failure?.kind == .truncated)
    }

    @Test func errorsAreThoseOfOtherProtocols() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(429, #"{"error":{"message":"slow"}}"#, headers: ["retry-after: 2"])
        }
        defer { server.close() }
        let client = try CompletionsClient("m", at: Self.endpoint(server))
        let failure = await #expect(throws: ModelFailure.self) {
            try await client.complete(CompletionRequest(prompts: ["a"], maxTokens: 1))
        }
        #expect(failure == ModelFailure(.rateLimited, "slow", status: 429, retryAfter: 2))
    }

    @Test func itsRateLimitsAreHeardOf() async throws {
        let server = try LoopbackServer { _, connection in
            connection.respond(
                200, #"{"choices":[{"text":"a","finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#,
                headers: ["x-ratelimit-limit-requests: 60", "x-ratelimit-remaining-requests: 59"])
        }
        defer { server.close() }
        let ear = Ear()
        let client = try CompletionsClient("m", at: Self.endpoint(server), rates: ear)
        _ = try await client.complete(CompletionRequest(prompts: ["a"], maxTokens: 1))
        #expect(ear.heard.withLock { $0.map(\.requests) } == [.init(limit: 60, remaining: 59, reset: 60)])
        #expect(ear.used.withLock { $0 } == [Usage(input: 3)])
    }

    private final class Ear: RateListener {
        let heard = Mutex<[RateReading]>([])
        let used = Mutex<[Usage]>([])
        func heard(_ reading: RateReading, asked: ContinuousClock.Instant) { heard.withLock { $0.append(reading) } }
        func used(_ usage: Usage) { used.withLock { $0.append(usage) } }
    }

    @Test func aModelThatGuessesGetsOneText() async throws {
        let bodies = Mutex<[String]>([])
        let server = try LoopbackServer { request, connection in
            bodies.withLock { $0.append(String(decoding: request.body, as: UTF8.self)) }
            // A server that does not stream.
            connection.respond(
                200, #"{"choices":[{"text":" So.","finish_reason":"stop"}],"usage":{"prompt_tokens":3}}"#)
        }
        defer { server.close() }
        let role = ModelRequest.Role(name: "speculator", instructions: "Guess.", options: SamplingOptions(maxTokens: 9))
        let transcript = Transcript([
            .message("Hello"), .turn(Turn(text: "Look:", calls: [Call("read", ["p": 1])])),
            .output(call: 0, Output("one")), .message("Next?"),
        ])
        let model = try Self.endpoint(server).model("m")
        let deltas = Mutex<[AnswerDelta]>([])
        let answer = try await model.answer(ModelRequest(role: role, transcript: transcript)) { delta in
            deltas.withLock { $0.append(delta) }
        }
        #expect(answer == Answer(Turn(text: " So."), usage: Usage(input: 3)))
        #expect(deltas.withLock { $0 } == [.text(" So.")])
        #expect(
            bodies.withLock { $0 } == [
                #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"stop":["\n\nUser:"],"prompt":"Guess.\n\nUser: Hello\n\nAssistant: Look:\nread {\"p\":1}\n\nOutput: one\n\nUser: Next?\n\nAssistant:"}"#
            ])
    }

    private static func endpoint(_ server: LoopbackServer) -> EndpointConfiguration {
        EndpointConfiguration(name: "test", baseURL: server.url + "/v1", wire: .completions)
    }
}
