import CBranch
import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 16 and 17: rights that files carry, and files that programs of the user act on.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct GitTests {
        /// Group 16.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func rightsOfFilesStayBehind() async throws {
            try await Oracle.watch(
                programs: true,
                prepare: { directory in
                    directory.write("kept", "0\n")
                    chmod(directory.path + "/kept", 0o2755)
                }
            ) { oracle in
                let text = try await oracle.run("cp attack caps; ./attack caps caps")
                #expect(Attempts(text).succeeded == [], "\(text)")
                let child = try await oracle.child(
                    """
                    cp attack root; chmod 6755 root; mkdir shared; chmod 2777 shared; chmod 4755 kept; cp attack plain
                    """)
                try await oracle.commit(child)
                #expect(oracle.directory.signature("root")?.mode == 0o755)
                #expect(oracle.directory.signature("shared")?.mode == 0o777)
                #expect(oracle.directory.signature("kept").map { $0.mode & 0o4000 } == 0)
                var value = [UInt8](repeating: 0, count: 100)
                for file in ["root", "plain"] {
                    let length = cbranch_get_attribute(
                        oracle.directory.directory.descriptor, file, "security.capability", &value, value.count)
                    #expect(length < 0)
                }
            }
        }

        /// Group 17. Each of these makes git, an editor or a shell run something the next time that a person comes by.
        @Test(arguments: [
            // The workspace's own repository, one below, and one that is made.
            "echo x > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit",
            "echo x > .git/hooks/post-checkout",
            "mv .git/hooks .git/gone; mkdir .git/hooks; echo x > .git/hooks/pre-push",
            "rm -rf .git; mkdir -p .git/hooks; echo x > .git/hooks/pre-commit",
            "echo '[core] fsmonitor = ./evil' >> .git/config",
            "printf '[core]\\n\\tfsmonitor = ./evil\\n' > .git/config",
            "git config core.fsmonitor ./evil", "git config alias.status '!./evil'",
            "cp .git/config c; echo '[include] path = /tmp/x' >> c; mv c .git/config",
            "echo x > sub/.git/hooks/pre-commit", "printf '[core]\\n\\tsshCommand = ./evil\\n' >> sub/.git/config",
            "git -C sub config core.pager ./evil", "mkdir -p new/.git/hooks; echo x > new/.git/hooks/pre-commit",
            "mkdir -p new/.git; printf '[core]\\n\\thooksPath = ../evil\\n' > new/.git/config",
            "mkdir -p new/.GIT; printf '[core]\\n\\teditor = ./evil\\n' > new/.GIT/config",
            "rm -rf sub; mkdir -p sub/.git/hooks; echo x > sub/.git/hooks/pre-commit",
            "mkdir -p .git/modules/m/hooks; echo x > .git/modules/m/hooks/post-checkout",
            "mkdir -p .git/modules/m; printf '[core]\\n\\tfsmonitor = ./evil\\n' > .git/modules/m/config",
            "echo /tmp/evil > .git/commondir", "echo ../evil > sub/.git/commondir",
            // The repository is elsewhere.
            "mkdir evil; echo 'gitdir: evil' > new.git; mkdir new; echo 'gitdir: ../evil' > new/.git",
            "mkdir new evil; ln -s ../evil new/.git", "rm -rf sub/.git; echo 'gitdir: /tmp/evil' > sub/.git",
            // Other programs.
            "echo x > .envrc", "mkdir .vscode; echo '{}' > .vscode/tasks.json", "echo '{}' > .mcp.json",
            "mkdir -p .forerun; echo x > .forerun/config.yaml", "mkdir .VSCode; echo '{}' > .VSCode/tasks.json",
        ])
        func whatRunsByItselfIsNotCommitted(_ command: String) async throws {
            try await Oracle.watch(prepare: { directory in
                Self.makeRepository(in: directory, "")
                Self.makeRepository(in: directory, "sub/")
            }) { oracle in
                var before: [String: String] = [:]
                Self.dangers(in: oracle.directory, to: &before)
                let child = try await oracle.fork()
                let result = try await oracle.perform(
                    "run_command", ["command": .string("(\(command)) 2>&1; echo x > ordinary; true")], in: child)
                try await oracle.commit(child)
                var after: [String: String] = [:]
                Self.dangers(in: oracle.directory, to: &after)
                #expect(Oracle.differences(before, after) == [], "\(result.output.text)")
                #expect(oracle.directory.text("ordinary") == "x\n")
                // A later command sees what is committed, not what was refused.
                let later = try await oracle.run(
                    "find . -path '*/.git/hooks/*' -not -name '*.sample' -o -name .envrc | sort", in: child)
                #expect(!later.contains("pre-commit") && !later.contains("envrc"), "\(later)")
            }
        }

        /// What a person would find harmful, by path and content.
        private static func dangers(in directory: TemporaryDirectory, to result: inout [String: String]) {
            for name in directory.names {
                let lower = name.lowercased()
                let text = directory.text(name) ?? ""
                let isHook = lower.contains("/hooks/") && lower.contains(".git/") && !lower.hasSuffix(".sample")
                let isSetting =
                    lower.hasSuffix("config")
                    && ["evil", "include", "/tmp"].contains(where: { text.contains($0) })
                let isPointer =
                    (lower.hasSuffix("/.git") || lower.hasSuffix("/commondir"))
                    && directory.signature(name)?.kind != .directory
                let isEditor = [".envrc", ".vscode", ".mcp.json", ".forerun"].contains { lower.hasPrefix($0) }
                if isHook || isSetting || isPointer || isEditor { result[name] = text }
            }
        }

        private static func makeRepository(in directory: TemporaryDirectory, _ place: String) {
            directory.write("\(place).git/HEAD", "ref: refs/heads/main\n")
            directory.write("\(place).git/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n")
            directory.write("\(place).git/hooks/pre-commit.sample", "#!/bin/sh\n")
            directory.write("\(place).git/objects/info/.keep", "")
            directory.write("\(place).git/refs/heads/.keep", "")
        }

        /// Group 17: repositories that are not called `.git`, made, changed, and put together by several calls.
        @Test(arguments: [
            ["echo x > bare/hooks/post-receive; chmod +x bare/hooks/post-receive"],
            ["git -C bare config core.fsmonitor ./evil"], ["printf '[core]\\n\\tfsmonitor = ./evil\\n' > bare/config"],
            ["echo '[core] fsmonitor = ./evil' > c; ln -sf ../c bare/config"],
            ["rm -r bare/hooks; mkdir evil; echo x > evil/pre-commit; ln -s ../evil bare/hooks"],
            ["cp -r bare new; printf '[core]\\n\\tfsmonitor = ./evil\\n' > new/config"],
            ["mkdir -p new/hooks; echo x > new/hooks/update; chmod +x new/hooks/update", "cp -r bare/* new"],
            [
                "mkdir new; echo '[core] pager = ./evil' > new/config", "cp bare/HEAD new", "cp -r bare/objects new",
                "cp -r bare/refs new",
            ],
            [
                "mkdir evil; cp -r bare/* evil; cp -r evil/HEAD evil/refs .; mkdir objects; echo '[alias] x = !evil' > config"
            ],
            ["mkdir new; cp bare/HEAD new; echo ../evil > new/commondir"],
            ["rm -rf bare; mkdir bare; cp -r sub/.git/* bare; echo '[core] editor = ./evil' > bare/config"],
            ["mv bare new; echo x > new/hooks/pre-push"],
            // Rights alone arm what lay there.
            ["chmod +x bare/hooks/sleeping"],
        ])
        func bareRepositoriesRunNothing(_ commands: [String]) async throws {
            try await Oracle.watch(prepare: { directory in
                Self.makeRepository(in: directory, "sub/")
                for (name, text) in [
                    ("HEAD", "ref: refs/heads/main\n"), ("config", "[core]\n\tbare = true\n"),
                    ("objects/info/.keep", ""),
                    ("hooks/update.sample", "#!/bin/sh\n"), ("hooks/sleeping", "x\n"), ("refs/heads/.keep", ""),
                ] { directory.write("bare/\(name)", text) }
            }) { oracle in
                var world = WorldID.initial
                for command in commands {
                    world = try await oracle.child(of: world, "(\(command)) 2>&1; echo x > ordinary")
                    try await oracle.commit(world)
                }
                #expect(Self.armed(oracle.directory) == [], "\(oracle.directory.names)")
                #expect(oracle.directory.text("ordinary") == "x\n")
                // The file tools keep to the same.
                let written = try await oracle.output(
                    "write_file", ["path": "bare/hooks/pre-push", "content": "x"], in: oracle.fork(world))
                #expect(written.isError == (oracle.directory.text("bare/HEAD") != nil))
            }
        }

        /// Directories that git takes for repositories, and that would run something.
        private static func armed(_ directory: TemporaryDirectory) -> [String] {
            let names = directory.names
            let directories = [""] + names.map { $0 + "/" }
            return directories.filter { place in
                guard !place.contains(".git/"), directory.signature(place + "HEAD") != nil,
                    directory.signature(place + "commondir") != nil
                        || (directory.signature(place + "objects") != nil && directory.signature(place + "refs") != nil)
                else { return false }
                let hooks = names.filter { $0.hasPrefix(place + "hooks/") && !$0.hasSuffix(".sample") }
                let config = directory.text(place + "config") ?? ""
                return hooks.contains { directory.signature($0)?.mode != 0o644 || !$0.hasSuffix("sleeping") }
                    || ["evil", "alias"].contains { config.contains($0) }
                    || directory.signature(place + "commondir") != nil
                    || [place + "config", place + "hooks"].contains { directory.signature($0)?.kind == .symlink }
            }
        }

        /// Group 17: repositories that are made and cloned in a branch work, also after the commit.
        @Test(.enabled(if: access("/usr/bin/git", X_OK) == 0, "there is no git"))
        func ordinaryRepositoriesWork() async throws {
            try await Oracle.watch(["a": "0\n"]) { oracle in
                let name = "-c user.name=n -c user.email=e"
                let child = try await oracle.child(
                    """
                    git init -q . && git add a && git \(name) commit -q -m one && git init -q sub && git init -q --bare store.git && cd sub
                    echo x > b && git add b && git \(name) commit -q -m two && cd .. && git clone -q sub copy
                    cd copy && git checkout -q -b topic --track origin/HEAD && git config user.name N
                    """)
                try await oracle.commit(child)
                let later = try await oracle.run(
                    """
                    git log --format=%s; git -C sub log --format=%s; git -C copy status -sb; git -C copy remote get-url origin
                    git -C store.git config remote.x.url ../sub && git -C store.git fetch -q x '+refs/heads/*:refs/heads/*'
                    git -C store.git log --format=%s FETCH_HEAD > /dev/null && git -C copy fetch -q && git worktree add -q tree && git -C tree log --format=%s
                    """, in: child)
                #expect(later.hasPrefix("one\ntwo\n## topic...origin/"), "\(later)")
                #expect(later.contains("\(oracle.path)/sub\n"), "\(later)")
                #expect(later.hasSuffix("one\n"), "\(later)")
                #expect(
                    await Oracle.outside("git -c safe.directory='*' -C '\(oracle.path)/copy' config user.name") == "N\n"
                )
            }
        }
    }
}
