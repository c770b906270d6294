import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct CommitTests {
    @Test func onlyTheDifferenceIsApplied() async throws {
        let workspace = try await OpenWorkspace(["a": "0", "b": "0", "d/c": "0"])
        let before = ["b", "d", "d/c"].map { workspace.directory.signature($0) }
        let child = try await workspace.child("write_file", ["path": "a", "content": "1"])
        try await workspace.environment.commit(child)
        #expect(["b", "d", "d/c"].map { workspace.directory.signature($0) } == before)
        #expect(workspace.directory.text("a") == "1")
    }

    @Test(arguments: ["change", "remove", "replace", "make"])
    func changesByOthersAreConflicts(_ kind: String) async throws {
        let workspace = try await OpenWorkspace(["a": "0", "b": "0"])
        let first = try await workspace.fork()
        _ = try await workspace.output("write_file", ["path": "b", "content": "1"], in: first)
        let child = try await workspace.child(
            of: first, "write_file", ["path": kind == "make" ? "new" : "a", "content": "1"])
        let next = try await workspace.child(of: child, "write_file", ["path": "d/e", "content": "1"])
        try await workspace.environment.commit(first)
        switch kind {
        case "change": workspace.directory.write("a", "by others")
        case "remove": unlink(workspace.directory.path + "/a")
        case "replace":
            unlink(workspace.directory.path + "/a")
            mkdir(workspace.directory.path + "/a", 0o755)
        default: workspace.directory.write("new", "by others")
        }
        let before = workspace.directory.names
        let failure = await #expect(throws: EnvironmentFailure.self) { try await workspace.environment.commit(child) }
        #expect(failure?.code == .conflict)
        #expect(failure?.message.hasPrefix(kind == "make" ? "new " : "a ") == true)
        #expect(workspace.directory.names == before)
        _ = next
    }

    @Test func aFailedStepIsUndone() throws {
        let directory = try TemporaryDirectory(["a": "0", "b": "0", "d/x": "0"])
        let scratch = try TemporaryDirectory()
        let root = directory.directory
        let staging = scratch.directory
        let store = ContentStore(directory: try TemporaryDirectory().directory)
        func change(_ state: Change.State) -> (change: Change, layer: Int) { (Change(state, expected: nil), 1) }
        let file = Change.State.file(try store.make([49]), mode: 0o600, modified: 0)
        let before = directory.names.map { directory.signature($0) }
        var commit = try Transaction(
            [
                RelativePath("a"): change(file), RelativePath("c"): change(file), RelativePath("d"): change(.removed),
                RelativePath("d/x"): change(.removed), RelativePath("e"): change(.directory(mode: 0o755)),
                RelativePath("e/f"): change(file), RelativePath("z"): change(file),
            ], to: root, in: staging)
        let problem = #expect(throws: Transaction.Problem.self) {
            try commit.run { path, _, _ in
                // Somebody makes a file after its directory was checked: removing that comes last and fails.
                if path == RelativePath("z") { directory.write("d/late", "") }
                return true
            }
        }
        guard case .conflict([RelativePath("d")]) = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        unlink(directory.path + "/d/late")
        #expect(directory.names == ["a", "b", "d", "d/x"])
        let after = directory.names.map { directory.signature($0) }
        for (old, new) in zip(before, after) { #expect(old.map { new?.isUnchanged(from: $0) ?? false } == true) }
    }

    @Test func typesMayChange() throws {
        let directory = try TemporaryDirectory(["d/x/y": "0", "f": "0"])
        let scratch = try TemporaryDirectory()
        let place = try TemporaryDirectory()
        let store = ContentStore(directory: place.directory)
        func change(_ state: Change.State) -> (change: Change, layer: Int) { (Change(state, expected: nil), 1) }
        var commit = try Transaction(
            [
                RelativePath("d"): change(.symlink(target: Array("f".utf8))), RelativePath("d/x"): change(.removed),
                RelativePath("d/x/y"): change(.removed), RelativePath("f"): change(.directory(mode: 0o700)),
                RelativePath("f/new"): change(.file(try store.make([49]), mode: 0o640, modified: 5)),
            ], to: directory.directory, in: scratch.directory)
        try commit.run { _, _, _ in true }
        #expect(directory.names == ["d", "f", "f/new"])
        #expect(directory.signature("d")?.kind == .symlink)
        #expect(directory.signature("f/new")?.modified == 5)
    }

    @Test func changesMayBeMadeOnAnotherMount() async throws {
        let directory = try TemporaryDirectory(in: "/dev/shm", ["a": "0"])
        let scratch = try TemporaryDirectory()
        let environment = WorkspaceEnvironment(
            directory.path, options: WorkspaceOptions(temporaryDirectory: scratch.path + "/private"))
        _ = try await environment.open()
        try await environment.fork(.initial, as: WorldID(1))
        _ = try await environment.perform(
            Call("write_file", ["path": "a", "content": "1"]), in: WorldID(1), context: CallContext())
        try await environment.commit(WorldID(1))
        #expect(directory.names == ["a"])
        #expect(directory.text("a") == "1")
        await environment.close()
    }
}
