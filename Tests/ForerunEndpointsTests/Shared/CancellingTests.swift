import ForerunCore
import ForerunEndpoints
import ForerunTesting
import ForerunTransport
import Foundation
import Glibc
import Synchronization
import Testing

/// A thousand streaming calls, cancelled at random moments: nothing of them is left, memory included, and the server sees each client leave.
struct CancellingTests {
    /// In a process of its own, where nothing else opens descriptors.
    @Test func leavesNothing() async {
        await #expect(processExitsWith: .success) {
            let seed =
                getenv("FORERUN_SEED").flatMap { UInt64(String(cString: $0)) } ?? UInt64.random(in: 0...UInt64.max)
            let calls = getenv("FORERUN_SOAK") == nil ? 1000 : 20_000
            // What the runtime and libcurl open once a process is no leak.
            _ = try await CancellingTests.cancel(200, seed: 1)
            let before = CancellingTests.descriptors()
            let memory = CancellingTests.memory()
            let heard = try await CancellingTests.cancel(calls, seed: seed)
            #expect(heard >= calls / 2, "streams had begun (seed \(seed))")
            // A transfer of libcurl's has buffers of more than 32 KiB.
            let growth = CancellingTests.memory() - memory
            #expect(growth < 8 * calls, "\(growth) KiB are left of \(calls) streams, seed \(seed)")
            let after = CancellingTests.descriptors()
            let sockets = { (names: [String]) in names.count { $0.hasPrefix("socket:") } }
            #expect(sockets(after) <= sockets(before), "\(after), seed \(seed)")
            #expect(after.count <= before.count + 16, "\(after), seed \(seed)")
        }
    }

    /// - Returns: how many streams the client had heard something of.
    private static func cancel(_ calls: Int, seed: UInt64) async throws -> Int {
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"word "}}]}"# + "\n\n"
        let server = try LoopbackServer { _, connection in
            connection.startChunks()
            for _ in 0..<8 where !connection.isOver {
                connection.chunk(event)
                connection.pause(milliseconds: 2)
            }
            // It goes on for ever, as far as the client knows.
            connection.waitForDisconnect()
        }
        defer { server.close() }
        let client = HTTPClient()
        defer { client.shutDown() }
        let endpoint = EndpointConfiguration(name: "long", baseURL: server.url, concurrency: 64)
        let model = try OpenAIChatModel("m", at: endpoint, client: client)
        let request = ModelRequest(
            role: ModelRequest.Role(name: "actor"), transcript: Transcript([.message("Talk.")]))
        var random = SeededGenerator(seed: seed)
        let moments = (0..<calls).map { _ in Int.random(in: 0...80, using: &random) }
        let heard = Counter()
        let ended = Counter()
        await withTaskGroup(of: Void.self) { group in
            for (index, moment) in moments.enumerated() {
                if index >= 48 { await group.next() }
                group.addTask {
                    let deltas = Counter()
                    let call = Task { @concurrent in _ = try? await model.answer(request) { _ in deltas.add() } }
                    // Every second one has begun for certain.
                    if index % 2 == 0 { _ = await eventually { deltas.value > 0 } }
                    try? await Task.sleep(for: .milliseconds(moment))
                    call.cancel()
                    // Returns: the call is over, and nothing of it is left to run.
                    await call.value
                    if deltas.value > 0 { heard.add() }
                    ended.add()
                }
            }
        }
        #expect(ended.value == calls)
        // Each client that had begun is seen to leave.
        let everybodyLeft = await eventually {
            let counts = server.counts
            return counts.disconnects == counts.requests && counts.requests >= heard.value
        }
        #expect(everybodyLeft, "the server still waits for somebody who left: \(server.counts), \(heard.value)")
        client.shutDown()
        server.close()
        #expect(await eventually { server.isDown }, "a connection is left open")
        return heard.value
    }

    /// What the process has allocated and touched, in KiB.
    private static func memory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") } ?? ""
        return line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
    }

    private static func descriptors() -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
    }
}

/// Counts from any thread.
private final class Counter: Sendable {
    private let count = Atomic(0)

    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}
