import ForerunCore
import ForerunEndpoints
import ForerunRuntime
import ForerunSpeculators
import ForerunTesting
import ForerunTransport
import Synchronization

/// One call decoded in parallel heads, against the same call in one sequence, at the same tokens a second for each sequence.
struct HeadsBenchmark: Benchmark {
    let name = "heads"

    /// A token is four bytes here.
    private static let tokensPerSecond = 100.0
    private static let rounds = 15
    private static let parts = [
        "function": "edit_file", "arg1": "src/parse.c", "arg2": "    i += 2;\n    skip(cursor);",
        "arg3": "    i += 1;\n    skip(cursor, 2);",
    ]

    func run(report: (Measurement) -> Void) async throws {
        let server = try LoopbackServer { request, connection in
            let body = String(decoding: request.body, as: UTF8.self)
            if request.path.hasSuffix("/chat/completions") {
                return Self.stream(Self.chat(body), connection, isChat: true)
            }
            let head = Self.parts.first { body.contains("<\($0.key)>\"") }
            Self.stream(head.map { "\($0.value)</\($0.key)>" } ?? Self.sequence, connection)
        }
        defer { server.close() }
        let client = HTTPClient()
        defer { client.shutDown() }
        let endpoint = EndpointConfiguration(
            name: "heads", baseURL: server.url, wire: .completions, concurrency: 8)
        let completions = try CompletionsClient("rt", at: endpoint, client: client)
        let speculator = HeadSpeculator(EndpointHeads(id: "heads/rt", client: completions, logprobs: false))
        let tool = Tool(
            name: "edit_file", description: "Replaces a text.",
            parameters: [
                "type": "object",
                "properties": ["path": ["type": "string"], "old": ["type": "string"], "new": ["type": "string"]],
            ])
        let request = ModelRequest(
            role: ModelRequest.Role(name: "actor", tools: [tool]), transcript: Transcript([.message("Mend it.")]))
        let context = SpeculationContext(request: request, turnNumber: 0, width: 1)
        var parallel: [Double] = []
        var sequential: [Double] = []
        for round in 0...Self.rounds {
            let guesses = await seconds { await speculator.predict(context) { _ in } }
            let whole = try await seconds {
                _ = try await completions.complete(CompletionRequest(prompts: ["one sequence"], maxTokens: 256))
            }
            // The first round is for connections and code.
            if round > 0 {
                parallel.append(guesses)
                sequential.append(whole)
            }
        }
        report(
            Measurement(
                of: "a call of three arguments, \(Int(Self.tokensPerSecond)) tokens a second", metric: "wall, median",
                unit: "ms", value: parallel.sorted()[Self.rounds / 2] * 1000, baseline: "one sequence",
                baselineValue: sequential.sorted()[Self.rounds / 2] * 1000))
        report(try await inParts(of: context, at: server, client))
    }

    /// An ordinary model, asked for the name and then for all arguments at once, against the same model asked for the whole call.
    private func inParts(
        of context: SpeculationContext, at server: LoopbackServer, _ client: HTTPClient
    ) async throws -> Measurement {
        let endpoint = EndpointConfiguration(name: "small", baseURL: server.url, concurrency: 8)
        let model = try endpoint.model("chat", client: client)
        let template = "Tools:{{#tools}} {{name}}{{/tools}}"
        let parts = try PartsSpeculator(model: model, template: template, parallel: 8)
        let whole = try ModelSpeculator(model: model, template: template)
        var times: (parts: [Double], whole: [Double]) = ([], [])
        for round in 0...Self.rounds {
            let guesses = Guesses()
            let inParts = await seconds { await parts.predict(context) { guesses.add($0) } }
            let atOnce = await seconds { await whole.predict(context) { guesses.add($0) } }
            guard guesses.calls.count == 2, guesses.calls[0] == guesses.calls[1] else {
                throw BenchmarkError("the call in parts is not the whole call: \(guesses.calls)")
            }
            if round > 0 {
                times.parts.append(inParts)
                times.whole.append(atOnce)
            }
        }
        return Measurement(
            of: "the same in parts by an ordinary model: name first", metric: "wall, median", unit: "ms",
            value: times.parts.sorted()[Self.rounds / 2] * 1000, baseline: "one sequence",
            baselineValue: times.whole.sorted()[Self.rounds / 2] * 1000)
    }

    /// The same call, as models write it that have no heads.
    private static var sequence: String {
        let call = Call(
            parts["function"] ?? "",
            [
                "path": .string(parts["arg1"] ?? ""), "old": .string(parts["arg2"] ?? ""),
                "new": .string(parts["arg3"] ?? ""),
            ])
        return (["name": .string(call.name), "arguments": call.arguments] as JSON).text
    }

    /// What an ordinary model answers: a part, or all of the call.
    private static func chat(_ body: String) -> String {
        if body.contains("Which tool does the agent call next?") { return parts["function"] ?? "" }
        for (head, name) in [("arg1", "path"), ("arg2", "old"), ("arg3", "new")]
        where body.contains("its argument \(name)?") {
            return JSON.string(parts[head] ?? "").text
        }
        return #"{"guesses":[{"confidence":0.8,"calls":["# + sequence + "]}]}"
    }

    private static func stream(_ text: String, _ connection: LoopbackServer.Connection, isChat: Bool = false) {
        connection.startChunks()
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            connection.pause(milliseconds: UInt32(1000 / tokensPerSecond))
            let token = JSON.string(String(decoding: bytes[start..<min(bytes.count, start + 4)], as: UTF8.self))
            let choice: JSON = isChat ? ["index": 0, "delta": ["content": token]] : ["index": 0, "text": token]
            connection.chunk("data: \((["choices": [choice]] as JSON).text)\n\n")
        }
        connection.chunk(#"data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}]}"# + "\n\ndata: [DONE]\n\n")
        connection.endChunks()
    }

    private func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        try await work()
        let duration = clock.now - start
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    }
}

private final class Guesses: Sendable {
    private let all = Mutex<[Call]>([])
    var calls: [Call] { all.withLock { $0 } }
    func add(_ predictions: [Prediction]) { all.withLock { $0 += predictions.flatMap(\.turn.calls) } }
}
