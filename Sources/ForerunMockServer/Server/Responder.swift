import ForerunCore
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers requests: routes them, asks the ``Answerer`` for a reply, and plays it on the connection.
final class Responder: Sendable {
    private static let largestBody = 256 << 20

    private let answerer: Answerer
    private let models: [String: MockModel]
    private let key: String?
    private let list: ModelList
    private let logsBodies: Bool
    private let onRecord: (@Sendable (RequestRecord) -> Void)?
    private let state: ServerState
    private let start = NIODeadline.now()

    init(_ script: MockScript, logsBodies: Bool, onRecord: (@Sendable (RequestRecord) -> Void)?) {
        answerer = Answerer(seed: script.seed)
        models = Dictionary(script.models.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        key = script.key
        list = ModelList(script.models.map(\.name))
        self.logsBodies = logsBodies
        self.onRecord = onRecord
        state = ServerState(script)
    }

    @concurrent
    func respond(to request: Request, writer: consuming ResponseWriter, connection: Connection) async throws {
        let arrival = NIODeadline.now()
        let path = request.uri.path
        if request.method == .post, let dialect = Dialect(path: path) {
            let visit = Visit(request, dialect: dialect, connection: connection, arrival: arrival)
            let body = try await request.body.collect(upTo: Self.largestBody)
            try await answer(visit, body: body.readableBytesView, writer: writer, connection: connection)
            return
        }
        let isAnthropic = request.headers[.anthropicVersion] != nil
        var reply: Reply
        switch (request.method, path) {
        case (.get, "/v1/models"): reply = .json(list.text(isAnthropic: isAnthropic))
        case (.post, "/v1/messages/count_tokens"):
            let body = try await request.body.collect(upTo: Self.largestBody)
            reply = .json(#"{"input_tokens":\#((body.readableBytes + TokenCount.bytes - 1) / TokenCount.bytes)}"#)
        default:
            if request.method == .get, let text = list.entry(path, isAnthropic: isAnthropic) {
                reply = .json(text)
            } else {
                var refusal = Refusal.invalid("Unknown address \(request.method) \(path)")
                refusal.status = 404
                reply = .refusal(refusal, in: isAnthropic ? .messages : .chat, requestID: "req_0", now: 0)
            }
        }
        if let refusal = unauthorised(request) {
            reply = .refusal(refusal, in: isAnthropic ? .messages : .chat, requestID: "req_0", now: 0)
        }
        var play = Play(reply, arrival: arrival)
        try await play.run(on: connection, writer: writer)
    }

    @concurrent
    private func answer(
        _ visit: Visit, body: ByteBufferView, writer: consuming ResponseWriter, connection: Connection
    ) async throws {
        let dialect = visit.dialect
        var question: Question?
        var step = 0
        let number = state.nextNumber()
        var fault: Fault?
        var isAdmitted = false
        var decision: Answerer.Decision
        do throws(Refusal) {
            if let refusal = unauthorised(visit.request) { throw refusal }
            if dialect == .messages, visit.request.headers[.anthropicVersion] == nil {
                throw .invalid("anthropic-version: header is required")
            }
            var asked = try Question(dialect, body: body)
            question = asked
            guard let model = models[asked.model] else { throw unknownModel(asked.model) }
            if dialect == .responses {
                if let previous = asked.previousResponse {
                    asked.messages = try state.history(previous) + asked.messages
                }
                try asked.checkOutputs()
            }
            step = answerer.step(of: asked, for: model)
            if !model.limits.isEmpty {
                let free = answerer.decide(asked, for: model, step: step, number: number)
                isAdmitted = try state.admit(
                    model.name, cost: free.promptTokens + free.completionTokens, at: seconds(visit.arrival))
            }
            fault = state.fault(model.name, step: step, dialect: dialect)
            decision = answerer.decide(asked, for: model, step: step, number: number, fault: fault, now: visit.time)
            decision.reply.headers += state.limitHeaders(model.name, dialect: dialect, time: visit.time)
            if dialect == .responses, let answering = decision.answering {
                state.remember(answering.id, asked.messages, answering.spelling.whole["output"]?.arrayValue ?? [])
            }
        } catch {
            fault = nil
            let reply = Reply.refusal(error, in: dialect, requestID: "req_\(number)", now: visit.time)
            decision = Answerer.Decision(reply: reply, promptTokens: 0, completionTokens: 0)
            if let model = question?.model {
                decision.reply.headers += state.limitHeaders(model, dialect: dialect, time: visit.time)
            }
        }
        decision.reply.headers.append((dialect == .messages ? "request-id" : "x-request-id", "req_\(number)"))
        var play = Play(decision.reply, arrival: visit.arrival)
        defer {
            if isAdmitted, let model = question?.model { state.finish(model) }
            onRecord?(
                RequestRecord(
                    number: number, client: visit.client, dialect: dialect,
                    isStreaming: question?.isStreaming ?? false, model: question?.model ?? "", step: step,
                    requestBytes: body.count, body: logsBodies ? String(decoding: body, as: UTF8.self) : nil,
                    status: decision.reply.status, time: visit.time, arrival: seconds(visit.arrival),
                    firstByte: play.firstByte.map(seconds), end: seconds(.now()), ending: play.ending,
                    bytes: play.bytes, promptTokens: decision.promptTokens,
                    completionTokens: decision.completionTokens, fault: fault?.name))
        }
        try await play.run(on: connection, writer: writer)
    }

    private func unauthorised(_ request: Request) -> Refusal? {
        guard let key else { return nil }
        let given = [request.headers[.authorization], request.headers[.apiKey]]
        guard !given.contains("Bearer \(key)"), !given.contains(key) else { return nil }
        return Refusal(
            status: 401, message: "Incorrect API key provided", type: "invalid_request_error", code: "invalid_api_key")
    }

    private func unknownModel(_ name: String) -> Refusal {
        let known = models.keys.sorted().joined(separator: ", ")
        return Refusal(
            status: 404, message: "The model `\(name)` does not exist. This server has: \(known)",
            type: "invalid_request_error", parameter: "model", code: "model_not_found")
    }

    private func seconds(_ moment: NIODeadline) -> Double { Double((moment - start).nanoseconds) / 1e9 }
}

/// One request for an answer, before it is read.
private struct Visit: Sendable {
    let request: Request
    let dialect: Dialect
    let client: RequestRecord.Client
    let arrival: NIODeadline
    /// Time of day in seconds since 1970.
    let time: Double

    init(_ request: Request, dialect: Dialect, connection: Connection, arrival: NIODeadline) {
        self.request = request
        self.dialect = dialect
        self.arrival = arrival
        time = WireTime.now
        let address = connection.channel.remoteAddress
        client = RequestRecord.Client(
            address: "\(address?.ipAddress ?? "?"):\(address?.port ?? 0)", agent: request.headers[.userAgent])
    }
}

extension HTTPField.Name {
    fileprivate static var anthropicVersion: HTTPField.Name { HTTPField.Name("anthropic-version") ?? .accept }
    fileprivate static var apiKey: HTTPField.Name { HTTPField.Name("x-api-key") ?? .authorization }
}
