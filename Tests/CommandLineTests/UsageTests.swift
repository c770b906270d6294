import ForerunCore
import Testing

/// What the program says before it runs anything.
struct UsageTests {
    @Test func unknownFlagsAndVerbsAreWrongUsage() async throws {
        let home = try TemporaryHome()
        for arguments in [["run", "coder", "--bogus"], ["bogus"], ["run"], ["mock", "x.yaml", "--port", "99999"]] {
            let result = try await Program.run(arguments, in: home)
            #expect(result.status == 2, "\(arguments)")
            #expect(result.error.hasPrefix("forerun: error: "), "\(arguments)")
            #expect(result.error.split(separator: "\n").count >= 2, "a remedy is missing: \(result.error)")
            #expect(result.output.isEmpty)
        }
    }

    @Test func flagsThatExcludeEachOtherAreWrongUsage() async throws {
        let home = try TemporaryHome()
        for flags in [["--compare", "--verify"], ["--compare", "--diff"], ["--json", "--quiet"]] {
            let result = try await Program.run(["run", "coder", "x"] + flags, in: home)
            #expect(result.status == 2, "\(flags)")
        }
    }

    @Test func helpListsTheExitCodes() async throws {
        let result = try await Program.run(["run", "--help"], in: try TemporaryHome())
        #expect(result.status == 0)
        for code in ["0  done", "2  wrong usage", "4  a key", "7  --compare", "130  interrupted"] {
            #expect(result.output.contains(code), "\(code)")
        }
    }

    @Test func theVersionIsOneLine() async throws {
        let result = try await Program.run(["--version"], in: try TemporaryHome())
        #expect(result.status == 0)
        #expect(result.lines.count == 1)
        #expect(result.output.hasPrefix("forerun "))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completionScriptsAreGenerated(shell: String) async throws {
        let result = try await Program.run(["--generate-completion-script", shell], in: try TemporaryHome())
        #expect(result.status == 0)
        #expect(result.output.contains("forerun"))
        #expect(result.output.contains("speculator"))
    }

    @Test func agentsAreListedAndShown() async throws {
        let home = try TemporaryHome(files: [
            "../.config/forerun/agents/mine.md": "---\ndescription: Of my own.\n---\nBe brief.\n"
        ])
        let list = try await Program.run(["agents"], in: home)
        #expect(list.status == 0)
        #expect(list.output.contains("coder"))
        #expect(list.output.contains("Of my own. (user)"))
        let shown = try await Program.run(["agents", "show", "mine"], in: home)
        #expect(shown.output.contains("Be brief."))
    }

    @Test func originsAreShown() async throws {
        let home = try TemporaryHome()
        try home.configure("defaults:\n  speculation: {width: 2}\n")
        let result = try await Program.run(
            ["config", "show", "--origin", "coder", "--set", "speculation.depth=5"], in: home,
            variables: ["FORERUN_MODE": "observe"])
        #expect(result.status == 0)
        func line(_ key: String) -> String? { result.lines.first { $0.hasPrefix(key + ":") } }
        #expect(line("speculation.width")?.contains("config.yaml:2") == true)
        #expect(line("speculation.depth")?.contains("--set speculation.depth=5") == true)
        #expect(line("speculation.mode")?.contains("FORERUN_MODE") == true)
        #expect(line("environment.kind")?.contains("coder.md") == true)
        #expect(line("limits.steps")?.contains("built-in") == true)
    }

    @Test func initWritesOnceAndNeverOverwrites() async throws {
        let home = try TemporaryHome()
        #expect(try await Program.run(["init"], in: home).status == 0)
        let first = home.read("../.config/forerun/config.yaml")
        #expect(first?.isEmpty == false)
        try home.write(".forerun/config.yaml", "# mine\n")
        let again = try await Program.run(["init", "--trust"], in: home)
        #expect(again.status == 0)
        #expect(home.read(".forerun/config.yaml") == "# mine\n")
        #expect(home.read("../.config/forerun/config.yaml") == first)
        #expect(home.read("../.config/forerun/trusted-projects")?.contains("/workspace") == true)
    }

    /// Each example is sound: with its comment signs taken away, the file that `init` writes is a configuration.
    @Test func theExamplesOfInitAreValid() async throws {
        let home = try TemporaryHome()
        #expect(try await Program.run(["init"], in: home).status == 0)
        for name in ["../.config/forerun/config.yaml", ".forerun/config.yaml"] {
            let lines = try #require(home.read(name)).split(separator: "\n", omittingEmptySubsequences: false)
            let examples = lines.filter { $0.hasPrefix("# ") }.map { String($0.dropFirst(2)) }
            #expect(!examples.isEmpty)
            try home.write(name, examples.joined(separator: "\n") + "\n")
        }
        let result = try await Program.run(["config", "show"], in: home)
        #expect(result.status == 0, "\(result.error)")
    }
}
