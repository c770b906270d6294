import ForerunCore
import Synchronization
import Testing

@testable import ForerunSpeculators

struct PartsSpeculatorTests {
    /// Answers a question by what its last message holds.
    private final class Answering: Model {
        let id = "local/small"
        private let answers: [(String, Turn)]
        private let state = Mutex<(asked: [ModelRequest], now: Int, most: Int)>(([], 0, 0))

        init(_ answers: [(String, Turn)]) { self.answers = answers }

        convenience init(_ answers: KeyValuePairs<String, String>) {
            self.init(answers.map { ($0.key, Turn(text: $0.value)) })
        }

        var asked: [ModelRequest] { state.withLock { $0.asked } }
        var questions: [String] { asked.map(Self.question) }
        /// Most requests at a time.
        var most: Int { state.withLock { $0.most } }

        func answer(
            _ request: ModelRequest, emit: @escaping @Sendable (AnswerDelta) -> Void
        ) async throws(ModelFailure) -> Answer {
            state.withLock {
                $0.asked.append(request)
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<20 { await Task.yield() }
            state.withLock { $0.now -= 1 }
            let question = Self.question(request)
            guard let (_, turn) = answers.first(where: { question.contains($0.0) }) else {
                throw ModelFailure(.overloaded, "nothing to say")
            }
            emit(.text(turn.text))
            return Answer(turn, usage: Usage(input: 10, output: 1))
        }

        private static func question(_ request: ModelRequest) -> String {
            if case .message(let text)? = request.transcript.entries.last { text } else { "" }
        }
    }

    private static let tools = [
        Tool(
            name: "edit", description: "",
            parameters: [
                "type": "object",
                "properties": [
                    "path": ["type": "string"], "line": ["type": "integer"], "text": ["type": "string"],
                    "force": ["type": "boolean"],
                ], "required": ["path", "line", "text"],
            ]),
        Tool(name: "list", description: "", parameters: ["type": "object", "properties": [:]]),
    ]

    private func predict(_ model: Answering, parallel: Int = 8) async throws -> (calls: [Call], usage: Usage?) {
        let speculator = try PartsSpeculator(
            model: model, template: "{{#tools}}{{name}} {{/tools}}", parallel: parallel)
        let role = ModelRequest.Role(name: "actor", tools: Self.tools)
        let request = ModelRequest(role: role, transcript: Transcript([.message("Mend it.")]))
        let calls = Mutex<[Call]>([])
        let usage = await speculator.predict(SpeculationContext(request: request, turnNumber: 0, width: 3)) { news in
            calls.withLock { $0 += news.flatMap(\.turn.calls) }
        }
        return (calls.withLock { $0 }, usage)
    }

    @Test func theToolComesFirstThenAllOfItsArguments() async throws {
        let model = Answering([
            "Which tool": " `edit`\n", "argument path": #""a.c""#, "argument line": "7",
            "argument text": "```c\nint a;\n  int b;\n```", "argument force": "null",
        ])
        let (calls, usage) = try await predict(model)
        #expect(calls == [Call("edit", ["path": "a.c", "line": 7, "text": "int a;\n  int b;"])])
        #expect(usage == Usage(input: 50, output: 5))
        #expect(model.questions.count == 5)
        #expect(model.questions[0].contains("Which tool"))
        #expect(model.most == 4)
        // The prompt cache reads what they have in common once.
        #expect(Set(model.asked.map { ObjectIdentifier($0.role) }).count == 1)
        #expect(Set(model.asked.map { $0.transcript.entries.dropLast() }).count == 1)
    }

    @Test func noMoreAtATimeThanTheEndpointBears() async throws {
        let model = Answering([
            "Which tool": "edit", "argument path": "a", "argument line": "1", "argument text": "x",
            "argument force": "true",
        ])
        #expect(try await predict(model, parallel: 2).calls.count == 1)
        #expect(model.most == 2)
        #expect(try await predict(Answering(["Which tool": "list"])).calls == [Call("list", [:])])
    }

    @Test(arguments: [
        ["Which tool": "none"], ["Which tool": "shout"], ["Which tool": ""],
        // Of the wrong type, missing, not there.
        ["Which tool": "edit", "path": "a", "argument line": "seven", "argument text": "x", "argument force": "null"],
        ["Which tool": "edit", "path": "null", "argument line": "1", "argument text": "x", "argument force": "null"],
        ["Which tool": "edit", "path": "a", "argument text": "x"],
    ])
    func whatIsNoCallIsNotGuessed(_ answers: [String: String]) async throws {
        let model = Answering(answers.map { ($0.key, Turn(text: $0.value)) })
        #expect(try await predict(model).calls.isEmpty)
    }

    @Test func whatWasCutOffIsNotGuessed() async throws {
        let model = Answering([
            ("Which tool", Turn(text: "edit")), ("argument path", Turn(text: "a", finish: .length)),
            ("argument", Turn(text: "1")),
        ])
        let (calls, _) = try await predict(model, parallel: 1)
        #expect(calls.isEmpty)
        #expect(model.questions.count == 2, "the rest is not asked for")
    }

    @Test func whatFailedCostsNothing() async throws {
        #expect(try await predict(Answering([])).usage == .zero)
    }
}
