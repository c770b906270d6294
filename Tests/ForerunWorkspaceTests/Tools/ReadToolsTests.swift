import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

struct ReadToolsTests {
    @Test func readFileNumbersLinesAndPages() async throws {
        let workspace = try await OpenWorkspace(["a.txt": "one\ntwo\nthree\n", "b.txt": "x", "empty": ""])
        #expect(
            try await workspace.output("read_file", ["path": "a.txt"]).text
                == "     1\tone\n     2\ttwo\n     3\tthree\n")
        #expect(
            try await workspace.output("read_file", ["path": "a.txt", "offset": 2, "limit": 1]).text
                == "     2\ttwo\n(lines 3 to 3 are not shown; go on with offset 3)\n")
        #expect(
            try await workspace.output("read_file", ["path": "b.txt"]).text
                == "     1\tx\n(no newline at the end of the file)\n")
        #expect(try await workspace.output("read_file", ["path": "empty"]).text == "(empty is empty)")
        #expect(
            try await workspace.output("read_file", ["path": .string(workspace.directory.path + "/b.txt")]).isError
                == false)
    }

    @Test(
        arguments: [
            (["path": "missing"], "there is no file missing"), (["path": "d"], "d is a directory"),
            (["path": "binary"], "binary is a binary file"), (["path": "a", "offset": 9], "beyond the end"),
            ([:], "needs the argument path"), (["path": 3], "path must be a string"),
            (["path": "a", "offset": 0], "offset must be a whole number"), (["path": "a/b"], "a is no directory"),
            (["path": "../x"], "outside of the workspace"), (["path": "/etc/passwd"], "outside of the workspace"),
            (["path": "d/../../x"], "outside of the workspace"), (["path": "out/passwd"], "outside of the workspace"),
            (["path": "circle"], "a circle"), (["path": "pipe"], "a device, a pipe or a socket"),
            (["path": "a\u{0}b"], "NUL"),
        ] as [(JSON, String)])
    func readFileRefuses(_ arguments: JSON, _ reason: String) async throws {
        let workspace = try await OpenWorkspace(["a": "x", "d/e": "x", "binary": "a\u{0}b"])
        symlink("/etc", workspace.directory.path + "/out")
        symlink("circle", workspace.directory.path + "/circle")
        mkfifo(workspace.directory.path + "/pipe", 0o600)
        let output = try await workspace.output("read_file", arguments)
        #expect(output.isError)
        #expect(output.text.contains(reason), "\(output.text)")
    }

    @Test func linksInsideAreFollowed() async throws {
        let workspace = try await OpenWorkspace(["d/e": "x\n"])
        symlink("d/e", workspace.directory.path + "/relative")
        symlink(workspace.directory.path + "/d", workspace.directory.path + "/absolute")
        #expect(try await workspace.output("read_file", ["path": "relative"]).text == "     1\tx\n")
        let result = try await workspace.perform("read_file", ["path": "absolute/e"], in: .initial)
        #expect(result.output.text == "     1\tx\n")
        #expect(result.reads == .resources(["/absolute", "/d", "/d/e"]))
        #expect(result.writes == .nothing)
    }

    @Test func longOutputIsCutWithANote() async throws {
        let lines = (1...5000).map { "line \($0)\n" }.joined()
        let workspace = try await OpenWorkspace(
            ["long": lines, "wide": String(repeating: "w", count: 5000)], options: WorkspaceOptions(outputLimit: 4096))
        let output = try await workspace.output("read_file", ["path": "long"]).text
        #expect(output.utf8.count < 4300)
        #expect(output.contains("to 5000 are not shown; go on with offset"))
        #expect(try await workspace.output("read_file", ["path": "wide"]).text.contains("… 3000 bytes cut"))
    }

    @Test func listDirectoryIsSortedAndShowsLayers() async throws {
        let workspace = try await OpenWorkspace(["b": "", "a/x/y": "", "c": "", ".git/HEAD": ""])
        symlink("b", workspace.directory.path + "/link")
        let child = try await workspace.child("write_file", ["path": "a/new", "content": ""])
        #expect(try await workspace.output("list_directory", [:]).text == ".git/\na/\nb\nc\nlink -> b\n")
        #expect(
            try await workspace.output("list_directory", ["depth": 3]).text
                == ".git/\na/\na/x/\na/x/y\nb\nc\nlink -> b\n")
        let result = try await workspace.perform("list_directory", ["path": "a"], in: child)
        #expect(result.output.text == "new\nx/\n")
        #expect(result.reads == .resources(["/a", "/a/"]))
        #expect(try await workspace.output("list_directory", ["path": "b"]).isError)
        #expect(try await workspace.output("list_directory", ["path": "nowhere"]).isError)
    }

    @Test func searchTextFindsLines() async throws {
        let workspace = try await OpenWorkspace([
            "src/a.c": "int main() {\n  return 42;\n}\n", "src/b.h": "int other;\n", "doc.md": "main (\nend",
            "binary": "main\u{0}", ".git/x": "main",
        ])
        func search(_ arguments: JSON) async throws -> String {
            try await workspace.output("search_text", arguments).text
        }
        #expect(try await search(["pattern": "main"]) == "doc.md:1: main (\nsrc/a.c:1: int main() {\n")
        #expect(try await search(["pattern": #"return\s+\d+"#]) == "src/a.c:2:   return 42;\n")
        #expect(try await search(["pattern": "(?i)^INT", "glob": "*.{c,x}"]) == "src/a.c:1: int main() {\n")
        #expect(try await search(["pattern": "^end$"]) == "doc.md:2: end\n")
        #expect(try await search(["pattern": "int", "path": "src", "glob": "src/*.h"]) == "src/b.h:1: int other;\n")
        #expect(try await search(["pattern": "nothing like it"]) == "(no matches)\n")
        #expect(try await search(["pattern": "(?=x)"]).hasPrefix("(no regular expression"))
        #expect(try await search(["pattern": "main ("]).hasSuffix("doc.md:1: main (\n"))
        #expect(
            try await search(["pattern": "int", "max_results": 1])
                == "src/a.c:1: int main() {\n(there are more matches; narrow the search with path or glob)\n")
        #expect(try await workspace.output("search_text", ["pattern": ""]).isError)
        #expect(try await workspace.output("search_text", ["pattern": "a\nb"]).isError)
    }

    @Test func searchTextSeesLayers() async throws {
        let workspace = try await OpenWorkspace(["a": "old\n"])
        let child = try await workspace.child("write_file", ["path": "a", "content": "new\n"])
        #expect(try await workspace.output("search_text", ["pattern": "."], in: child).text == "a:1: new\n")
        #expect(try await workspace.output("search_text", ["pattern": "."]).text == "a:1: old\n")
    }
}

struct GlobTests {
    @Test(arguments: [
        ("*.swift", "a/b/c.swift", true), ("*.swift", "c.swiftx", false), ("src/**/*.c", "src/a.c", true),
        ("src/**/*.c", "src/x/y/a.c", true), ("src/*.c", "src/x/a.c", false), ("**/x", "x", true), ("a?c", "abc", true),
        ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("*.{js,ts{,x}}", "f.tsx", true), ("{a,b}/*", "b/z", true),
        ("a{", "a{", true), ("src/**", "src/a/b", true), ("./a", "a", true), ("*a*b*", "xaybz", true), ("[", "[", true),
    ])
    func matches(_ pattern: String, _ path: String, _ expected: Bool) {
        #expect(Glob(pattern).matches(RelativePath(path)) == expected)
    }
}
