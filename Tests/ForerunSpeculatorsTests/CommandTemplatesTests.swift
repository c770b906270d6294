import ForerunCore
import Testing

@testable import ForerunSpeculators

struct CommandTemplatesTests {
    @Test(arguments: [
        ("git status", "git status"), ("python -m pytest tests/test_a.py -q", "python -m pytest … -q"),
        ("sed -n 10,20p src/a.swift", "sed -n …"), (#"grep -rn "two words" src"#, "grep -rn … src"),
        ("make\nmake test", "make"),
    ])
    func whatVariesIsLeftOut(command: String, template: String) {
        #expect(CommandTemplates.template(of: command) == template)
    }

    @Test(arguments: ["", "./run.sh", "curl -H 'Authorization: Bearer sk-1234567890abcdefghij'", "PASSWORD=geheim run"])
    func secretsAndBarePathsAreNotKept(command: String) {
        #expect(CommandTemplates.template(of: command) == nil)
    }

    @Test func frequentOnesComeFirstAndAreKept() throws {
        var templates = CommandTemplates()
        for command in ["make test", "git status", "make test", "ls a/b", "ls c/d", "make test"] {
            templates.learn(Turn(calls: [Call("run_command", ["command": .string(command)])]))
        }
        #expect(templates.frequent(8) == ["make test", "ls …"])
        #expect(CommandTemplates(snapshot: try JSON(parsing: templates.snapshot.text)) == templates)
        #expect(CommandTemplates(snapshot: [["make", 0], ["make"], 7, ["x", "y"]]) == CommandTemplates())
    }

    @Test func theyAreBounded() {
        var templates = CommandTemplates()
        let letters = "abcdefghijklmnopqrstuvwxyz"
        for a in letters {
            for b in letters { templates.learn(Turn(calls: [Call("sh", ["cmd": .string("run \(a)\(b)")])])) }
        }
        #expect(templates.snapshot.arrayValue?.count ?? 0 <= 200)
    }
}
