import ForerunCore
import Testing

@testable import ForerunMockServer

struct AnswererTests {
    private let script: MockScript

    init() throws {
        script = try MockScript(
            yaml: """
                seed: 9
                models:
                  actor:
                    latency: {law: exponential, mean: 1}
                    generate: {steps: 40, tool: note, arguments: {step: "{step}", salt: "{hash}"}, final: Done.}
                  guesser: {kind: speculator, of: actor, hit: 1, width: 2, latency: {law: exponential, mean: 0.1}}
                """)
    }

    private func reply(_ body: String, of index: Int) throws -> Reply {
        let request = try Question(.chat, body: Array(body.utf8))
        let answerer = Answerer(seed: script.seed)
        let model = script.models[index]
        let step = answerer.step(of: request, for: model)
        return answerer.decide(request, for: model, step: step, number: 1).reply
    }

    @Test func drawsEqualLatenciesForEqualRequests() throws {
        let first = try (0..<30).map { try #require(reply(request(step: $0), of: 0).writes.first).after }
        let second = try (0..<30).reversed().map { try #require(reply(request(step: $0), of: 0).writes.first).after }
        #expect(first == second.reversed())
        #expect(Set(first).count == 30)
    }

    @Test func drawsDoNotDependOnTheFormOfTheQuestion() throws {
        // Of equal length, since that shows in the usage.
        let short = try reply(request("guesser", step: 3, last: "What is next?\nwidth: 2"), of: 1)
        let long = try reply(request("guesser", step: 3, last: "width: 2\nGuess, please"), of: 1)
        #expect(short.writes.map(\.after) == long.writes.map(\.after))
        #expect(short.writes.map(\.bytes) == long.writes.map(\.bytes))
    }

    @Test func guessesWhatTheActorWillAnswer() throws {
        for step in [0, 7, 40] {
            let truth = try reply(request(step: step, stream: false), of: 0)
            let guess = try reply(request("guesser", step: step, stream: false, last: "width: 1"), of: 1)
            let turn = try JSON(parsing: #require(truth.writes.first).bytes)["choices"]?.arrayValue?[0]["message"]
            let text = try JSON(parsing: #require(guess.writes.first).bytes)["choices"]?.arrayValue?[0]["message"]?[
                "content"]
            let called = try (turn?["tool_calls"]?.arrayValue ?? []).map { call -> JSON in
                let function = call["function"]
                let arguments = try JSON(parsing: #require(function?["arguments"]?.stringValue))
                return ["name": function?["name"] ?? nil, "arguments": arguments]
            }
            let guessed = try JSON(parsing: #require(text?.stringValue))["guesses"]?.arrayValue
            #expect(guessed?.count == 1)
            #expect(guessed?.first?["calls"]?.arrayValue == called)
        }
    }

    @Test func pacesTokens() throws {
        let chunks = [("a", 0), ("b", 4), ("c", 0), ("d", 4), ("e", 2), ("f", 0)].map {
            StreamEvent(lines: $0.0, tokens: $0.1)
        }
        let paced = Reply.stream(chunks, latency: 1, tokensPerSecond: 4)
        #expect(paced.writes.map { String(decoding: $0.bytes, as: UTF8.self) } == ["ab", "cd", "ef"])
        #expect(paced.writes.map(\.after) == [1, 2, 2.5])
        let atOnce = Reply.stream(chunks, latency: 1, tokensPerSecond: 0)
        #expect(atOnce.writes.map(\.bytes) == [Array("abcdef".utf8)])
    }
}
