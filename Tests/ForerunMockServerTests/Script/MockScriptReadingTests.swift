import ForerunCore
import ForerunMockServer
import Testing

struct MockScriptReadingTests {
    @Test func readsEveryKey() throws {
        let script = try MockScript(
            yaml: """
                seed: 4
                key: k
                fault: {kind: gzip, model: guesser}
                models:
                  guesser:
                    kind: speculator
                    of: actor
                    hit_top: [0.5, 0.2]
                    width: 3
                    wrong: arguments
                    confidence: [0.9]
                  actor:
                    kind: script
                    latency: {law: lognormal, mean: 2, sigma: 0.4}
                    tokens_per_second: 60
                    chunk: 8
                    usage: false
                    quirk: [index_zero, empty_ids]
                    fault:
                      - {kind: status, status: 429, retry_after: 1.5, code: insufficient_quota, at: 2, times: always}
                      - {kind: stall, after: 3, request: 7, times: 2}
                      - {kind: html_error, probability: 0.25, protocol: [chat, messages], retry_after: 2,
                         retry: [date, reset], should_retry: false}
                    limits: {requests: 5, tokens: 900, concurrency: 2, window: 10}
                    marker: "A:"
                    turns:
                      - {text: a, reasoning: b, calls: [{name: c, arguments: {n: 1, s: "1", b: true, l: [x, null]}}]}
                      - {text: end, finish: length}
                """)
        #expect(script.seed == 4)
        #expect(script.models.map(\.name) == ["guesser", "actor"])
        let actor = script.models[1]
        #expect(actor.latency == LatencyLaw(.lognormal, mean: 2, sigma: 0.4))
        #expect(actor.tokensPerSecond == 60)
        #expect(actor.chunk == 8)
        #expect(!actor.reportsUsage)
        #expect(actor.quirks == [.indexZero, .emptyIDs])
        #expect(
            actor.faults == [
                Fault(
                    .status, at: .step(2), times: nil, status: 429, code: "insufficient_quota",
                    retry: RetryAdvice(wait: 1.5)),
                Fault(.stall, at: .request(7), times: 2, after: 3),
                Fault(
                    .htmlError, times: nil, probability: 0.25, dialects: [.chat, .messages],
                    retry: RetryAdvice(wait: 2, forms: [.date, .reset], shouldRetry: false)),
            ])
        #expect(actor.limits == RateLimits(requests: 5, tokens: 900, concurrency: 2, window: 10))
        #expect(actor.marker == "A:")
        #expect(script.key == "k")
        #expect(script.faults == [Fault(.gzip, models: ["guesser"])])
        guard case .script(let turns) = actor.answers else { throw Mismatch() }
        let call = Call("c", ["n": 1, "s": "1", "b": true, "l": ["x", nil]])
        #expect(turns.turn(at: 0, hash: 0) == ScriptedTurn(Turn(text: "a", calls: [call]), reasoning: "b"))
        #expect(turns.turn(at: 9, hash: 0) == ScriptedTurn(Turn(text: "end", finish: .length)))
        guard case .guesses(let guesses) = script.models[0].answers else { throw Mismatch() }
        #expect(guesses.hitTop == [0.5, 0.2])
        #expect(guesses.width == 3)
        #expect(guesses.wrong == .arguments)
        #expect(guesses.confidence == [0.9])
    }

    @Test(arguments: [
        (
            "models:\n  a:\n    latncy: 3\n    turns: [{text: x}]",
            "s.yaml:3: models.a.latncy: unknown key. Did you mean latency?"
        ),
        (
            "models:\n  a:\n    latency: {mean: -1}\n    turns: [{text: x}]",
            "s.yaml:3: models.a.latency.mean: must be at least 0.0, is -1.0"
        ),
        (
            "models:\n  a:\n    turns:\n      - {txt: x}",
            "s.yaml:4: models.a.turns[0].txt: unknown key. Did you mean text?"
        ),
        (
            "models:\n  a:\n    turns:\n      - calls: [{arguments: {}}]\n      - text: x",
            "s.yaml:4: models.a.turns[0].calls[0].name: is missing"
        ),
        (
            "models:\n  a:\n    turns:\n      - calls: [{name: t}]",
            "s.yaml:4: models.a.turns: the last turn must have no calls: it is the final answer"
        ),
        (
            "models:\n  a: {turns: [{text: x}]}\n  b: {kind: speculator, of: c, hit: 1}",
            "s.yaml:3: models.b.of: there is no scripted model \"c\". Did you mean a?"
        ),
        (
            "models:\n  a: {turns: [{text: x}]}\n  b: {kind: speculator, of: a, hit_top: [0.6, 0.6]}",
            "s.yaml:3: models.b.hit_top: adds up to more than 1. Give the probability of each rank by itself"
        ),
        (
            "models:\n  a:\n    turns: [{text: x}]\n    fault: {kind: hangs}",
            "s.yaml:4: models.a.fault.kind: \"hangs\" is unknown. Did you mean hang? The faults are "
                + Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        ),
        (
            "models:\n  a:\n    turns: [{text: x}]\n    fault: {kind: hang, after: 3}",
            "s.yaml:4: models.a.fault.after: unknown key. Known here: kind, at, request, times, probability, protocol"
        ),
        (
            "fault: {kind: hang, model: b}\nmodels:\n  a:\n    turns: [{text: x}]",
            "s.yaml:1: fault.model: there is no model \"b\". Did you mean a?"
        ),
        ("models:\n  a:\n    turns: [{text: x}\n  b: 1", "s.yaml:4: did not find expected ',' or ']'"),
        ("", "s.yaml: is empty. A script needs `models:`"),
    ])
    func namesFileLineAndKey(yaml: String, message: String) {
        let failure = #expect(throws: MockScriptFailure.self) { try MockScript(yaml: yaml, file: "s.yaml") }
        #expect(failure?.description == message)
    }

    @Test func namesAFileThatIsMissing() {
        let failure = #expect(throws: MockScriptFailure.self) { try MockScript(contentsOf: "/no/such/script.yaml") }
        #expect(failure?.file == "/no/such/script.yaml")
        #expect(failure?.remedy != nil)
    }

    private struct Mismatch: Error {}
}
