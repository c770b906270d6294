import ForerunCore
import ForerunDashboard
import ForerunStore
import ForerunTransport

/// A running dashboard, as a test sees it.
struct Serving: Sendable {
    let port: Int
    var address: String { "http://127.0.0.1:\(port)" }

    func get(_ path: String, _ fields: [(name: String, value: String)] = []) async throws -> HTTPResponse {
        try await HTTPClient.shared.send(
            HTTPRequest(.get, address + path, headers: HTTPHeaders(fields), totalTimeout: 60))
    }

    func post(
        _ path: String, _ body: String = "{}", _ fields: [(name: String, value: String)] = []
    ) async throws -> HTTPResponse {
        try await HTTPClient.shared.send(
            HTTPRequest(.post, address + path, headers: HTTPHeaders(fields), body: Array(body.utf8), totalTimeout: 60))
    }

    func json(_ path: String) async throws -> JSON { try JSON(parsing: try await get(path).body[...]) }
}

/// Runs a dashboard for the time of `body`.
func withDashboard(
    _ runs: RecordedRuns, access: DashboardAccess = DashboardAccess(), sources: DashboardSources = DashboardSources(),
    _ body: @Sendable (Serving) async throws -> Void
) async throws {
    let (ports, ready) = AsyncStream.makeStream(of: Int.self)
    let dashboard = Dashboard(of: runs.directory, access: access, sources: sources)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await dashboard.run(onReady: { ready.yield($0) }) }
        for await port in ports {
            try await body(Serving(port: port))
            break
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
