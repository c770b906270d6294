import ForerunCore
import Foundation
import Glibc
import Testing

/// What can go wrong from the outside: one clear message with a remedy, the right exit code, and an untouched workspace.
struct BadInputTests {
    /// Runs `coder` and checks how it fails.
    private func expectFailure(
        _ flags: [String], status: Int32, cause: String, remedy: String, agent: String = "coder",
        in home: TemporaryHome, variables: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let before = home.contents
        let result = try await Program.run(["run", agent, "Do it."] + flags, in: home, variables: variables)
        #expect(result.status == status, "\(result.error)", sourceLocation: sourceLocation)
        let lines = result.error.split(separator: "\n").map(String.init)
        let index = try #require(
            lines.firstIndex { $0.hasPrefix("forerun: error: ") }, "\(result.error)", sourceLocation: sourceLocation)
        #expect(lines[index].contains(cause), "\(lines[index])", sourceLocation: sourceLocation)
        let next = lines.dropFirst(index + 1).first ?? ""
        #expect(
            next.hasPrefix("  ") && (remedy.isEmpty || next.contains(remedy)), "\(result.error)",
            sourceLocation: sourceLocation)
        // One message, no stack trace, no raw JSON.
        #expect(lines.filter { $0.hasPrefix("forerun: error: ") }.count == 1, sourceLocation: sourceLocation)
        #expect(!result.error.contains("{\""), "\(result.error)", sourceLocation: sourceLocation)
        #expect(home.contents == before, sourceLocation: sourceLocation)
    }

    // MARK: - Configuration

    @Test func unknownAgent() async throws {
        try await expectFailure(
            [], status: 3, cause: "unknown agent “codr”", remedy: "Did you mean “coder”?", agent: "codr",
            in: try TemporaryHome())
    }

    @Test func brokenYAML() async throws {
        let home = try TemporaryHome()
        try home.configure("defaults:\n  actor: [unclosed\n")
        try await expectFailure([], status: 3, cause: "config.yaml:", remedy: "", in: home)
    }

    @Test func unknownKey() async throws {
        let home = try TemporaryHome()
        try home.configure("defaults:\n  speculaton: {mode: full}\n")
        try await expectFailure(
            [], status: 3, cause: "config.yaml:2: unknown key “speculaton”", remedy: "Did you mean “speculation”?",
            in: home)
    }

    @Test func noActor() async throws {
        try await expectFailure(
            [], status: 3, cause: "has no actor", remedy: "--actor endpoint/model", in: try TemporaryHome())
    }

    @Test func missingKey() async throws {
        try await expectFailure(
            ["--actor", "openai/gpt-5"], status: 4, cause: "OPENAI_API_KEY", remedy: "Set OPENAI_API_KEY",
            in: try TemporaryHome())
    }

    @Test func keyFileThatOthersCanRead() async throws {
        let home = try TemporaryHome(files: ["../key": "secret\n"])
        chmod(home.path + "/key", 0o644)
        try await expectFailure(
            ["--actor", "openai/gpt-5", "--set", "endpoints.openai.key=file:\(home.path)/key"], status: 4,
            cause: "can read",
            remedy: "chmod 600", in: home)
    }

    @Test func wrongURL() async throws {
        try await expectFailure(
            ["--set", "endpoints.mock.baseURL=localhost:8000", "--actor", "mock/m"], status: 3, cause: "http://",
            remedy: "",
            in: try TemporaryHome())
        try await withEndpoint(Scripts.answering) { flags in
            let wrong = flags.map { $0.replacing("/v1", with: "/v2") }
            try await expectFailure(wrong, status: 6, cause: "HTTP 404", remedy: "the address", in: try TemporaryHome())
        }
    }

    // MARK: - Endpoints

    @Test func refusedConnection() async throws {
        try await expectFailure(
            ["--set", "endpoints.mock.baseURL=http://127.0.0.1:1/v1", "--actor", "mock/m"], status: 6,
            cause: "connection failed", remedy: "running", in: try TemporaryHome())
    }

    @Test func refusedKey() async throws {
        try await withEndpoint(Scripts.failing("{kind: status, status: 401, times: always}")) { flags in
            try await expectFailure(flags, status: 4, cause: "HTTP 401", remedy: "key", in: try TemporaryHome())
        }
    }

    @Test func unknownModel() async throws {
        try await withEndpoint(Scripts.answering, actor: "nobody") { flags in
            try await expectFailure(flags, status: 6, cause: "nobody", remedy: "model name", in: try TemporaryHome())
        }
    }

    @Test func rateLimitThatPasses() async throws {
        try await withEndpoint(Scripts.failing("{kind: status, status: 429, retry_after: 1}")) { flags in
            let result = try await Program.run(["run", "coder", "Do it."] + flags, in: try TemporaryHome())
            #expect(result.status == 0, "\(result.error)")
            #expect(result.error.contains("HTTP 429"))
            #expect(result.error.contains("again in 1.00 s"))
        }
    }

    @Test func rateLimitThatLasts() async throws {
        try await withEndpoint(Scripts.failing("{kind: status, status: 429, retry_after: 3600, times: always}")) {
            flags in
            try await expectFailure(flags, status: 6, cause: "HTTP 429", remedy: "", in: try TemporaryHome())
        }
    }

    @Test func truncatedStream() async throws {
        try await withEndpoint(Scripts.failing("{kind: half, times: always}")) { flags in
            try await expectFailure(flags, status: 6, cause: "truncated stream", remedy: "", in: try TemporaryHome())
        }
        try await withEndpoint(Scripts.failing("{kind: half}")) { flags in
            let result = try await Program.run(["run", "coder", "Do it."] + flags, in: try TemporaryHome())
            #expect(result.status == 0, "one broken answer is asked for again: \(result.error)")
        }
    }

    // MARK: - Calls

    /// The actor is told what is wrong with its call, and goes on.
    private func expectOutput(
        _ script: String, _ text: String, flags more: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let home = try TemporaryHome()
        let before = home.contents
        try await withEndpoint(script) { flags in
            let result = try await Program.run(["run", "coder", "Do it.", "--json"] + flags + more, in: home)
            #expect(result.status == 0, "\(result.error)", sourceLocation: sourceLocation)
            let taken = try result.lines.map { try JSON(parsing: $0) }.filter {
                $0["type"]?.stringValue == "call.taken"
            }
            let first = try #require(taken.first, sourceLocation: sourceLocation)
            #expect(first["isError"]?.boolValue == true, sourceLocation: sourceLocation)
            let output = first["output"]?.stringValue ?? ""
            #expect(output.contains(text), "\(output)", sourceLocation: sourceLocation)
        }
        #expect(home.contents == before, sourceLocation: sourceLocation)
    }

    @Test func argumentsThatAreNoJSON() async throws {
        let script = """
            models:
              actor:
                fault: {kind: malformed_arguments, at: 0}
                turns:
                  - calls: [{name: write_file, arguments: {path: x, content: y}}]
                  - text: That was it.
            """
        try await expectOutput(script, "no JSON object")
    }

    @Test func argumentsAgainstTheSchema() async throws {
        try await expectOutput(Scripts.calling("write_file", "{path: 3}"), "do not fit the schema")
    }

    @Test func unknownTool() async throws {
        try await expectOutput(Scripts.calling("fly_away", "{}"), "There is no tool `fly_away`")
    }

    @Test func toolThatHangs() async throws {
        try await expectOutput(
            Scripts.calling("run_command", "{command: sleep 600, timeout_seconds: 1}"), "1 s")
    }

    // MARK: - Workspaces

    @Test func workspaceThatDoesNotExist() async throws {
        try await expectFailure(
            ["--workspace", "/nowhere/at/all"], status: 3, cause: "there is no directory /nowhere/at/all",
            remedy: "--workspace", in: try TemporaryHome())
    }

    @Test(.enabled(if: geteuid() != 0, "root can write everywhere"))
    func workspaceThatCannotBeWritten() async throws {
        let home = try TemporaryHome()
        chmod(home.workspace, 0o555)
        try await withEndpoint(Scripts.writing) { flags in
            try await expectFailure(flags, status: 3, cause: "cannot be changed", remedy: "permissions", in: home)
        }
    }

    /// Whether this user may mount a small file system in a namespace of its own.
    private static let canMount = system("unshare -rm mount -t tmpfs tmpfs /mnt >/dev/null 2>&1") == 0

    @Test(.enabled(if: canMount, "mounting a small file system is not allowed here"))
    func workspaceThatIsFull() async throws {
        let home = try TemporaryHome(files: [:])
        try await withEndpoint(Scripts.calling("run_command", "{command: head -c 3000000 /dev/zero > big}")) { flags in
            let mount =
                "mount -t tmpfs -o size=1m tmpfs \(home.workspace) && cd \(home.workspace) && \"$0\" \"$@\"; s=$?; ls; exit $s"
            let result = try await Program.run(
                ["run", "coder", "Do it."] + flags, in: home, through: ["unshare", "-rm", "sh", "-c", mount])
            #expect(result.status == 1 || result.status == 0, "\(result.error)")
            #expect(!result.output.contains("big"), "the workspace is as it was: \(result.output)")
            #expect(result.error.lowercased().contains("space") || result.error.contains("room"), "\(result.error)")
        }
    }
}
