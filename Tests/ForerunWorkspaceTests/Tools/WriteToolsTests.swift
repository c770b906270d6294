import ForerunCore
import Testing

@testable import ForerunWorkspace

struct WriteToolsTests {
    @Test func writeFileMakesAndReplaces() async throws {
        let workspace = try await OpenWorkspace(["run.sh": "old"])
        workspace.directory.write("run.sh", "old", mode: 0o750)
        let child = try await workspace.fork()
        let made = try await workspace.perform("write_file", ["path": "x/y/z", "content": "new"], in: child)
        #expect(made.output == Output("made x/y/z: 3 bytes"))
        #expect(made.writes == .resources(["/x", "/x/y", "/x/y/z"]))
        let next = try await workspace.child(of: child, "write_file", ["path": "run.sh", "content": "new"])
        #expect(workspace.directory.names == ["run.sh"])
        #expect(workspace.directory.text("run.sh") == "old")
        try await workspace.environment.commit(child)
        try await workspace.environment.commit(next)
        #expect(workspace.directory.names == ["run.sh", "x", "x/y", "x/y/z"])
        #expect(workspace.directory.text("run.sh") == "new")
        #expect(workspace.directory.signature("run.sh")?.mode == 0o750)
    }

    @Test func editFileReplacesExactly() async throws {
        let workspace = try await OpenWorkspace(["a": "x = 1\ny = 1\n"])
        let child = try await workspace.fork()
        let output = try await workspace.output(
            "edit_file", ["path": "a", "old_text": "y = 1", "new_text": "y = 2"], in: child)
        #expect(output == Output("changed a in line 2"))
        let next = try await workspace.fork(child)
        #expect(
            try await workspace.output(
                "edit_file", ["path": "a", "old_text": " = ", "new_text": ":", "replace_all": true], in: next
            ).text
                == "changed a in 2 places")
        #expect(try await workspace.output("read_file", ["path": "a"], in: next).text == "     1\tx:1\n     2\ty:2\n")
        #expect(
            try await workspace.output("read_file", ["path": "a"], in: child).text == "     1\tx = 1\n     2\ty = 2\n")
    }

    @Test(
        arguments: [
            ("edit_file", ["path": "a", "old_text": "1", "new_text": "2"], "occurs 2 times in a (lines 1, 2)"),
            ("edit_file", ["path": "a", "old_text": "z", "new_text": "2"], "does not occur in a; read the file again"),
            ("edit_file", ["path": "a", "old_text": "x=1", "new_text": "2"], "exactly this white space"),
            ("edit_file", ["path": "a", "old_text": "", "new_text": "2"], "must not be empty"),
            ("edit_file", ["path": "a", "old_text": "x", "new_text": "x"], "are the same"),
            ("edit_file", ["path": "b", "old_text": "x", "new_text": "y"], "there is no file b"),
            ("edit_file", ["path": "d", "old_text": "x", "new_text": "y"], "is a directory"),
            ("edit_file", ["path": "a", "old_text": "x"], "needs the argument new_text"),
            ("write_file", ["path": "d", "content": ""], "is a directory"),
            ("write_file", ["path": "n/", "content": ""], "is a directory"),
            ("write_file", ["path": "a/b", "content": ""], "a is no directory"),
            ("write_file", ["path": "../b", "content": ""], "outside of the workspace"),
            ("write_file", ["path": "", "content": ""], "is a directory"),
            ("write_file", ["path": "a"], "needs the argument content"),
            ("nonsense", [:], "there is no tool nonsense"),
        ] as [(String, JSON, String)])
    func badInputIsAnOutput(_ name: String, _ arguments: JSON, _ reason: String) async throws {
        let workspace = try await OpenWorkspace(["a": "x = 1\ny = 1\n", "d/e": ""])
        let result = try await workspace.perform(name, arguments, in: workspace.fork())
        #expect(result.output.isError)
        #expect(result.output.text.contains(reason), "\(result.output.text)")
        #expect(result.writes == .nothing)
    }
}
