import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct ForkingTests {
    private func read(_ workspace: OpenWorkspace, in world: WorldID) async throws -> String {
        try await workspace.output("read_file", ["path": "a"], in: world).text
    }

    @Test func siblingsAndForksOfForksAreIsolated() async throws {
        let workspace = try await OpenWorkspace(["a": "0\n"])
        let one = try await workspace.child("write_file", ["path": "a", "content": "1\n"])
        let two = try await workspace.child("write_file", ["path": "a", "content": "2\n"])
        let three = try await workspace.child(
            of: one, "edit_file", ["path": "a", "old_text": "1", "new_text": "3"])
        #expect(try await read(workspace, in: .initial) == "     1\t0\n")
        #expect(try await read(workspace, in: one) == "     1\t1\n")
        #expect(try await read(workspace, in: two) == "     1\t2\n")
        #expect(try await read(workspace, in: three) == "     1\t3\n")
        #expect(workspace.directory.text("a") == "0\n")
    }

    @Test func worldsOnTheCommittedOneStayAndOthersAreLeftBehind() async throws {
        let workspace = try await OpenWorkspace(["a": "0\n"])
        let one = try await workspace.child("write_file", ["path": "a", "content": "1\n"])
        let two = try await workspace.child("write_file", ["path": "b", "content": ""])
        let three = try await workspace.child(of: one, "edit_file", ["path": "a", "old_text": "1", "new_text": "3"])
        try await workspace.environment.commit(one)
        #expect(try await read(workspace, in: one) == "     1\t1\n")
        #expect(try await read(workspace, in: three) == "     1\t3\n")
        for world in [WorldID.initial, two] {
            let failure = await #expect(throws: CallFailure.self) { try await self.read(workspace, in: world) }
            #expect(failure?.kind == .notStarted)
        }
        await #expect(throws: EnvironmentFailure.self) { try await workspace.environment.commit(two) }
        try await workspace.environment.commit(three)
        #expect(workspace.directory.text("a") == "3\n")
        #expect(workspace.directory.names == ["a"])
    }

    @Test func readsAreRightWhileWorldsBelowThemAreCommitted() async throws {
        let files = Dictionary(uniqueKeysWithValues: (0..<40).map { ("d/f\($0)", "0\n") })
        let workspace = try await OpenWorkspace(files)
        var worlds: [WorldID] = []
        for number in 0..<40 {
            let arguments: JSON = ["path": .string("d/f\(number)"), "content": .string("\(number)\n")]
            worlds.append(try await workspace.child(of: worlds.last ?? .initial, "write_file", arguments))
        }
        let (environment, last) = (workspace.environment, try #require(worlds.last))
        let expected = try await environment.digest(of: last)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var count = 0
                    while !Task.isCancelled {
                        let digest = try await environment.digest(of: last)
                        #expect(digest == expected)
                        count += 1
                    }
                    return count
                }
            }
            for world in worlds {
                try await environment.commit(world)
                await Task.yield()
            }
            group.cancelAll()
            for try await count in group { #expect(count > 0) }
        }
    }

    @Test func digestsFollowContentsOnly() async throws {
        let workspace = try await OpenWorkspace(["a": "0\n", "d/e": "x"])
        let other = try await OpenWorkspace(["d/e": "x", "a": "0\n"])
        let before = try await workspace.environment.digest(of: .initial)
        #expect(try await other.environment.digest(of: .initial) == before)
        let one = try await workspace.child("write_file", ["path": "a", "content": "1\n"])
        let changed = try await workspace.environment.digest(of: one)
        #expect(changed != before)
        let back = try await workspace.child(of: one, "write_file", ["path": "a", "content": "0\n"])
        #expect(try await workspace.environment.digest(of: back) == before)
        try await workspace.environment.commit(one)
        #expect(try await workspace.environment.digest(of: one) == changed)
    }

    @Test func discardAndCloseLeaveNothing() async throws {
        let workspace = try await OpenWorkspace(["a": "0"])
        let large = String(repeating: "x", count: 1 << 20)
        let child = try await workspace.child("write_file", ["path": "b", "content": .string(large)])
        let kept = workspace.scratch.names.filter { $0.contains("contents") && $0.hasSuffix("/c1") }
        #expect(kept.count == 1)
        await workspace.environment.discard(child)
        #expect(workspace.scratch.names.contains { $0.hasSuffix("/c1") } == false)
        await workspace.environment.close()
        #expect(workspace.scratch.names == ["private"])
        #expect(workspace.directory.names == ["a"])
        await #expect(throws: CallFailure.self) { try await workspace.output("read_file", ["path": "a"]) }
    }
}
