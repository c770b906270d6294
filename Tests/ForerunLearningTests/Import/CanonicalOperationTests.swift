import ForerunCore
import Testing

@testable import ForerunLearning

struct CanonicalOperationTests {
    @Test(arguments: [
        ("Read", CanonicalOperation.read), ("read_file", .read), ("read_many_files", .read), ("view_image", .read),
        ("ls", .list), ("list_dir", .list), ("tree", .list), ("list_directory", .list), ("glob", .glob),
        ("Glob", .glob),
        ("find", .glob), ("Grep", .grep), ("grep_search", .grep), ("search_file_content", .grep),
        ("apply_patch", .edit),
        ("replace", .edit), ("Edit", .edit), ("write", .write), ("Write", .write), ("write_file", .write),
        ("WebFetch", .web), ("google_web_search", .web), ("websearch", .web), ("update_plan", .plan),
        ("TodoWrite", .plan), ("write_todos", .plan), ("get_order_details", .other), ("Task", .other),
        ("mcp__files__read", .other),
    ])
    func toolsOfAllAgents(name: String, operation: CanonicalOperation) {
        #expect(CanonicalOperation(Call(name)) == operation)
    }

    @Test(arguments: [
        ("sed -n 1,5p a", CanonicalOperation.read), ("cd x && cat a && head b", .read), ("ls", .list), ("rg x", .grep),
        ("find . -name a", .glob), ("make test", .shell), ("cat a; rm b", .shell), ("sed -i s/a/b/ c", .edit),
    ])
    func commandsAreLookedInto(command: String, operation: CanonicalOperation) {
        #expect(CanonicalOperation(Call("Bash", ["command": .string(command)])) == operation)
        #expect(CanonicalOperation(Call("exec_command", ["cmd": .string(command)])) == operation)
        #expect(CanonicalOperation(Call("shell", ["command": ["bash", "-lc", .string(command)]])) == operation)
    }

    @Test func editorsDoWhatTheirCommandSays() {
        #expect(CanonicalOperation(Call("developer__text_editor", ["command": "view"])) == .read)
        #expect(CanonicalOperation(Call("developer__text_editor", ["command": "write"])) == .write)
        #expect(CanonicalOperation(Call("developer__text_editor", ["command": "str_replace"])) == .edit)
        #expect(CanonicalOperation(Call("developer__shell", ["command": "ls"])) == .list)
    }

    @Test func wordsOfACommandAreQuoted() {
        #expect(Call("shell", ["command": ["grep", "a b", "it's"]]).shellText == #"grep 'a b' 'it'\''s'"#)
        #expect(
            ShellUse.uses(of: Call("shell", ["command": ["grep", "a b", "c"]]).shellText ?? "") == [
                .search(pattern: "a b", paths: ["c"])
            ])
        #expect(Call("get", ["command": "ls"]).shellText == nil)
    }
}
