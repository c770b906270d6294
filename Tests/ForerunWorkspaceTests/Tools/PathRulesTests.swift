import ForerunCore
import Testing

@testable import ForerunWorkspace

struct PathRulesTests {
    @Test(
        arguments: [
            ("secret.txt", "secret.txt"), ("./secret.txt", "secret.txt"), ("a/../secret.txt", "secret.txt"),
            ("/home/me/project/secret.txt", "secret.txt"), ("//home/me//project/./a/b", "a/b"), ("a//b/", "a/b"),
            (".", "."), ("/home/me/project", "."), ("a/..", "."),
        ])
    func aFileHasOneNameHoweverItIsSpelled(text: String, expected: String) {
        #expect(RelativePath(lexically: text, roots: ["/home/me/project"])?.description == expected)
    }

    @Test(arguments: ["..", "a/../..", "/etc/passwd", "/home/me/projects", "/"])
    func whatLiesOutsideHasNone(text: String) {
        #expect(RelativePath(lexically: text, roots: ["/home/me/project"]) == nil)
    }

    private func workspace(_ rule: @escaping @Sendable (String) -> Permission) async throws -> OpenWorkspace {
        var options = WorkspaceOptions()
        options.permission = { _, subject in subject.names.map(rule).max() ?? .allow }
        return try await OpenWorkspace(
            ["secret.txt": "key\n", "open.txt": "key\n", "private/a.txt": "key\n"], options: options)
    }

    @Test func aSymlinkGetsAroundNoRule() async throws {
        let workspace = try await workspace { $0 == "secret.txt" || $0.hasPrefix("private/") ? .deny : .allow }
        try workspace.directory.directory.createSymlink(RelativePath("notes.txt"), target: Array("secret.txt".utf8))
        try workspace.directory.directory.createSymlink(RelativePath("more"), target: Array("private".utf8))
        for path in ["notes.txt", "more/a.txt"] {
            let read = try await workspace.output("read_file", ["path": .string(path)])
            #expect(read.isError && read.text.contains("the user's policy guards"))
            let write = try await workspace.output("write_file", ["path": .string(path), "content": "x"])
            #expect(write.isError && write.text.contains("the user's policy guards"))
        }
        #expect(try await workspace.output("read_file", ["path": "open.txt"]).isError == false)
    }

    @Test func aSearchLeavesOutWhatIsDenied() async throws {
        let workspace = try await workspace { $0 == "secret.txt" || $0.hasPrefix("private/") ? .deny : .allow }
        let found = try await workspace.output("search_text", ["pattern": "key"])
        #expect(found.text == "open.txt:1: key\n")
    }

    @Test func whatACallIsAboutIsSaidInAllItsNames() async throws {
        let workspace = try await workspace { _ in .allow }
        let subjects = workspace.environment.subjects(of: Call("read_file", ["path": "./private/../secret.txt"]))
        let root = workspace.directory.path
        #expect(subjects == [CallSubject(["secret.txt", "secret.txt/", root + "/secret.txt"])])
        #expect(workspace.environment.subjects(of: Call("read_file", ["path": "/etc/x"])) == [CallSubject(["/etc/x"])])
        #expect(workspace.environment.subjects(of: Call("run_command", ["command": "ls"])).isEmpty)
    }
}
