import ForerunCore
import Testing

@testable import ForerunTelemetry

/// Events in, spans and measurements out.
struct TraceBuilderTests {
    private static let read = Call("read_file", ["path": "a"])
    private static let write = Call("write_file", ["path": "b"])

    private static func facts() -> RunFacts {
        var facts = RunFacts(id: "20261122-110000-0000", agent: "coder", mode: "full")
        facts.models = ["mock/big": RunFacts.Model(name: "big", provider: "mock", address: "127.0.0.1", port: 9)]
        facts.actors = ["actor": "mock/big"]
        facts.roles = [
            ModelRequest.Role(name: "actor", instructions: "Be brief.", options: SamplingOptions(maxTokens: 100))
        ]
        facts.tools = [Tool(name: "read_file", description: "Reads.")]
        return facts
    }

    private static func builder(
        captures: Bool = false, parent: TraceContext? = nil, sampler: Sampler = .standard,
        limits: SpanLimits = SpanLimits()
    ) -> TraceBuilder {
        TraceBuilder(
            facts(), ids: SpanIDs(seed: "test"), parent: parent, sampler: sampler, limits: limits,
            capturesContent: captures, epoch: 1_000_000_000_000)
    }

    private static func charge(
        _ work: Int, turn: Int = 0, _ outcome: Charge.Outcome, estimated: Bool = false, role: String = "actor",
        model: String? = "mock/big"
    ) -> RunEvent {
        .charged(
            Charge(
                work: work, turn: turn, role: role, model: model, outcome: outcome,
                usage: Usage(input: 100, cached: 60, output: 20), price: nil, isEstimated: estimated))
    }

    private static func taken(_ turn: Int, _ calls: [Call], text: String = "", isHit: Bool = false) -> RunEvent {
        .turnTaken(
            turn: turn, role: "actor", answer: Turn(text: text, calls: calls), usage: Usage(input: 100, output: 20),
            isHit: isHit, seconds: 1)
    }

    /// A run with a hit of each kind, a cancelled question, an unused read and a guess.
    private static func play(_ builder: inout TraceBuilder) {
        builder.begin(with: ["Do it."])
        builder.add(.asked(work: 1, turn: 0, lane: .active, attempt: 0), at: 0)
        builder.add(.asking(work: 1, role: "actor", model: "mock/big"), at: 0)
        builder.add(.guessing(work: 2, turn: 0, source: "model small", model: "mock/small"), at: 0)
        builder.add(.firstChunk(work: 1), at: 0.25)
        builder.add(.ended(work: 2, failure: nil), at: 0.5)
        builder.add(charge(2, .guesses, role: "model small", model: "mock/small"), at: 0.5)
        builder.add(
            .predicted(turn: 0, source: "model small", rank: 0, calls: [read], probability: 0.9, confidence: nil),
            at: 0.5)
        builder.add(.performed(work: 3, call: read, world: 0, lane: .shadow, effect: .readOnly), at: 0.5)
        builder.add(.performed(work: 4, call: write, world: 4, lane: .shadow, effect: .contained), at: 0.5)
        builder.add(.ended(work: 3, failure: nil), at: 0.75)
        builder.add(.callFinished(work: 3, lane: .shadow, seconds: 0.25, isError: false), at: 0.75)
        builder.add(.asked(work: 5, turn: 1, lane: .shadow, attempt: 0), at: 0.75)
        builder.add(.asking(work: 5, role: "actor", model: "mock/big"), at: 0.75)
        builder.add(.asked(work: 6, turn: 1, lane: .shadow, attempt: 0), at: 0.75)
        builder.add(.asking(work: 6, role: "actor", model: "mock/big"), at: 0.75)
        // The answer: as guessed.
        builder.add(.ended(work: 1, failure: nil), at: 1)
        builder.add(.answered(work: 1, lane: .active, seconds: 1), at: 1)
        builder.add(charge(1, .committed), at: 1)
        builder.add(taken(0, [read]), at: 1)
        builder.add(.promoted(work: 3), at: 1)
        builder.add(
            .callTaken(
                turn: 0, index: 0, call: read, output: Output("text of a"), isHit: true, seconds: 0.25,
                effect: .readOnly,
                work: 3), at: 1)
        builder.add(.promoted(work: 5), at: 1)
        builder.add(.cancelled(work: 6, seconds: 0.25), at: 1)
        builder.add(charge(6, turn: 1, .wasted, estimated: true), at: 1)
        builder.add(.ended(work: 6, failure: nil), at: 1.125)
        builder.add(.ended(work: 4, failure: nil), at: 1.25)
        builder.add(.callFinished(work: 4, lane: .shadow, seconds: 0.75, isError: false), at: 1.25)
        // The next answer was asked ahead.
        builder.add(.ended(work: 5, failure: nil), at: 2)
        builder.add(.answered(work: 5, lane: .active, seconds: 1.25), at: 2)
        builder.add(charge(5, turn: 1, .ahead), at: 2)
        builder.add(taken(1, [], text: "Done.", isHit: true), at: 2)
        builder.finish(
            RunOutcome(end: "finished", seconds: 2, savedSeconds: 0.5, ledger: Ledger(), statistics: Statistics()),
            at: 2)
    }

    private static func span(_ spans: [Span], work: Int) throws -> Span {
        try #require(spans.first { $0.attributes[Key.work] == .int(work) })
    }

    @Test func aRunIsATree() throws {
        var builder = Self.builder()
        Self.play(&builder)
        let output = builder.takeOutput()
        let spans = output.spans
        let root = try #require(spans.last)
        #expect(root.name == "invoke_agent coder" && root.kind == .internal && root.parent == nil)
        #expect(root.start == 1_000_000_000_000 && root.end == 1_002_000_000_000)
        #expect(root.attributes[Key.runEnd] == "finished" && root.attributes[Key.requestModel] == "big")
        #expect(spans.dropLast().allSatisfy { $0.parent == root.id && $0.trace == root.trace })
        #expect(Set(spans.map(\.id)).count == spans.count && spans.count == 7)
        #expect(spans.allSatisfy { root.start <= $0.start && $0.start <= $0.end && $0.end <= root.end })

        let first = try Self.span(spans, work: 1)
        #expect(first.name == "chat big" && first.kind == .client)
        #expect(first.attributes[Key.provider] == "mock" && first.attributes[Key.serverPort] == 9)
        #expect(first.attributes[Key.maxTokens] == 100 && first.attributes[Key.timeToFirstChunk] == 0.25)
        #expect(first.attributes[Key.inputTokens] == 100 && first.attributes[Key.cachedTokens] == 60)
        #expect(first.attributes[Key.finishReasons] == .strings(["tool_calls"]))
        #expect(first.attributes[Key.lane] == "active" && first.attributes[Key.outcome] == nil)

        let guess = try Self.span(spans, work: 2)
        #expect(guess.name == "chat small" && guess.attributes[Key.source] == "model small")
        #expect(guess.attributes[Key.outcome] == nil && guess.end - guess.start == 500_000_000)

        let read = try Self.span(spans, work: 3)
        #expect(read.name == "execute_tool read_file" && read.attributes[Key.outcome] == "hit")
        #expect(read.attributes[Key.saved] == 250.0 && read.attributes[Key.callID] == "0.0")
        #expect(read.attributes[Key.toolDescription] == "Reads." && read.events.isEmpty)

        let written = try Self.span(spans, work: 4)
        #expect(written.attributes[Key.outcome] == "wasted" && written.attributes[Key.callID] == nil)
        #expect(written.end - written.start == 750_000_000)

        let ahead = try Self.span(spans, work: 5)
        // A quarter of a second had passed when the real path came to it.
        #expect(ahead.attributes[Key.outcome] == "hit" && ahead.attributes[Key.saved] == 250.0)
        #expect(ahead.events.map(\.name) == ["forerun.promoted"])
        let cancelled = try Self.span(spans, work: 6)
        #expect(cancelled.attributes[Key.outcome] == "cancelled" && cancelled.attributes[Key.inputTokens] == nil)
        #expect(cancelled.attributes[Key.estimatedOutput] == 20 && cancelled.end - cancelled.start == 375_000_000)
        #expect(root.events.map(\.name) == ["forerun.speculation.hit"])
    }

    @Test func whatIsMeasuredAddsUp() {
        var builder = Self.builder()
        Self.play(&builder)
        var sums: [Instrument: Double] = [:]
        var counts: [Instrument: Int] = [:]
        for item in builder.takeOutput().measurements {
            counts[item.instrument, default: 0] += 1
            switch item.value {
            case .count(let count): sums[item.instrument, default: 0] += Double(count)
            case .amount(let amount): sums[item.instrument, default: 0] += amount
            }
        }
        #expect(counts[.operationDuration] == 4 && sums[.operationDuration] == 1 + 0.5 + 1.25 + 0.375)
        // Of what is only estimated, no tokens.
        #expect(counts[.tokenUsage] == 6 && sums[.tokenUsage] == 3 * 120)
        #expect(sums[.wastedTokens] == 240 && sums[.hits] == 2 && sums[.misses] == nil && sums[.predicted] == 1)
        #expect(sums[.started] == 4 && sums[.cancelled] == 1 && sums[.saved] == 0.5 && sums[.runDuration] == 2)
        #expect(counts[.timeToFirstChunk] == 1)
    }

    @Test func contentIsExportedOnlyWhereItIsAskedFor() throws {
        let content = [
            Key.inputMessages, Key.outputMessages, Key.systemInstructions, Key.toolDefinitions, Key.callArguments,
            Key.callResult,
        ]
        var silent = Self.builder()
        Self.play(&silent)
        let spans = silent.takeOutput().spans
        for span in spans {
            for key in content { #expect(span.attributes[key] == nil) }
            #expect(
                !"\(span)".contains("text of a") && !"\(span)".contains("Do it.") && !"\(span)".contains("Be brief"))
        }
        var open = Self.builder(captures: true)
        Self.play(&open)
        let told = open.takeOutput().spans
        let second = try Self.span(told, work: 5)
        #expect(
            second.attributes[Key.inputMessages]
                == .string(
                    #"[{"role":"user","parts":[{"type":"text","content":"Do it."}]},"#
                        + #"{"role":"assistant","parts":[{"type":"tool_call","id":"0.0","name":"read_file","arguments":{"path":"a"}}]},"#
                        + #"{"role":"tool","parts":[{"type":"tool_call_response","id":"0.0","response":"text of a"}]}]"#
                ))
        #expect(
            second.attributes[Key.outputMessages]
                == .string(
                    #"[{"role":"assistant","parts":[{"type":"text","content":"Done."}],"finish_reason":"stop"}]"#))
        #expect(try Self.span(told, work: 3).attributes[Key.callResult] == "text of a")
        #expect(try Self.span(told, work: 4).attributes[Key.callArguments] == #"{"path":"b"}"#)
        #expect(
            told.last?.attributes[Key.systemInstructions] == #"[{"type":"text","content":"Be brief."}]"#)
    }

    @Test func longContentIsCut() throws {
        var history = History([])
        for place in 0..<20 { history.add(.message("\(place) " + String(repeating: "ä", count: 12_000))) }
        let (text, omitted) = history.messages { "\($0).\($1)" }
        #expect(text.utf8.count <= Content.listLimit && omitted == 17)
        let list = try JSON(parsing: text)
        let last = list.arrayValue?.last?["parts"]?.arrayValue?.first?["content"]?.stringValue ?? ""
        #expect(last.hasPrefix("19 ä") && last.hasSuffix("ä…") && last.utf8.count <= Content.textLimit + 3)
        var builder = Self.builder(limits: SpanLimits(valueLength: 5, events: 2))
        for turn in 0..<5 { builder.add(.committed(world: turn, turn: turn, call: 0), at: Double(turn)) }
        builder.finish(
            RunOutcome(end: "finished", seconds: 5, savedSeconds: 0, ledger: Ledger(), statistics: Statistics()), at: 5)
        let root = try #require(builder.takeOutput().spans.last)
        #expect(root.attributes[Key.operation] == "invok" && root.events.count == 2 && root.droppedEvents == 3)
    }

    @Test func failuresAreToldApart() throws {
        var builder = Self.builder()
        func ask(_ work: Int, _ lane: Lane, _ attempt: Int, at time: Double) {
            builder.add(.asked(work: work, turn: 0, lane: lane, attempt: attempt), at: time)
            builder.add(.asking(work: work, role: "actor", model: "mock/big"), at: time)
        }
        ask(1, .active, 0, at: 0)
        builder.add(.ended(work: 1, failure: .init("overloaded", status: 503)), at: 1)
        builder.add(
            .answerFailed(turn: 0, failure: ModelFailure(.overloaded, "busy", status: 503), attempt: 1, of: 3, wait: 1),
            at: 1)
        ask(2, .active, 1, at: 2)
        ask(3, .shadow, 0, at: 2)
        // What failed ahead in silence has no event but the signal; with something said, it is charged in the same step.
        builder.add(.ended(work: 3, failure: .init("timed out")), at: 3)
        ask(4, .shadow, 0, at: 3)
        builder.add(.ended(work: 4, failure: .init("truncated stream", status: 200)), at: 4)
        builder.add(Self.charge(4, .wasted, estimated: true), at: 4)
        // An execution that failed on the real path, and was made again.
        builder.add(.performed(work: 5, call: Self.read, world: 0, lane: .active, effect: .readOnly), at: 5)
        builder.add(.ended(work: 5, failure: .init("timed out")), at: 6)
        builder.add(.performed(work: 6, call: Self.read, world: 0, lane: .active, effect: .readOnly), at: 6)
        builder.add(.ended(work: 6, failure: nil), at: 7)
        builder.add(
            .callTaken(
                turn: 0, index: 0, call: Self.read, output: Output("no such file", isError: true), isHit: false,
                seconds: 2, effect: .readOnly, work: 6), at: 7)
        // A call that nobody performed.
        builder.add(
            .callTaken(
                turn: 0, index: 1, call: Call("fly"), output: Output("unknown tool", isError: true), isHit: false,
                seconds: 0, effect: nil, work: nil), at: 7)
        builder.add(Self.charge(2, .unfinished, estimated: true), at: 8)
        builder.finish(
            RunOutcome(
                end: "endpoint failed", failure: ("timed_out", "timed out"), seconds: 8, savedSeconds: 0,
                ledger: Ledger(),
                statistics: Statistics()), at: 8)
        let spans = builder.takeOutput().spans
        func errors(_ work: Int) throws -> [AttributeValue?] {
            let span = try Self.span(spans, work: work)
            return [span.attributes[Key.errorType], span.attributes[Key.outcome], span.error.map { .string($0) }]
        }
        #expect(try errors(1) == ["503", nil, "overloaded"])
        #expect(try errors(2) == [nil, nil, nil])
        #expect(try errors(3) == ["timed_out", "failed", "timed out"])
        #expect(try errors(4) == ["truncated_stream", "failed", "truncated stream"])
        #expect(try Self.span(spans, work: 4).attributes[Key.estimatedInput] == 100)
        #expect(try errors(5) == ["timed_out", nil, "timed out"])
        #expect(try errors(6) == ["tool_error", nil, "tool error"])
        #expect(try Self.span(spans, work: 2).attributes[Key.attempt] == 1)
        let root = try #require(spans.last)
        #expect(root.error == "timed out" && root.attributes[Key.errorType] == "timed_out")
        #expect(root.events.map(\.name) == ["forerun.call.refused"])
    }

    @Test func theCallersTraceGoesOn() throws {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let parent = try #require(TraceContext(traceparent: text, tracestate: "a=1"))
        var builder = Self.builder(parent: parent)
        Self.play(&builder)
        let spans = builder.takeOutput().spans
        let root = try #require(spans.last)
        #expect(
            root.trace == parent.trace && root.parent == parent.parent && root.hasRemoteParent && root.state == "a=1")
        #expect(spans.allSatisfy { $0.trace == parent.trace && $0.state == "a=1" })
        // Not sampled there: no spans, but measurements.
        let unsampled = try #require(TraceContext(traceparent: text.dropLast(2) + "00"))
        var quiet = Self.builder(captures: true, parent: unsampled)
        Self.play(&quiet)
        let output = quiet.takeOutput()
        #expect(output.spans.isEmpty && !output.measurements.isEmpty)
    }

    /// Spans leave as soon as it is known what came of them, not at the end of the run.
    @Test func whatIsOverLeaves() {
        var builder = Self.builder()
        builder.add(.asked(work: 1, turn: 0, lane: .active, attempt: 0), at: 0)
        builder.add(.ended(work: 1, failure: nil), at: 1)
        builder.add(Self.charge(1, .committed), at: 1)
        #expect(builder.takeOutput().spans.isEmpty)
        builder.add(.asked(work: 2, turn: 1, lane: .active, attempt: 0), at: 1.5)
        #expect(builder.takeOutput().spans.count == 1)
        #expect(builder.works.count == 1)
    }
}
