import ForerunCore
import ForerunMockServer
import ForerunTesting
import Foundation
import Glibc
import Testing

/// A key that can be told from everything else: it is looked for in all that is written, and must not be there.
struct CanaryKeyTests {
    private static let canary = "sk-canary-\(UUID().uuidString)"

    /// Makes the run meet refusals, faults and speculation; the first answers fail.
    private static let script = """
        key: \(canary)
        models:
          actor:
            fault: {kind: status, at: 1, status: 503, message: "no room for \(canary) now", retry_after: 0}
            turns:
              - text: First I look.
                calls: [{name: read_file, arguments: {path: a.txt}}]
              - calls: [{name: run_command, arguments: {command: "env; cat /proc/self/environ"}}]
              - text: All is done.
          guesser: {kind: speculator, of: actor, hit: 1}
        """

    private static let setting = "endpoints.mock.key"

    /// Where a key can come from.
    enum Place: String, CaseIterable, Sendable { case variable, file }

    @Test(arguments: Place.allCases, ["chat", "responses", "anthropic"])
    func theKeyIsNowhere(_ place: Place, _ dialect: String) async throws {
        let home = try TemporaryHome()
        var key = "env:CANARY"
        var variables = ["CANARY": Self.canary]
        if place == .file {
            variables = [:]
            // Beside the home, since everything in there is searched.
            let path = "/tmp/forerun-canary-\(UUID().uuidString)"
            try (Self.canary + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            chmod(path, 0o600)
            key = "file:\(path)"
        }
        defer { if place == .file { unlink(String(key.dropFirst("file:".count))) } }
        try await withEndpoint(Self.script) { [key, variables] flags in
            let settings = [
                "--set", "\(Self.setting)=\(key)", "--set", "endpoints.mock.protocol=\(dialect)", "--set",
                "endpoints.mock.concurrency=4",
            ]
            let record = home.path + "/recorded.jsonl"
            let all = flags + settings
            let commands: [[String]] = [
                [
                    "run", "coder", "Do it.", "--json", "--record", record, "--speculator", "mock/guesser", "--set",
                    "permissions={run_command: allow}",
                ] + all,
                ["run", "coder", "Do it.", "--verify", "--set", "permissions={run_command: allow}"] + all,
                // A request that is refused, a model that is unknown, and an address where nobody listens.
                ["run", "coder", "Do it."] + flags.dropLast(2) + ["--actor", "mock/nobody"] + settings,
                ["run", "coder", "Do it."] + all + ["--set", "endpoints.mock.baseURL=http://127.0.0.1:1/v1"],
                ["config", "show", "--origin"] + all, ["cost", "--json"],
            ]
            for command in commands {
                let running = try Running(command, home, .null, variables)
                var listing = ""
                for _ in 0..<20 where listing.isEmpty {
                    listing = (try? String(contentsOfFile: "/proc/\(running.process)/cmdline", encoding: .utf8)) ?? ""
                    await Task.yield()
                }
                let result = try await running.end()
                #expect(!(listing + result.output + result.error).contains(Self.canary), "\(command)")
            }
            #expect(FileManager.default.fileExists(atPath: record))
        }
        var files = 0
        for case let name as String in FileManager.default.enumerator(atPath: home.path) ?? .init() {
            guard let data = FileManager.default.contents(atPath: home.path + "/" + name) else { continue }
            files += 1
            #expect(data.firstRange(of: Data(Self.canary.utf8)) == nil, "\(name)")
        }
        #expect(files > 5)
    }

    /// Where a key can stand in flags, against advice.
    enum Flag: String, CaseIterable, Sendable {
        case header, query, user, map

        func settings(_ address: String, _ key: String) -> [String] {
            let pair = "endpoints.mock"
            return switch self {
            case .header: ["--set", "\(pair).headers.X-Api-Key=\(key)"]
            case .query: ["--set", "\(pair).query.code=\(key)"]
            case .user: ["--set", "\(pair).baseURL=\(address.replacing("://", with: "://me:\(key)@"))"]
            case .map:
                [
                    "--set",
                    "\(pair)={baseURL: \"\(address)\", headers: {X-Api-Key: \(key)}, query: {code: \(key)}}",
                ]
            }
        }
    }

    @Test(arguments: Flag.allCases)
    func aKeyInAFlagIsNowhere(_ flag: Flag) async throws {
        let home = try TemporaryHome()
        let script = """
            models:
              actor:
                turns:
                  - calls: [{name: run_command, arguments: {command: "env; cat /proc/self/environ"}}]
                  - text: All is done.
            """
        try await withEndpoint(script) { flags in
            let address = try #require(flags.first { $0.contains("baseURL=") }).split(separator: "=")[1]
            let secrets = flag.settings(String(address), Self.canary)
            let all = flags + secrets
            let allowed = all + ["--set", "permissions={run_command: allow}"]
            let run = try await Program.run(
                ["run", "coder", "Do it.", "--json", "--record", home.path + "/recorded.jsonl"] + allowed, in: home)
            #expect(run.status == 0, "\(run.error)")
            let state = home.path + "/.local/state/forerun/runs"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: state).first)
            // A run that failed, which can be gone on with.
            let broken = flags.dropLast() + ["mock/nobody"] + secrets
            let commands: [([String], Int32)] = [
                (["run", "coder", "Do it."] + broken, 6), (["resume"], 3),
                (["run", "coder", "Do it."] + all + ["--set", "endpoints.mock.baseURL=http://127.0.0.1:1/v1"], 6),
                (["run", "coder", "Do it."] + all + ["--set", "endpoints.mock.colour=\(Self.canary)"], 3),
                (["run", "coder", "Do it."] + all + ["--set", "endpoints.mock.headers=\(Self.canary)"], 3),
                (["config", "show", "--origin"] + all, 0), (["show", "--json", name], 0), (["runs", "--json"], 0),
            ]
            for (command, status) in commands {
                let result = try await Program.run(command, in: home)
                #expect(result.status == status, "\(command): \(result.error)")
                #expect(!(run.output + run.error + result.output + result.error).contains(Self.canary), "\(command)")
            }
        }
        for case let name as String in FileManager.default.enumerator(atPath: home.path) ?? .init() {
            guard let data = FileManager.default.contents(atPath: home.path + "/" + name) else { continue }
            #expect(data.firstRange(of: Data(Self.canary.utf8)) == nil, "\(name)")
        }
    }

    /// A process that dies leaves no image of its memory, whatever the limits of the shell say.
    @Test func noCoreIsDumped() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(
            "models:\n  actor:\n    latency: 30\n    turns: [{text: Late.}]\n"
        ) { flags in
            let running = try Running(
                ["run", "coder", "Do it."] + flags, home, .null, [:], ["prlimit", "--core=unlimited:unlimited"])
            // The soft limit at which the kernel also starts no program to take the image.
            #expect(await eventually { Self.limit(running.process) == "1" })
            running.send(SIGKILL)
            _ = try await running.end()
        }
    }

    private static func limit(_ process: pid_t) -> String {
        let text = (try? String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
        return line.dropFirst("Max core file size".count).split(separator: " ").first.map(String.init) ?? ""
    }

}
