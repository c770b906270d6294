import ForerunChess
import Glibc
import Testing

extension WithStockfish {
    struct EnginePoolTests {
        private static let position = EnginePosition(moves: ["e2e4", "c7c5"])

        private func withPool(limit: Int, _ body: (EnginePool) async throws -> Void) async throws {
            try await using(EnginePool(limit: limit), close: { await $0.shutdown() }, body: body)
        }

        private static func search(_ pool: EnginePool, nodes: Int) async throws(EngineFailure) -> (Int32, SearchResult)
        {
            try await pool.withEngine { (engine) async throws(EngineFailure) in
                (engine.processID, try await engine.search(position, nodes: nodes))
            }
        }

        @Test func oneProcessIsUsedAgain() async throws {
            try await withPool(limit: 3) { pool in
                let (first, a) = try await Self.search(pool, nodes: 2_000)
                let (second, b) = try await Self.search(pool, nodes: 2_000)
                #expect(first == second)
                #expect(a == b)
            }
        }

        @Test func moreBorrowersThanEnginesAreAllServed() async throws {
            try await withPool(limit: 2) { pool in
                let answers = try await withThrowingTaskGroup(of: (Int32, SearchResult).self) { group in
                    for _ in 0..<8 { group.addTask { try await Self.search(pool, nodes: 3_000) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(answers.count == 8)
                #expect(Set(answers.map(\.0)).count <= 2)
                #expect(Set(answers.map(\.1)).count == 1)
            }
        }

        @Test func aCancelledSearchReturnsACleanEngine() async throws {
            try await withPool(limit: 1) { pool in
                let (pid, expected) = try await Self.search(pool, nodes: 5_000)
                let task = Task { try await Self.search(pool, nodes: 10_000_000_000) }
                try await Task.sleep(for: .milliseconds(20))
                task.cancel()
                await #expect(throws: EngineFailure.self) { try await task.value }
                let (again, result) = try await Self.search(pool, nodes: 5_000)
                #expect(again == pid)
                #expect(result == expected)
            }
        }

        @Test func whoIsCancelledWhileWaitingLeavesTheQueue() async throws {
            try await withPool(limit: 1) { pool in
                let long = Task { try await Self.search(pool, nodes: 10_000_000_000) }
                try await Task.sleep(for: .milliseconds(30))
                let waiting = (0..<3).map { _ in Task { try await Self.search(pool, nodes: 100) } }
                try await Task.sleep(for: .milliseconds(10))
                waiting[1].cancel()
                let failure = await #expect(throws: EngineFailure.self) { try await waiting[1].value }
                #expect(failure?.kind == .cancelled)
                long.cancel()
                #expect(try await waiting[0].value.1.best != nil)
                #expect(try await waiting[2].value.1.best != nil)
            }
        }

        @Test func aKilledEngineIsReplaced() async throws {
            try await withPool(limit: 1) { pool in
                let (pid, expected) = try await Self.search(pool, nodes: 5_000)
                let task = Task { try await Self.search(pool, nodes: 10_000_000_000) }
                try await Task.sleep(for: .milliseconds(20))
                kill(pid, SIGKILL)
                let failure = await #expect(throws: EngineFailure.self) { try await task.value }
                #expect(failure?.kind == .died)
                let (fresh, result) = try await Self.search(pool, nodes: 5_000)
                #expect(fresh != pid)
                #expect(result == expected)
            }
        }

        @Test func shutdownEndsEverything() async throws {
            let pool = EnginePool(limit: 2)
            let tasks = (0..<4).map { _ in Task { try await Self.search(pool, nodes: 10_000_000_000) } }
            while await pool.processIDs.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            let processIDs = await pool.processIDs
            await pool.shutdown()
            for task in tasks {
                let failure = await #expect(throws: EngineFailure.self) { try await task.value }
                #expect(failure?.kind == .closed)
            }
            for processID in processIDs { #expect(!exists(processID)) }
            await #expect(throws: EngineFailure.self) { try await Self.search(pool, nodes: 1) }
        }
    }
}
