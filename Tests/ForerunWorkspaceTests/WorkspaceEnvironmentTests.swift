import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct OpeningTests {
    private func failure(_ path: String, _ options: WorkspaceOptions = WorkspaceOptions()) async -> EnvironmentFailure?
    {
        let environment = WorkspaceEnvironment(path, options: options)
        return await #expect(throws: EnvironmentFailure.self) { try await environment.open() }
    }

    @Test func whatIsNoWorkspaceIsNamedWithARemedy() async throws {
        let directory = try TemporaryDirectory(["file": ""])
        for path in [directory.path + "/missing", directory.path + "/file", "/", "/proc/self"] {
            let failure = await failure(path)
            #expect(failure?.code == .unavailable)
            #expect(failure?.remedy != nil, "\(path)")
        }
        let odd = await failure(directory.path, WorkspaceOptions(presentedPath: "/no/such/place"))
        #expect(odd?.message.contains("/no/such/place") == true)
    }

    @Test func aFailedOpeningLeavesNothing() async throws {
        let directory = try TemporaryDirectory()
        let failure = await failure(
            directory.path, WorkspaceOptions(temporaryDirectory: directory.path + "/inside"))
        #expect(failure?.remedy?.contains("TMPDIR") == true)
        #expect(directory.names == [])
    }

    @Test func traitsFollowTheSandbox() async throws {
        let off = try await OpenWorkspace(options: WorkspaceOptions(sandbox: .off))
        #expect(off.environment.traits(of: Call("run_command")).effect == .external)
        #expect(off.environment.traits(of: Call("read_file")).effect == .readOnly)
        #expect(off.environment.traits(of: Call("write_file")).effect == .contained)
        #expect(off.environment.traits(of: Call("unknown")).effect == .external)
        let networked = try await OpenWorkspace(options: WorkspaceOptions(network: true))
        let traits = networked.environment.traits(of: Call("run_command"))
        #expect(traits.effect == (canBranch ? .contained : .external))
        #expect(traits.isRestrictedAhead == canBranch)
        #expect(WorkspaceEnvironment("/tmp").traits(of: Call("run_command")).effect == .external)
        let plain = try await OpenWorkspace()
        #expect(plain.environment.traits(of: Call("run_command")).effect == (canBranch ? .contained : .external))
    }

    @Test func leftoversOfDeadProcessesAreRemoved() async throws {
        let scratch = try TemporaryDirectory()
        let directory = try TemporaryDirectory()
        let place = scratch.path + "/private"
        let options = WorkspaceOptions(temporaryDirectory: place)
        let alive = WorkspaceEnvironment(directory.path, options: options)
        _ = try await alive.open()
        let living = scratch.names
        scratch.write("private/open-99999-dead/lock", "")
        scratch.write("private/open-99999-dead/tree1/file", "")
        directory.write(".forerun-commit-99999999/n0", "")
        let next = WorkspaceEnvironment(directory.path, options: options)
        _ = try await next.open()
        #expect(scratch.names.contains { $0.contains("dead") } == false)
        #expect(living.allSatisfy { scratch.names.contains($0) })
        #expect(directory.names == [])
        await next.close()
        await alive.close()
        #expect(scratch.names.filter { $0.hasPrefix("private/") } == [])
    }
}

struct DirectTests {
    @Test func changesAreMadeInPlace() async throws {
        let workspace = try await OpenWorkspace(["a": "0"], options: WorkspaceOptions(direct: true))
        #expect(workspace.environment.canFork == canBranch)
        _ = try await workspace.output("write_file", ["path": "a", "content": "1"])
        #expect(workspace.directory.text("a") == "1")
        _ = try await workspace.output("edit_file", ["path": "a", "old_text": "1", "new_text": "2"])
        #expect(try await workspace.output("read_file", ["path": "a"]).text.contains("2"))
        if canBranch {
            #expect(try await workspace.output("run_command", ["command": "echo 3 > a; cat a"]).text == "3\n")
            #expect(workspace.directory.text("a") == "3\n")
        }
    }

    @Test func largeWorkspacesAreDirectWhereBranchesAreCopies() async throws {
        let files = Dictionary(uniqueKeysWithValues: (0..<20).map { ("f\($0)", "x") })
        let many = try await OpenWorkspace(files, options: WorkspaceOptions(maxFiles: 10))
        #expect(many.environment.canFork == canBranch)
        let big = try await OpenWorkspace(files, options: WorkspaceOptions(maxBytes: 10))
        #expect(big.environment.canFork == canBranch)
        let small = try await OpenWorkspace(files)
        #expect(small.environment.canFork)
    }
}

struct FullDiskTests {
    static let canMount = geteuid() == 0 && system("unshare -m true 2>/dev/null") == 0

    @Test(.enabled(if: canMount, "mounting needs root"))
    func aFullDiskLeavesTheWorkspaceAsItWas() async throws {
        let place = try TemporaryDirectory()
        guard system("mount -t tmpfs -o size=256k tmpfs \(place.path)") == 0 else { return }
        defer { system("umount -l \(place.path)") }
        let directory = try TemporaryDirectory(in: place.path, ["a": "0", "b": "0"])
        let scratch = try TemporaryDirectory()
        for sharesDisk in [true, false] {
            let privatePlace = sharesDisk ? place.path + "/private" : scratch.path + "/private"
            let environment = WorkspaceEnvironment(
                directory.path, options: WorkspaceOptions(temporaryDirectory: privatePlace))
            _ = try await environment.open()
            try await environment.fork(.initial, as: WorldID(1))
            try await environment.fork(WorldID(1), as: WorldID(2))
            let text = JSON.string(String(repeating: "x", count: 200_000))
            _ = try await environment.perform(
                Call("write_file", ["path": "a", "content": text]), in: WorldID(1), context: CallContext())
            _ = try await environment.perform(
                Call("write_file", ["path": "b", "content": text]), in: WorldID(1), context: CallContext())
            let before = directory.names.map { directory.signature($0) }
            let failure = await #expect(throws: EnvironmentFailure.self) { try await environment.commit(WorldID(1)) }
            #expect(failure?.code == .noSpace)
            #expect(failure?.remedy != nil)
            #expect(directory.names.map { directory.signature($0) } == before)
            #expect(directory.names == ["a", "b"])
            await environment.close()
        }
    }
}
