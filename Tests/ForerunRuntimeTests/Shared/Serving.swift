import ForerunMockServer

/// A server with scripted models, for the time of `body`, which gets its address.
func withMockServer<Value: Sendable>(
    _ script: MockScript, onRecord: (@Sendable (RequestRecord) -> Void)? = nil,
    _ body: @Sendable (String) async throws -> Value
) async throws -> Value {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let server = MockServer(script, onRecord: onRecord)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { ready.finish() }
            try await server.run(onReady: { ready.yield($0) })
        }
        var port: Int?
        for await first in ports {
            port = first
            break
        }
        guard let port else {
            try await group.waitForAll()
            throw CancellationError()
        }
        let value = try await body("http://127.0.0.1:\(port)/v1")
        group.cancelAll()
        try await group.waitForAll()
        return value
    }
}
