import ForerunCore
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import ForerunSpeculators

struct ModelSpeculatorTests {
    private static let tools = [
        Tool(
            name: "read_file", description: "Reads a <file> & returns its text.",
            parameters: ["type": "object", "properties": ["path": ["type": "string"]], "required": ["path"]]),
        Tool(name: "run_command", description: "Runs a command."),
    ]
    private static let actor = ModelRequest.Role(name: "actor", instructions: "You are \"careful\".", tools: tools)
    private static let transcript = Transcript([
        .message("Fix it"), .turn(Turn(calls: [Call("read_file", ["path": "a"])])), .output(call: 0, Output("text")),
    ])
    private static let template = """
        {{#tools}}
        - {{name}}: {{description}} {{parameters}}
        {{/tools}}
        {{#instructions}}
        Theirs: {{instructions}}
        {{/instructions}}
        """

    private func context(
        width: Int = 3, view: ModelRequest.View = .whole, role: ModelRequest.Role = actor
    ) -> SpeculationContext {
        SpeculationContext(
            request: ModelRequest(role: role, transcript: Self.transcript, view: view), turnNumber: 1, width: width)
    }

    private func predictions(_ model: ScriptedModel, width: Int = 3) async throws -> [[Prediction]] {
        let batches = Batches()
        let speculator = try ModelSpeculator(model: model, template: Self.template)
        await speculator.predict(context(width: width), emit: batches.append)
        return batches.all
    }

    @Test func guessesArriveOneByOne() async throws {
        let model = ScriptedModel([
            .text(#"{"guesses":[{"confidence":0.9,"calls":[{"name":"run_command","arguments":{"command":"make"}}]}"#),
            .text(#",{"calls":[{"name":"read_file","arguments":{"path":"b"}},{"name":"read_file","#),
            .text(#""arguments":{"path":"c"}}]}]}"#),
        ])
        let batches = try await predictions(model)
        #expect(
            batches == [
                [Prediction(Turn(calls: [Call("run_command", ["command": "make"])]), confidence: 0.9, rank: 0)],
                [
                    Prediction(
                        Turn(calls: [Call("read_file", ["path": "b"]), Call("read_file", ["path": "c"])]), rank: 1)
                ],
            ])
    }

    /// What the server says of the calls counts, not what the model claims, nor the words around.
    @Test func logprobsAreTheConfidence() async throws {
        let told = try await predictions(
            ScriptedModel([
                .logprobs([-5]), .text(#"{"guesses":[{"confidence":0.9,"#), .logprobs([-0.1]),
                .text(#""calls":[{"name":"#),
                .logprobs([-0.2, -0.3]), .text(#""run_command","arguments":{}}]}"#), .logprobs([-4]), .text(#",{""#),
                .logprobs([-0.5]), .text(#"calls":[{"name":"read_file","arguments":{"path":"b"}}]}]}"#),
            ])
        ).flatMap(\.self)
        #expect(told.map { $0.confidence.map { ($0 * 1000).rounded() } } == [(exp(-0.6) * 1000).rounded(), 607])
        // A server that does not tell.
        let silent = try await predictions(
            ScriptedModel([.text(#"[{"confidence":0.9,"calls":[{"name":"run_command"}]}]"#)]))
        #expect(silent.flatMap(\.self).map(\.confidence) == [0.9])
    }

    @Test func sourceAndEndpointNameTheModel() throws {
        let speculator = try ModelSpeculator(model: ScriptedModel([]), template: "")
        #expect(speculator.source == "model:local/small")
        #expect(speculator.endpoint == "local/small")
    }

    @Test func whatWasUsedIsReported() async throws {
        let usage = Usage(input: 100, cached: 90, output: 7)
        let speculator = try ModelSpeculator(model: ScriptedModel([], usage: usage), template: "")
        #expect(await speculator.predict(context()) { _ in } == usage)
        let refused = ScriptedModel([], failure: ModelFailure(.overloaded, "later"))
        #expect(await (try ModelSpeculator(model: refused, template: "")).predict(context()) { _ in } == .zero)
    }

    @Test func widthIsTheLimitAndUnknownToolsDoNotCount() async throws {
        let text = #"""
            [{"name":"erase_disk"},{"name":"read_file","arguments":{"path":"a"}},{"name":"read_file","arguments":{"path":"b"}},
            {"name":"read_file","arguments":{"path":"c"}}]
            """#
        let batches = try await predictions(ScriptedModel([.text(text)]), width: 2)
        #expect(batches.flatMap(\.self).map(\.rank) == [0, 1])
        #expect(batches.flatMap(\.self).map { $0.turn.calls[0].arguments["path"]?.stringValue } == ["a", "b"])
    }

    @Test func theRequestHoldsTheTranscriptAndAQuestion() async throws {
        let model = ScriptedModel([])
        _ = try await predictions(model, width: 5)
        let request = try #require(model.requests.first)
        #expect(request.transcript.dropLast == Self.transcript)
        guard case .message(let question)? = request.transcript.last else {
            Issue.record("the request ends with no message")
            return
        }
        #expect(question.split(separator: "\n").contains("width: 5"))
        #expect(request.view == .whole)
        #expect(request.role.tools.isEmpty)
        #expect(
            request.role.instructions.split(separator: "\n") == [
                #"- read_file: Reads a <file> & returns its text. {"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}"#,
                #"- run_command: Runs a command. {"type":"object"}"#, #"Theirs: You are "careful"."#,
            ])
    }

    @Test func aRoleThatSeesTheLastEntryOnlyIsGuessedFromIt() async throws {
        let model = ScriptedModel([])
        let speculator = try ModelSpeculator(model: model, template: "")
        await speculator.predict(context(view: .lastEntry)) { _ in }
        let entries = try #require(model.requests.first).entries
        #expect(entries.count == 2)
        #expect(entries.first == Self.transcript.last)
    }

    @Test func theFixedPartStaysTheSame() async throws {
        let model = ScriptedModel([])
        let speculator = try ModelSpeculator(model: model, template: Self.template)
        let other = ModelRequest.Role(name: "other", instructions: "Else", tools: [])
        for width in 1...3 { await speculator.predict(context(width: width)) { _ in } }
        await speculator.predict(context(role: other)) { _ in }
        await speculator.predict(context()) { _ in }
        let roles = model.requests.map(\.role)
        #expect(
            roles.map(\.name) == Array(repeating: "speculator:actor", count: 3) + [
                "speculator:other", "speculator:actor",
            ])
        #expect(roles.allSatisfy { $0 === roles[0] || $0.name == "speculator:other" })
        #expect(roles[3].instructions == "Theirs: Else")
    }

    @Test func callsOfTheModelsOwnAreOneGuess() async throws {
        let calls = [Call("read_file", ["path": "a"]), Call("run_command", ["command": "x"])]
        let batches = try await predictions(ScriptedModel([], answer: Turn(calls: calls)))
        #expect(batches == [[Prediction(Turn(calls: calls), rank: 0)]])
    }

    @Test func anAnswerThatDidNotStreamCountsToo() async throws {
        let batches = try await predictions(
            ScriptedModel([], answer: Turn(text: #"{"name":"run_command","arguments":{"command":"x"}}"#)))
        #expect(batches == [[Prediction(Turn(calls: [Call("run_command", ["command": "x"])]), rank: 0)]])
    }

    @Test func aBrokenStreamLeavesWhatItBrought() async throws {
        let model = ScriptedModel(
            [.text(#"{"guesses":[{"calls":[{"name":"run_command","arguments":{"command":"x"}},{"na"#)],
            failure: ModelFailure(.truncated, "cut"))
        #expect(
            try await predictions(model) == [
                [Prediction(Turn(calls: [Call("run_command", ["command": "x"])]), rank: 0)]
            ])
        let refused = ScriptedModel([], failure: ModelFailure(.authentication, "no"))
        #expect(try await predictions(refused).isEmpty)
    }

    @Test func cancellingEndsTheRequestAndTheGuesses() async throws {
        let model = ScriptedModel(
            [
                .text(
                    #"[{"name":"run_command","arguments":{"command":"x"}},{"calls":[{"name":"read_file","arguments":{}},{"#
                )
            ],
            hangs: true)
        let speculator = try ModelSpeculator(model: model, template: "")
        let batches = Batches()
        let context = context()
        let (first, signal) = AsyncStream.makeStream(of: Void.self)
        let prediction = Task {
            await speculator.predict(context) { batch in
                batches.append(batch)
                signal.yield()
            }
            signal.finish()
        }
        for await _ in first { break }
        prediction.cancel()
        await prediction.value
        #expect(batches.all.count == 1)
        #expect(model.wasCancelled)
    }

    // MARK: - Samples, hints, long transcripts

    @Test func samplesThatAgreeAreMoreCertain() async throws {
        let answers = ["a", "b", "a", "a"].map { path in
            #"{"guesses":[{"confidence":0.1,"calls":[{"name":"read_file","arguments":{"path":"\#(path)"}}]}]}"#
        }
        let model = ScriptedModel([], usage: Usage(input: 10, output: 2), texts: answers)
        let speculator = try ModelSpeculator(model: model, template: "", samples: 4)
        let batches = Batches()
        let usage = await speculator.predict(context(), emit: batches.append)
        #expect(usage == Usage(input: 40, output: 8))
        #expect(speculator.requests == 4)
        // The first guess is told at once, and again as others agree.
        #expect(batches.all.count == 4)
        #expect(batches.all.first?.map(\.confidence) == [0.25])
        let last = try #require(batches.all.last)
        #expect(last.map { $0.turn.calls[0].arguments["path"]?.stringValue } == ["a", "b"])
        #expect(last.map(\.confidence) == [0.75, 0.25])
        #expect(last.map(\.rank) == [0, 1])
        // Each is asked for one guess, with some chance in it.
        #expect(model.requests.allSatisfy { $0.role.options.temperature ?? 0 > 0 && $0 == model.requests[0] })
    }

    @Test func aFailureEndsTheSamples() async throws {
        let model = ScriptedModel([], failure: ModelFailure(.overloaded, "later"))
        let speculator = try ModelSpeculator(model: model, template: "", samples: 5)
        #expect(await speculator.predict(context()) { _ in } == .zero)
        #expect(model.requests.count == 1)
    }

    @Test func hintsStandInTheLastMessageOnly() async throws {
        var commands = CommandTemplates()
        for _ in 0..<2 { commands.learn(Turn(calls: [Call("run_command", ["command": "make test"])])) }
        let patterns = PatternSpeculator()
        let tool = Tool(
            name: "run_command", description: "", parameters: ["type": "object", "properties": ["command": [:]]])
        let role = ModelRequest.Role(name: "actor", tools: [tool])
        let here = context(role: role)
        for _ in 0..<5 { await patterns.observe(Turn(calls: [Call("run_command", ["command": "make"])]), after: here) }
        let model = ScriptedModel([])
        let hints = ModelHints(patterns: patterns, commands: commands)
        let speculator = try ModelSpeculator(model: model, template: "fixed", hints: hints)
        await speculator.predict(here) { _ in }
        let request = try #require(model.requests.first)
        guard case .message(let question)? = request.transcript.last else {
            Issue.record("the request ends with no message")
            return
        }
        let lines = question.split(separator: "\n")
        #expect(lines.contains(#"likely: run_command {"command":"make"}"#))
        #expect(lines.contains("frequent command here: make test"))
        #expect(lines.last == "width: 3")
        #expect(request.transcript.dropLast == Self.transcript)
        #expect(request.role.instructions == "fixed")
    }

    @Test func ofALongTranscriptTheTaskAndTheLatestTurnsAreSeen() {
        var transcript = Transcript([.message("the task")])
        var starts: Set<Int> = []
        for number in 0..<64 {
            transcript = transcript.appending(.turn(Turn(calls: [Call("read_file", ["path": .string("\(number)")])])))
            transcript = transcript.appending(.output(call: 0, Output(String(repeating: "x", count: 4_000))))
            let seen = ModelSpeculator.Window.seen(of: transcript)
            #expect(seen.size <= ModelSpeculator.Window.limit)
            #expect(seen.entries.first == .message("the task"))
            #expect(seen.last == transcript.last)
            starts.insert(transcript.count - seen.count)
        }
        #expect(starts.count <= 8, "the beginning stays the same for several turns: \(starts)")
    }

    @Test func aBrokenTemplateIsAnError() {
        #expect(throws: ModelSpeculator.TemplateError.self) {
            try ModelSpeculator(model: ScriptedModel([]), template: "{{#tools}} never closed")
        }
    }

    @Test func theShippedPromptSaysWhatIsNeeded() async throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let template = try String(contentsOf: root.appending(path: "Prompts/speculator.mustache"), encoding: .utf8)
        let model = ScriptedModel([])
        await (try ModelSpeculator(model: model, template: template)).predict(context()) { _ in }
        let instructions = try #require(model.requests.first).role.instructions
        #expect(
            instructions.contains("- read_file: Reads a <file> & returns its text.\n  arguments: {\"type\":\"object\""))
        #expect(instructions.contains("<instructions>\nYou are \"careful\".\n</instructions>"))
        #expect(instructions.contains(#"{"guesses":[{"confidence":0.7,"calls":[{"name":"TOOL","arguments":{}}]}]}"#))
        #expect(!instructions.contains("{{"))
        // The example in it is one that we understand.
        var parser = GuessParser()
        #expect(parser.push(instructions).map(\.calls).contains([Call("TOOL")]))
    }
}

private final class Batches: Sendable {
    private let batches = Mutex<[[Prediction]]>([])

    var all: [[Prediction]] { batches.withLock { $0 } }

    @Sendable func append(_ batch: [Prediction]) { batches.withLock { $0.append(batch) } }
}

/// A model that plays one answer, the same to every request.
private final class ScriptedModel: Model {
    let id = "local/small"
    private let deltas: [AnswerDelta]
    private let turn: Turn?
    private let failure: ModelFailure?
    private let usage: Usage?
    private let hangs: Bool
    /// One for each request.
    private let texts: [String]
    private let state = Mutex<(requests: [ModelRequest], wasCancelled: Bool)>(([], false))

    init(
        _ deltas: [AnswerDelta], answer: Turn? = nil, failure: ModelFailure? = nil, usage: Usage? = nil,
        hangs: Bool = false, texts: [String] = []
    ) {
        self.texts = texts
        self.deltas = deltas
        turn = answer
        self.failure = failure
        self.usage = usage
        self.hangs = hangs
    }

    var requests: [ModelRequest] { state.withLock { $0.requests } }
    var wasCancelled: Bool { state.withLock { $0.wasCancelled } }

    func answer(
        _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
    ) async throws(ModelFailure) -> Answer {
        let number = state.withLock { state in
            state.requests.append(request)
            return state.requests.count - 1
        }
        if texts.indices.contains(number) { emit(.text(texts[number])) }
        for delta in deltas { emit(delta) }
        if hangs {
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            state.withLock { $0.wasCancelled = Task.isCancelled }
            throw ModelFailure(.cancelled, "cancelled")
        }
        if let failure { throw failure }
        let text = deltas.map { if case .text(let text) = $0 { text } else { "" } }.joined()
        return Answer(turn ?? Turn(text: text), usage: usage)
    }
}
