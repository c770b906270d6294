import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct ChangesTests {
    @Test func everythingCommittedIsInTheDiff() async throws {
        let workspace = try await OpenWorkspace(["a": "one\ntwo\n", "d/b": "x\n", "same": "y\n"])
        #expect(try await workspace.environment.changes() == "")
        var world = WorldID.initial
        for (path, text) in [("a", "one\n2\n"), ("a", "one\n3\n"), ("n/new", "z\n"), ("same", "q\n"), ("same", "y\n")] {
            world = try await workspace.child(
                of: world, "write_file", ["path": .string(path), "content": .string(text)])
            try await workspace.environment.commit(world)
        }
        let diff = try await workspace.environment.changes()
        #expect(diff.contains("--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n one\n-two\n+3\n"))
        #expect(diff.contains("+++ b/n/new\n"))
        #expect(!diff.contains("same"))
        #expect(!diff.contains("d/b"))
        #expect(!workspace.scratch.names.contains { $0.contains("/diff") })
    }

    @Test func copiesAreComplete() async throws {
        let directory = try TemporaryDirectory(["a": "x", "d/e": "y"])
        symlink("a", directory.path + "/l")
        chmod(directory.path + "/d", 0o500)
        let place = try TemporaryDirectory()
        try await WorkspaceEnvironment.copy(directory.path, to: place.path + "/copy")
        let copy = WorkspaceEnvironment(place.path + "/copy", options: WorkspaceOptions(sandbox: .off))
        let original = WorkspaceEnvironment(directory.path, options: WorkspaceOptions(sandbox: .off))
        _ = try await copy.open()
        _ = try await original.open()
        #expect(try await copy.digest(of: .initial) == original.digest(of: .initial))
        await copy.close()
        await original.close()
        await #expect(throws: EnvironmentFailure.self) {
            try await WorkspaceEnvironment.copy(directory.path, to: place.path + "/copy")
        }
        await #expect(throws: EnvironmentFailure.self) {
            try await WorkspaceEnvironment.copy(directory.path + "/missing", to: place.path + "/other")
        }
        #expect(place.names.contains("other") == false)
    }
}

struct AgentsInstructionsTests {
    @Test func theNearestCounts() throws {
        let directory = try TemporaryDirectory(["AGENTS.md": "outer", "p/q/x": "", "p/AGENTS.md": "inner"])
        #expect(AgentsInstructions.nearest(to: directory.path + "/p/q")?.text == "inner")
        #expect(AgentsInstructions.nearest(to: directory.path)?.text == "outer")
        #expect(AgentsInstructions.nearest(to: directory.path)?.path == directory.path + "/AGENTS.md")
        #expect(AgentsInstructions.nearest(to: directory.path + "/missing") == nil)
        directory.write("AGENTS.md", String(repeating: "long ", count: 1000))
        #expect(AgentsInstructions.nearest(to: directory.path, limit: 100)?.text.utf8.count ?? 0 < 150)
    }
}
