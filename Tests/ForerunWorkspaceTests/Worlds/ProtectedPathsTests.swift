import Testing

@testable import ForerunWorkspace

struct ProtectedPathsTests {
    private func isAllowed(_ path: String, _ content: String = "", before: String? = nil) -> Bool {
        (try? ProtectedPaths.allow(RelativePath(path), .file, roots: ["/ws"]) {
            Array(content.utf8)
        } before: {
            before.map { Array($0.utf8) }
        }) ?? false
    }

    @Test(arguments: [
        ".git/hooks/pre-commit", "a/b/.git/hooks/x", ".GIT/Hooks/x", ".git/hooks", ".git/modules/a/hooks/x",
        ".git/modules/a/b/modules/c/hooks/x", ".vscode/tasks.json", ".VSCODE", ".envrc", ".claude/settings.json",
        ".cursor/mcp.json", ".idea/x", ".mcp.json", ".forerun/config.yaml", ".git/commondir", "a/.git/gitdir",
        ".git/modules/x/commondir",
    ])
    func closedPaths(_ path: String) {
        #expect(!isAllowed(path))
        #expect(ProtectedPaths.isClosed(RelativePath(path)))
    }

    @Test(arguments: [
        "hooks/x", "src/config", ".git/HEAD", ".git/refs/heads/config", ".git/refs/heads/hooks/x", ".github/x",
        ".git/hooks/pre-commit.sample", ".git/modules/m/refs/heads/config", "a/.envrc", "git/hooks/x", ".gitmodules",
        ".git/objects/hooks/x", ".git/info/exclude",
    ])
    func openPaths(_ path: String) {
        #expect(isAllowed(path, "anything"))
        #expect(!ProtectedPaths.isClosed(RelativePath(path)))
    }

    @Test(arguments: [
        ("gitdir: ../.git/modules/sub\n", true), ("gitdir: /ws/.git/worktrees/w\n", true),
        ("gitdir: ../.git/modules", false), ("gitdir: ../evil", false), ("gitdir: /elsewhere/.git/modules/x", false),
        ("gitdir: ../../.git/modules/x", false), ("gitdir: ../.git/modules/../../evil", false), ("nothing", false),
        ("gitdir: ../.git/modules/x/../../../evil/y", false),
    ])
    func pointersLeadToProtectedPlaces(_ content: String, isGood: Bool) {
        #expect(isAllowed("sub/.git", content) == isGood)
    }

    @Test func settingsThatRunNothingMayChange() {
        let plain =
            "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = https://example.com/x.git\n\tfetch = +refs/*:refs/*\n"
        #expect(isAllowed(".git/config", plain))
        #expect(
            isAllowed("sub/.git/config", plain + "[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n"))
        let armed = plain + "[core]\n\tfsmonitor = ./evil\n"
        #expect(!isAllowed(".git/config", armed))
        // It was there before; the user knows.
        #expect(isAllowed(".git/config", armed + "[user]\n\tname = n\n", before: armed))
        #expect(!isAllowed(".git/config", armed.replacingEvil(by: "./other"), before: armed))
    }

    @Test(arguments: [
        "[core] fsmonitor = x", "[core]fsmonitor=x", "[CORE]\nFSMonitor = x", "[alias]\n\tst = !evil",
        "[include]\npath = x",
        "[includeIf \"gitdir:x\"]\n\tpath = y", "[core]\n\tabbrev = 4 \\\n", "[remote \"o\"]\n\turl = ext::sh -c evil",
        "[filter \"x\"]\n\tsmudge = evil", "[remote \"a]b\"]\n\tvcs = x", "[core", "key = value",
        "[core]\r\n\thooksPath = x\r\n",
        "[diff \"x\"]\n\ttextconv = evil", "[submodule \"s\"]\n\tupdate = !evil", "[credential]\n\thelper = !evil",
        "[remote \"[core]\"]\n\tfsmonitor = x", "[core]\n\tworktree = /\n", "[gpg]\n\tprogram = x",
        "[core]\n\tsshCommand",
    ])
    func settingsThatMayRunSomethingAreNamed(_ text: String) {
        #expect(!GitSettings.programs(in: Array(text.utf8)).isEmpty)
    }
}

extension String {
    fileprivate func replacingEvil(by other: String) -> String {
        split(separator: "./evil").joined(separator: other) + "\n"
    }
}
