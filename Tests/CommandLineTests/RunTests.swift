import ForerunCore
import Foundation
import Glibc
import Testing

/// What a run prints, and where.
struct RunTests {
    @Test func textGoesToStandardOutputAndTheRestToStandardError() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            #expect(result.status == 0, "\(result.error)")
            #expect(result.output == "First I look.\nAll is done.\n")
            #expect(result.error.contains("✓ read_file a.txt"))
            #expect(result.error.contains("turn 3"))
            #expect(result.error.contains("log"))
            #expect(!result.error.contains("\u{1B}"))
        }
        #expect(home.read("b.txt") == "new\n")
    }

    @Test func quietLeavesTextOnly() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(["run", "coder", "Do it.", "--quiet"] + flags, in: try TemporaryHome())
            #expect(result.status == 0)
            #expect(result.output == "First I look.\nAll is done.\n")
            #expect(result.error == "")
        }
    }

    @Test func symbolsFollowTheLocale() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it."] + flags, in: try TemporaryHome(), variables: ["LANG": "C"])
            #expect(result.error.contains("+ read_file a.txt"))
            #expect(result.error.utf8.allSatisfy { $0 < 0x80 })
        }
    }

    @Test func jsonBeginsAndEndsAsAgreed() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it.", "--json", "--diff", "--verify"] + flags, in: home)
            #expect(result.status == 0, "\(result.error)")
            let events = try result.lines.map { try JSON(parsing: $0) }
            let first = try #require(events.first)
            #expect(first["type"]?.stringValue == "run.started")
            #expect(first["agent"]?.stringValue == "coder")
            #expect(first["mode"]?.stringValue == "full")
            #expect(first["workspace"]?.stringValue?.hasSuffix("/workspace") == true)
            let log = try #require(first["log"]?.stringValue)
            #expect(FileManager.default.fileExists(atPath: log))
            #expect(log.contains(try #require(first["id"]?.stringValue)))

            let last = try #require(events.last)
            #expect(last["type"]?.stringValue == "run.completed")
            #expect(last["turns"]?.intValue == 3)
            for key in ["seconds", "usage", "cost", "digest"] { #expect(last[key] != nil, "\(key)") }
            for key in [
                "predicted", "callHits", "turnHits", "cancelled", "savedSeconds", "wastedSeconds", "wastedTokens",
                "extraCost", "brier", "calibrationError",
            ] {
                #expect(last["speculation"]?[key] != nil, "\(key)")
            }
            #expect(events.filter { $0["type"]?.stringValue == "run.completed" }.count == 1)

            let text = events.filter { $0["type"]?.stringValue == "answer.text" }.compactMap { $0["text"]?.stringValue }
            #expect(text.joined().contains("All is done."))
            let diff = events.first { $0["type"]?.stringValue == "diff" }?["text"]?.stringValue
            #expect(diff?.contains("+new") == true)
            let verification = events.first { $0["type"]?.stringValue == "verification" }
            #expect(verification?["identical"]?.boolValue == true)
        }
    }

    @Test func comparisonsEndAsAgreedAndChangeNothing() async throws {
        let home = try TemporaryHome()
        let before = home.contents
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(["run", "coder", "Do it.", "--compare", "--json"] + flags, in: home)
            #expect(result.status == 0, "\(result.error)")
            let events = try result.lines.map { try JSON(parsing: $0) }
            let last = try #require(events.last)
            #expect(last["type"]?.stringValue == "comparison")
            #expect(last["identical"]?.boolValue == true)
            #expect((last["ratio"]?.doubleValue ?? 0) > 0)
            for side in ["sequential", "speculative"] {
                #expect((last[side]?["seconds"]?.doubleValue ?? 0) > 0)
                #expect(last[side]?["digest"]?.stringValue?.isEmpty == false)
                let own = events.filter { $0["side"]?.stringValue == side }
                #expect(own.first?["type"]?.stringValue == "run.started")
                #expect(own.last?["type"]?.stringValue == "run.completed")
            }
            let plain = try await Program.run(["run", "coder", "Do it.", "--compare"] + flags, in: home)
            #expect(plain.output.contains("identical    yes"))
            #expect(!plain.output.contains("All is done."), "the words of either half are not the point")
        }
        #expect(home.contents == before)
    }

    @Test(arguments: ["--diff", "--verify", "--compare"])
    func nothingTemporaryIsLeft(flag: String) async throws {
        let home = try TemporaryHome()
        try home.write("../tmp/.keep", "")
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it.", flag] + flags, in: home, variables: ["TMPDIR": home.path + "/tmp"])
            #expect(result.status == 0, "\(result.error)")
        }
        let left = try FileManager.default.subpathsOfDirectory(atPath: home.path + "/tmp")
        // The directory for all workspaces of a user stays, empty.
        #expect(
            left.filter { !$0.hasPrefix(".keep") && $0.contains("/") || $0.contains("snapshot") }.isEmpty, "\(left)")
    }

    /// A tool that says something else each time.
    @Test(arguments: ["--verify", "--compare"])
    func differencesHaveTheirOwnExitCode(flag: String) async throws {
        try await withEndpoint(Scripts.calling("run_command", "{command: date +%s%N}")) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it.", flag, "--quiet"] + flags, in: try TemporaryHome())
            #expect(result.status == 7)
            #expect(result.error.contains("not identical to the run in turn"), "\(result.error)")
        }
    }

    @Test func theFinalMessageIsKept() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(["run", "coder", "Do it.", "-o", "../final.txt"] + flags, in: home)
            #expect(result.status == 0)
        }
        #expect(home.read("../final.txt") == "All is done.\n")
        let refused = try await Program.run(["run", "coder", "Do it.", "-o", "/nowhere/final.txt"], in: home)
        #expect(refused.status == 1)
        #expect(refused.error.contains("/nowhere/final.txt"))
    }

    @Test func changesAreShown() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(["run", "coder", "Do it.", "--diff"] + flags, in: try TemporaryHome())
            #expect(result.output.contains("+++"))
            #expect(result.output.contains("+new"))
        }
    }

    @Test func aLimitHasItsOwnExitCode() async throws {
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it.", "--max-steps", "1"] + flags, in: try TemporaryHome())
            #expect(result.status == 5)
            #expect(result.error.contains("the limit on steps (1) was reached"))
            #expect(result.error.contains("--max-steps"))
        }
    }

    @Test func withoutATerminalAskingMeansDenying() async throws {
        let home = try TemporaryHome()
        let before = home.contents
        try await withEndpoint(Scripts.calling("run_command", "{command: touch made}")) { flags in
            let result = try await Program.run(["run", "shell", "Do it."] + flags, in: home)
            #expect(result.status == 8, "\(result.error)")
            #expect(result.error.contains("denied run_command touch made"))
            #expect(result.output.contains("That was it."), "the actor goes on")
        }
        #expect(home.contents == before)
    }

    @Test func aReaderThatGoesAwayStopsNothing() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.writing) { flags in
            let result = try await Program.run(
                ["run", "coder", "Do it.", "--json"] + flags, in: home,
                through: ["sh", "-c", "{ \"$0\" \"$@\"; echo $? >&2; } | head -n 1"])
            #expect(result.lines.count == 1)
            #expect(result.error.hasSuffix("0\n"), "\(result.error)")
        }
        #expect(home.read("b.txt") == "new\n")
    }
}
