import ForerunCore
import Synchronization

/// What a server remembers between requests: counts, limits, and the responses that later ones go on from.
final class ServerState: Sendable {
    private struct Memory {
        var requests = 0
        var faults: [String: FaultCounter] = [:]
        var common: FaultCounter
        var meters: [String: RateMeter] = [:]
        var histories: [String: [JSON]] = [:]
        /// Oldest first.
        var order: [String] = []
    }

    /// Responses that are kept; older ones are forgotten.
    private static let historyLimit = 1000

    private let memory: Mutex<Memory>

    init(_ script: MockScript) {
        var memory = Memory(common: FaultCounter(script.faults, seed: script.seed))
        for model in script.models {
            if !model.faults.isEmpty {
                memory.faults[model.name] = FaultCounter(model.faults, seed: script.seed, name: model.name)
            }
            if !model.limits.isEmpty { memory.meters[model.name] = RateMeter(model.limits, at: 0) }
        }
        self.memory = Mutex(memory)
    }

    func nextNumber() -> Int {
        memory.withLock { memory in
            memory.requests += 1
            return memory.requests
        }
    }

    /// The fault that befalls the next request to `model`; those of the model come before those of the script.
    func fault(_ model: String, step: Int, dialect: Dialect) -> Fault? {
        memory.withLock { memory in
            let own = memory.faults[model]?.next(model: model, step: step, dialect: dialect)
            let common = memory.common.next(model: model, step: step, dialect: dialect)
            return own ?? common
        }
    }

    // MARK: - Limits

    /// - Parameter now: seconds since the server started.
    /// - Returns: whether ``finish(_:)`` is due at the end.
    /// - Throws: status 429 where a limit is used up.
    func admit(_ model: String, cost: Int, at now: Double) throws(Refusal) -> Bool {
        let verdict = memory.withLock { $0.meters[model]?.begin(cost: cost, at: now) }
        guard case .denied(let what, let wait) = verdict else { return verdict == .granted }
        throw Refusal(
            status: 429,
            message: "Rate limit reached for \(model): \(what). Please try again in \(WireTime.duration(wait)).",
            type: "rate_limit_error", code: "rate_limit_exceeded", retry: RetryAdvice(wait: wait))
    }

    func finish(_ model: String) { memory.withLock { $0.meters[model]?.finish() } }

    func limitHeaders(_ model: String, dialect: Dialect, time: Double) -> [(name: String, value: String)] {
        memory.withLock { $0.meters[model]?.headers(in: dialect, time: time) ?? [] }
    }

    // MARK: - Responses

    /// The conversation up to and with the response `id`.
    func history(_ id: String) throws(Refusal) -> [JSON] {
        if let history = memory.withLock({ $0.histories[id] }) { return history }
        throw Refusal(
            status: 400, message: "Previous response with id '\(id)' not found.", type: "invalid_request_error",
            parameter: "previous_response_id", code: "previous_response_not_found")
    }

    func remember(_ id: String, _ messages: [JSON], _ output: [JSON]) {
        memory.withLock { memory in
            memory.histories[id] = messages + [["role": "assistant", "content": .array(output)]]
            memory.order.append(id)
            if memory.order.count > Self.historyLimit { memory.histories[memory.order.removeFirst()] = nil }
        }
    }
}
