import ForerunCore
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// Answers requests: routes them, asks the ``Answerer`` for a reply, and plays it on the connection.
final class Responder: Sendable {
    private struct Counts {
        var requests = 0
        var faults: [String: FaultCounter]
    }

    private static let largestBody = 256 << 20

    private let answerer: Answerer
    private let models: [String: MockModel]
    private let modelList: String
    private let onRecord: (@Sendable (RequestRecord) -> Void)?
    private let counts: Mutex<Counts>
    private let start = NIODeadline.now()

    init(_ script: MockScript, onRecord: (@Sendable (RequestRecord) -> Void)?) {
        answerer = Answerer(seed: script.seed)
        models = Dictionary(script.models.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let list = script.models.map { model -> JSON in
            ["id": .string(model.name), "object": "model", "created": 0, "owned_by": "forerun-mock"]
        }
        modelList = (["object": "list", "data": .array(list)] as JSON).text
        self.onRecord = onRecord
        let faults = models.compactMapValues { $0.faults.isEmpty ? nil : FaultCounter($0.faults) }
        counts = Mutex(Counts(faults: faults))
    }

    @concurrent
    func respond(to request: Request, writer: consuming ResponseWriter, connection: Connection) async throws {
        let arrival = NIODeadline.now()
        switch (request.method, request.uri.path) {
        case (.post, "/v1/chat/completions"):
            let body = try await request.body.collect(upTo: Self.largestBody)
            try await complete(body.readableBytesView, arrival: arrival, writer: writer, connection: connection)
        case (.get, "/v1/models"):
            var play = Play(.json(modelList), arrival: arrival)
            try await play.run(on: connection, writer: writer)
        default:
            let message = "Unknown address \(request.method) \(request.uri.path)"
            var refusal = Refusal.invalid(message)
            refusal.status = 404
            var play = Play(.refusal(refusal), arrival: arrival)
            try await play.run(on: connection, writer: writer)
        }
    }

    @concurrent
    private func complete(
        _ body: ByteBufferView, arrival: NIODeadline, writer: consuming ResponseWriter, connection: Connection
    ) async throws {
        var name = ""
        var step = 0
        var number = 0
        var fault: Fault?
        let decision: Answerer.Decision
        do throws(Refusal) {
            let request = try CompletionRequest(body: body)
            name = request.model
            guard let model = models[request.model] else { throw unknownModel(request.model) }
            step = answerer.step(of: request, for: model)
            (number, fault) = count(model.name, step: step)
            decision = answerer.decide(request, for: model, step: step, id: "chatcmpl-\(number)", fault: fault?.kind)
        } catch {
            number = count()
            decision = Answerer.Decision(reply: .refusal(error), promptTokens: 0, completionTokens: 0)
        }
        var play = Play(decision.reply, arrival: arrival)
        defer {
            onRecord?(
                RequestRecord(
                    number: number, model: name, step: step, status: decision.reply.status,
                    arrival: seconds(since: start, arrival),
                    firstByte: play.firstByte.map { seconds(since: start, $0) },
                    end: seconds(since: start, .now()), ending: play.ending, bytes: play.bytes,
                    promptTokens: decision.promptTokens, completionTokens: decision.completionTokens, fault: fault?.name
                ))
        }
        try await play.run(on: connection, writer: writer)
    }

    private func unknownModel(_ name: String) -> Refusal {
        let known = models.keys.sorted().joined(separator: ", ")
        return Refusal(
            status: 404, message: "The model `\(name)` does not exist. This server has: \(known)",
            type: "invalid_request_error", parameter: "model", code: "model_not_found")
    }

    private func count() -> Int {
        counts.withLock { counts in
            counts.requests += 1
            return counts.requests
        }
    }

    private func count(_ model: String, step: Int) -> (number: Int, fault: Fault?) {
        counts.withLock { counts in
            counts.requests += 1
            return (counts.requests, counts.faults[model]?.next(step: step))
        }
    }

    private func seconds(since start: NIODeadline, _ moment: NIODeadline) -> Double {
        Double((moment - start).nanoseconds) / 1e9
    }
}
