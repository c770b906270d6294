import ForerunCore
import Foundation
import Testing

/// `forerun run --record` and `--playback`.
struct RecordingTests {
    @Test func aRecordedRunIsPlayedWithoutServerAndKey() async throws {
        let home = try TemporaryHome()
        try home.configure("endpoints:\n  mock: {key: env:MOCK_KEY}\n")
        try await withEndpoint(Scripts.writing) { flags in
            let recorded = try await Program.run(
                ["run", "coder", "Do it.", "--record", "traffic.jsonl"] + flags, in: home,
                variables: ["MOCK_KEY": "sk-canary-4711"])
            #expect(recorded.status == 0, "\(recorded.error)")
        }
        #expect(home.read("b.txt") == "new\n")
        try FileManager.default.removeItem(atPath: home.workspace + "/b.txt")
        let mode = try FileManager.default.attributesOfItem(atPath: home.workspace + "/traffic.jsonl")[
            .posixPermissions]
        #expect(mode as? Int == 0o600)
        let flags = [
            "--set", "endpoints.mock.baseURL=http://127.0.0.1:1/v1", "--actor", "mock/actor", "--playback",
            "traffic.jsonl",
        ]
        let played = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
        #expect(played.status == 0, "\(played.error)")
        #expect(played.output.hasSuffix("All is done.\n"))
        #expect(home.read("b.txt") == "new\n")

        let other = try await Program.run(["run", "coder", "Do that."] + flags, in: home)
        #expect(other.status == 6)
        #expect(other.error.contains("is not in traffic.jsonl. Nearest is exchange 1"), "\(other.error)")
        #expect(other.error.contains("Do that.") && other.error.contains("Do it."))
        #expect(other.error.split(separator: "\n").count { $0.hasPrefix("forerun: error: ") } == 1)

        // Cut in its last line, it is played up to there.
        let whole = try #require(home.read("traffic.jsonl"))
        try home.write("traffic.jsonl", String(whole.dropLast(100)))
        let cut = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
        #expect(cut.status == 6)
        #expect(cut.error.contains("forerun: warning: traffic.jsonl breaks off in line 4"), "\(cut.error)")
    }

    @Test func filesAreChecked() async throws {
        let home = try TemporaryHome(files: ["a.txt": "one\n"])
        try await withEndpoint(Scripts.answering) { flags in
            let run = ["run", "coder", "Do it."] + flags
            let both = try await Program.run(run + ["--record", "x", "--playback", "y"], in: home)
            #expect(both.status == 2)
            let exists = try await Program.run(run + ["--record", "a.txt"], in: home)
            #expect(exists.status == 3)
            #expect(exists.error.contains("File exists"))
            #expect(home.read("a.txt") == "one\n")
            let none = try await Program.run(run + ["--playback", "none"], in: home)
            #expect(none.status == 3)
            let wrong = try await Program.run(run + ["--playback", "a.txt"], in: home)
            #expect(wrong.status == 3)
            #expect(wrong.error.contains("is no recording"))
        }
    }

    @Test func aFullDiskEndsTheRecordingAndNotTheRun() async throws {
        let home = try TemporaryHome()
        let text = String(repeating: "All is well. ", count: 400)
        let yaml = "models: {actor: {chunk: 1, turns: [{text: \"\(text)\"}]}}"
        try await withEndpoint(yaml) { flags in
            // Each token is an event of 150 bytes: only the recording grows beyond 100 KiB.
            let result = try await Program.run(
                ["run", "coder", "Do it.", "--record", "traffic.jsonl"] + flags, in: home,
                through: ["bash", "-c", "trap '' XFSZ; ulimit -f 100; exec \"$@\"", "bash"])
            #expect(result.status == 1)
            #expect(result.output.hasPrefix("All is well."))
            let errors = result.error.split(separator: "\n").filter { $0.hasPrefix("forerun: error: ") }
            #expect(errors.count == 1, "\(result.error)")
            #expect(errors.first?.contains("the recording is incomplete: traffic.jsonl: File too large") == true)
        }
    }

    /// A key is in no byte that is written: not in the recording, the log, the output, or errors that repeat it.
    @Test func keysAreWrittenNowhere() async throws {
        let canary = "sk-canary/verily-0815+4711"
        let home = try TemporaryHome()
        try home.configure(
            """
            endpoints:
              mock: {key: env:MOCK_KEY, headers: {x-proxy-token: "\(canary).2"}}
            """)
        let yaml = """
            key: "\(canary)"
            fault:
              - {kind: status, status: 500, message: "Failed with \(canary)", request: 1, retry_after: 0.01, retry: ms}
              - {kind: error_event, message: "Broke with \(canary)", status: 500, request: 2}
              - {kind: status, status: 401, message: "Incorrect API key provided: \(canary)", request: 6, times: always}
            """ + "\n" + Scripts.writing
        try await withEndpoint(yaml) { flags in
            for (number, form) in [["--json"], ["-o", "message.txt"]].enumerated() {
                let result = try await Program.run(
                    ["run", "coder", "Do it.", "--record", "traffic\(number).jsonl"] + form + flags, in: home,
                    variables: ["MOCK_KEY": canary])
                #expect(result.status == (number == 0 ? 0 : 4), "\(result.error)")
                #expect(!result.output.contains(canary))
                #expect(!result.error.contains(canary))
            }
        }
        let recording = try #require(home.read("traffic0.jsonl"))
        #expect(recording.contains("Failed with *******"))
        #expect(recording.contains("Broke with *******"))
        var seen = 0
        for case let name as String in FileManager.default.enumerator(atPath: home.path) ?? .init() {
            // The key of the header stands where the user wrote it.
            guard !name.hasSuffix("config.yaml"),
                let data = FileManager.default.contents(atPath: home.path + "/" + name)
            else { continue }
            seen += 1
            for needle in [canary, canary.replacing("/", with: "\\/"), "verily-0815"] {
                #expect(data.range(of: Data(needle.utf8)) == nil, "\(name) holds the key")
            }
        }
        #expect(seen > 6)
    }
}
