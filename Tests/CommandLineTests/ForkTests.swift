import ForerunStore
import Testing

/// `forerun fork` begins with files that fit the turns that it begins with, or not at all.
struct ForkTests {
    private static let steps = """
        models:
          actor:
            turns:
              - calls: [{name: run_command, arguments: {command: "echo t1 >> f.txt; cat f.txt"}}]
              - calls: [{name: run_command, arguments: {command: "echo t2 >> f.txt; cat f.txt"}}]
              - calls: [{name: run_command, arguments: {command: "echo t3 >> f.txt; cat f.txt"}}]
              - calls: [{name: run_command, arguments: {command: "echo t4 >> f.txt; cat f.txt"}}]
              - text: All is done.
              - text: That, too.
        """
    private static let whole = "t1\nt2\nt3\nt4\n"

    private func last(_ home: TemporaryHome) throws -> String {
        try #require(try RunStateDirectory(environment: { home.variables[$0] }).runs().last).description
    }

    /// - Returns: the name of the new run.
    private func run(_ arguments: [String], _ home: TemporaryHome) async throws -> String {
        let run = try await Program.run(arguments, in: home)
        #expect(run.status == 0, "\(arguments): \(run.error)")
        return try last(home)
    }

    /// Refuses, and leaves files and logs as they are.
    private func refuses(_ arguments: [String], _ home: TemporaryHome, _ status: Int32, _ reason: String) async throws {
        let (files, name) = (home.contents, try last(home))
        let run = try await Program.run(arguments, in: home)
        #expect(run.status == status && run.error.contains(reason), "\(arguments): \(run.status) \(run.error)")
        #expect(home.contents == files)
        #expect(try last(home) == name, "there was no run")
    }

    @Test func aForkOfAForkTakesBackWhatBothChanged() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let first = try await run(["run", "coder", "Go."] + flags, home)
            let second = try await run(["fork", first, "--at", "3"], home)
            #expect(home.read("f.txt") == Self.whole)
            _ = try await run(["fork", second, "--at", "1"], home)
            #expect(home.read("f.txt") == Self.whole)
        }
    }

    @Test func whatALaterRunChangedIsNotBuiltOn() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let first = try await run(["run", "coder", "Go."] + flags, home)
            let second = try await run(["fork", first, "--at", "1"], home)
            // The second and third turn of the first one are gone; at its first turn stands what the second one made.
            try await refuses(["fork", first, "--at", "3"], home, 3, "was taken back since")
            try await refuses(["fork", first, "--at", "1"], home, 1, "forerun undo '\(second)'")
            _ = try await Program.run(["undo", second], in: home)
            #expect(home.read("f.txt") == "t1\n")
            _ = try await run(["fork", first, "--at", "1"], home)
            #expect(home.read("f.txt") == Self.whole)
        }
    }

    @Test(arguments: ["effects.run_command=external", "environment.sandbox=off"])
    func whatCannotBeToldApartIsNotTakenBack(_ setting: String) async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let first = try await run(["run", "coder", "Go.", "--set", setting] + flags, home)
            #expect(home.read("f.txt") == Self.whole)
            try await refuses(["fork", first, "--at", "1"], home, 3, "calls that left their branch")
            // The user knows better.
            try home.write("f.txt", "t1\n")
            _ = try await run(["fork", first, "--at", "1", "--as-is"], home)
            #expect(home.read("f.txt") == Self.whole)
        }
    }

    @Test func aForkThatCannotBeginTakesNothingBack() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let first = try await run(["run", "coder", "Go."] + flags, home)
            try await refuses(["fork", first, "--at", "1", "--set", "bogus.key=1"], home, 3, "bogus")
            try await refuses(["fork", first, "--at", "1", "--actor", "nowhere/x"], home, 3, "nowhere")
            try await refuses(["fork", first, "--at", "5"], home, 2, "last word")
            // What changed the files by itself meanwhile stays.
            try home.write("f.txt", "mine\n")
            try await refuses(["fork", first, "--at", "1"], home, 1, "f.txt")
            let path = home.path + "/.local/state/forerun/runs"
            #expect(try RunStateDirectory(path: path).runs().count == 1)
        }
    }

    @Test func whatIsTakenBackIsSaid() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.steps) { flags in
            let first = try await run(["run", "coder", "Go."] + flags, home)
            let fork = try await Program.run(["fork", first, "--at", "1"], in: home)
            #expect(fork.error.contains("forerun undo 'undo \(first)'"), "\(fork.error)")
        }
    }
}
