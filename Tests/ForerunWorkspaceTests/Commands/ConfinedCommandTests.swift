import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

/// Tier T3: where there are no branches, commands run in copies of the workspace, confined by Landlock and seccomp.
@Suite(.enabled(if: canConfine, "Landlock does not work here"))
struct ConfinedCommandTests {
    /// A workspace where the helper's branches do not work, as in a container without user namespaces.
    private func workspace(_ files: [String: String] = [:]) async throws -> OpenWorkspace {
        var options = WorkspaceOptions()
        options.helper = try Self.helperWithoutBranches()
        let workspace = try await OpenWorkspace(files, options: options)
        #expect(workspace.environment.confinement?.hasPrefix("tier T3") == true)
        #expect(workspace.environment.warning?.contains("copies of the workspace") == true)
        return workspace
    }

    /// A helper that ends at once when it is to serve, and else is the real one.
    private static func helperWithoutBranches() throws -> String {
        let real = try #require(BranchProgram.find())
        let path = "/tmp/forerun-test-helper-\(getpid())"
        let script = "#!/bin/sh\n[ \"$1\" = serve ] && exit 1\nexec '\(real)' \"$@\"\n"
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o700)
        _ = script.withCString { write(file, $0, strlen($0)) }
        close(file)
        return path
    }

    @Test func changesBecomeALayerOfTheirOwn() async throws {
        let workspace = try await workspace(["a": "0", "b": "0"])
        let child = try await workspace.child("run_command", ["command": "echo 1 > a; rm b; mkdir d; echo 2 > d/c"])
        #expect(workspace.directory.names == ["a", "b"])
        #expect(try await workspace.run("cat a d/c; ls", in: child) == "1\n2\na\nd\n")
        try await workspace.environment.commit(child)
        #expect(workspace.directory.names == ["a", "d", "d/c"])
        #expect(workspace.directory.text("a") == "1\n")
    }

    @Test func nothingElseCanBeWrittenAndThereIsNoNetwork() async throws {
        let workspace = try await workspace(["a": "0"])
        let target = workspace.directory.path
        #expect(
            try await workspace.run("(echo x > \(target)/a) 2>/dev/null || echo refused; cat a") == "refused\n0")
        #expect(workspace.directory.text("a") == "0")
        let connect = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' 2>/dev/null || echo refused"
        #expect(try await workspace.run(connect) == "refused\n")
    }

    @Test func anOutputThatNamesTheCopyIsNotUsed() async throws {
        let workspace = try await workspace()
        let child = try await workspace.fork()
        let named = try await workspace.perform("run_command", ["command": "pwd"], in: child)
        #expect(named.isTainted)
        let plain = try await workspace.perform("run_command", ["command": "echo x"], in: try await workspace.fork())
        #expect(!plain.isTainted)
    }
}

private let canConfine: Bool = {
    guard let program = BranchProgram.find() else { return false }
    return system("'\(program)' confine --write /tmp -- /bin/true >/dev/null 2>&1") == 0
}()
