/// Up to `limit` engines, started when needed, lent to one borrower at a time.
package actor EnginePool {
    package nonisolated let limit: Int
    private let options: UCIEngine.Options
    private var idle: [UCIEngine] = []
    /// All that may have a process, idle or lent.
    private var engines: [ObjectIdentifier: UCIEngine] = [:]
    private var lent = 0
    private var isClosed = false
    private var queue: [(number: Int, continuation: CheckedContinuation<EngineFailure?, Never>)] = []
    private var lastNumber = 0
    private var closing: [CheckedContinuation<Void, Never>] = []

    package init(_ options: UCIEngine.Options = UCIEngine.Options(), limit: Int = 1) {
        self.options = options
        self.limit = max(1, limit)
    }

    /// Runs `body` with an engine that nobody else uses meanwhile. Who comes first is served first.
    ///
    /// An engine that died is not lent again: the next borrower gets a fresh one.
    package func withEngine<Value: Sendable>(
        _ body: @Sendable (UCIEngine) async throws(EngineFailure) -> Value
    ) async throws(EngineFailure) -> Value {
        try await acquire()
        defer { release() }
        let engine = try await ready()
        defer { takeBack(engine) }
        return try await body(engine)
    }

    /// Ends all processes and returns when they are gone. Searches that are under way fail with `.closed`.
    package func shutdown() async {
        isClosed = true
        for waiter in queue { waiter.continuation.resume(returning: Self.closed) }
        queue = []
        for engine in engines.values { await engine.shutdown() }
        engines = [:]
        idle = []
        if lent > 0 { await withCheckedContinuation { closing.append($0) } }
    }

    /// The processes that run now.
    package var processIDs: [Int32] { engines.values.map(\.processID).sorted() }

    private static let closed = EngineFailure(.closed, "the pool was shut down")

    // MARK: Places

    private func acquire() async throws(EngineFailure) {
        guard !isClosed else { throw Self.closed }
        guard lent >= limit else {
            lent += 1
            return
        }
        lastNumber += 1
        let number = lastNumber
        let refusal = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<EngineFailure?, Never>) in
                // Cancelled before it could queue: the handler has found nothing.
                if Task.isCancelled {
                    continuation.resume(returning: EngineFailure(.cancelled, ""))
                } else {
                    queue.append((number, continuation))
                }
            }
        } onCancel: {
            Task { await self.leave(number) }
        }
        if let refusal { throw refusal }
    }

    private func leave(_ number: Int) {
        guard let index = queue.firstIndex(where: { $0.number == number }) else { return }
        queue.remove(at: index).continuation.resume(returning: EngineFailure(.cancelled, ""))
    }

    private func release() {
        if queue.isEmpty {
            lent -= 1
        } else {
            // The place passes on; `lent` stays.
            queue.removeFirst().continuation.resume(returning: nil)
        }
        if lent == 0, isClosed {
            for continuation in closing { continuation.resume() }
            closing = []
        }
    }

    // MARK: Engines

    private func ready() async throws(EngineFailure) -> UCIEngine {
        while let engine = idle.popLast() {
            if engine.isRunning { return engine }
            engines[ObjectIdentifier(engine)] = nil
        }
        // Who asks one thing at a time needs one engine: the start of others is no part of what that takes.
        let isFirst = engines.isEmpty
        let engine = try await UCIEngine.launch(options)
        if !isFirst { _ = await engine.takeLaunchSeconds() }
        guard !isClosed else {
            await engine.shutdown()
            throw Self.closed
        }
        engines[ObjectIdentifier(engine)] = engine
        return engine
    }

    private func takeBack(_ engine: UCIEngine) {
        if engine.isRunning, !isClosed {
            idle.append(engine)
        } else {
            engines[ObjectIdentifier(engine)] = nil
        }
    }
}
