import ForerunCore
import ForerunMockServer
import FoundationEssentials
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Plays the script of the coder demo with real files and the real `make`.
struct CoderDemoTests {
    private static let root = URL(filePath: #filePath, directoryHint: .notDirectory)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let demo = root.appending(path: "Agents/Demos/coder").path
    private static let scripts = root.appending(path: "Benchmarks/Scripts").path

    private static let hasTools = ["make", "cc"].allSatisfy { name in
        ["/usr/bin/", "/usr/local/bin/", "/bin/"].contains { access($0 + name, X_OK) == 0 }
    }

    @Test(.enabled(if: hasTools, "make and cc are needed"))
    func theScriptRepairsTheRepository() throws {
        let script = try MockScript(contentsOf: Self.demo + "/script.yaml")
        guard case .script(let turns) = script.models.first(where: { $0.name == "actor" })?.answers else {
            Issue.record("the demo has no scripted actor")
            return
        }
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "coder-demo-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.copyItem(atPath: Self.demo + "/repository", toPath: directory.path)
        defer { try? FileManager.default.removeItem(at: directory) }

        var statuses: [CInt] = []
        for step in 0..<turns.count {
            for call in turns.turn(at: step, hash: 0).turn.calls {
                if let status = try perform(call, in: directory) { statuses.append(status) }
            }
        }
        #expect((14...20).contains(turns.count))
        #expect(statuses.map { $0 == 0 } == [false, false, true, true, true])
    }

    /// The exit status of a command; `nil` for other calls.
    private func perform(_ call: Call, in directory: URL) throws -> CInt? {
        let text = { (key: String) in try #require(call.arguments[key]?.stringValue, "\(call.name) needs \(key)") }
        let path = directory.appending(path: call.arguments["path"]?.stringValue ?? ".").path
        switch call.name {
        case "list_directory", "search_text", "read_file":
            #expect(FileManager.default.fileExists(atPath: path), "\(call.name) \(path)")
        case "write_file":
            try text("content").write(toFile: path, atomically: false, encoding: .utf8)
        case "edit_file":
            let old = try text("old_text")
            let contents = try String(contentsOfFile: path, encoding: .utf8)
            let parts = contents.split(separator: old, omittingEmptySubsequences: false)
            #expect(parts.count == 2, "old_text occurs once in \(path)")
            try parts.joined(separator: text("new_text")).write(toFile: path, atomically: false, encoding: .utf8)
        case "run_command":
            return try run(text("command"), in: directory.path)
        default:
            Issue.record("unknown tool \(call.name)")
        }
        return nil
    }

    private func run(_ command: String, in directory: String) throws -> CInt {
        var process = pid_t()
        let line = "cd '\(directory)' && { \(command); } >output.txt 2>&1"
        var arguments = [strdup("sh"), strdup("-c"), strdup(line), nil]
        var environment = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), nil]
        defer { for text in arguments + environment { free(text) } }
        let code = posix_spawn(&process, "/bin/sh", nil, nil, &arguments, &environment)
        #expect(code == 0)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }

    @Test(arguments: ["steps-hit", "steps-miss", "steps-exponential", "overhead"])
    func benchmarkScriptsAreValid(name: String) throws {
        let script = try MockScript(contentsOf: Self.scripts + "/\(name).yaml")
        #expect(script.models.map(\.name) == ["actor", "speculator"])
        guard case .script(let turns) = script.models[0].answers else {
            Issue.record("\(name) has no scripted actor")
            return
        }
        #expect(turns.count == 21)
        #expect(turns.turn(at: 19, hash: 0).turn.calls == [Call("note", ["step": 19])])
    }
}
