import ForerunCore
import Glibc
import Synchronization
import Testing

@testable import ForerunWorkspace

@Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
struct RunCommandTests {
    @Test func outputIsInterleavedAndStatusNamed() async throws {
        let workspace = try await OpenWorkspace()
        #expect(try await workspace.run("echo one; echo two >&2; echo three") == "one\ntwo\nthree\n")
        #expect(try await workspace.run("printf x; exit 3") == "x\nexit status 3")
        #expect(try await workspace.run("kill -9 $$") == "exit status 137")
        #expect(try await workspace.run("true") == "(no output)")
        #expect(try await workspace.run("cat; pwd") == workspace.directory.path + "\n")
    }

    @Test func changesBecomeALayer() async throws {
        let workspace = try await OpenWorkspace(["a": "0", "b": "0", "d/x": "0", "same": "0"])
        let child = try await workspace.fork()
        let result = try await workspace.perform(
            "run_command",
            [
                "command":
                    "echo 1 > a; rm b; rm -r d; mkdir -p n/m; echo z > n/m/z; ln -s a l; chmod 700 n; chmod 0644 same"
            ],
            in: child)
        #expect(result.output.text == "(no output)")
        #expect(result.writes == .resources(["/a", "/b", "/d", "/d/x", "/n", "/n/m", "/n/m/z", "/l"]))
        #expect(workspace.directory.names == ["a", "b", "d", "d/x", "same"])
        #expect(
            try await workspace.output("list_directory", ["depth": 9], in: child).text
                == "a\nl -> a\nn/\nn/m/\nn/m/z\nsame\n")
        let digest = try await workspace.environment.digest(of: child)
        let untouched = workspace.directory.signature("same")
        // A fork of the fork sees it too, in a copy of its own.
        #expect(try await workspace.run("cat a n/m/z; ls", in: child) == "1\nz\na\nl\nn\nsame\n")
        try await workspace.environment.commit(child)
        #expect(workspace.directory.names == ["a", "l", "n", "n/m", "n/m/z", "same"])
        #expect(workspace.directory.signature("n")?.mode == 0o700)
        #expect(workspace.directory.signature("same") == untouched)
        #expect(try await workspace.environment.digest(of: child) == digest)
    }

    @Test func siblingsDoNotMeet() async throws {
        let workspace = try await OpenWorkspace(["a": "0"])
        let one = try await workspace.child("run_command", ["command": "echo 1 > a; echo x > only-one"])
        let two = try await workspace.child("run_command", ["command": "cat a >> b; ls"])
        #expect(try await workspace.output("list_directory", [:], in: one).text == "a\nonly-one\n")
        #expect(try await workspace.output("list_directory", [:], in: two).text == "a\nb\n")
        #expect(try await workspace.run("ls; cat a") == "a\n0")
    }

    @Test func editsByOthersAreSeenByTheNextCommand() async throws {
        let workspace = try await OpenWorkspace(["a": "0\n"])
        #expect(try await workspace.run("cat a") == "0\n")
        workspace.directory.write("a", "1\n")
        workspace.directory.write("new", "")
        #expect(try await workspace.run("cat a; ls") == "1\na\nnew\n")
    }

    @Test func modesLinksAndTimesAreCopied() async throws {
        let workspace = try await OpenWorkspace(["a": "0"])
        let root = workspace.directory.directory
        try root.createSymlink(RelativePath("link"), target: Array("nowhere".utf8))
        try root.create(RelativePath("old"), content: [], mode: 0o751, modified: 1_000_000_000_123_456_789)
        try root.createDirectory(RelativePath("locked"), mode: 0o500)
        try root.create(RelativePath(bytes: [0xFF, 0xFE]), content: [49], mode: 0o600, modified: 0)
        mkfifo(workspace.directory.path + "/pipe", 0o600)
        let listing = "stat -c '%n %a %.9Y %F' old locked; readlink link; cat $(printf '\\377\\376'); ls | wc -l"
        let listed = try await workspace.run(listing)
        #expect(
            listed
                == "old 751 1000000000.123456789 regular empty file\nlocked 500 "
                + "\(workspace.directory.signature("locked").map { String($0.modified / 1_000_000_000) } ?? "")."
                + "\(workspace.directory.signature("locked").map { String(String($0.modified % 1_000_000_000 + 1_000_000_000).dropFirst()) } ?? "")"
                + " directory\nnowhere\n16\n")
    }

    @Test func timeOutsAreFailures() async throws {
        let workspace = try await OpenWorkspace(["a": "0"])
        let child = try await workspace.fork()
        let failure = await #expect(throws: CallFailure.self) {
            try await workspace.perform(
                "run_command", ["command": "echo 1 > a; sleep 1000", "timeout_seconds": 1], in: child)
        }
        #expect(failure?.kind == .timedOut)
        #expect(failure?.message.contains("after 1 seconds") == true)
        #expect(try await workspace.run("cat a") == "0")
    }

    @Test func cancellingKillsTheWholeTree() async throws {
        let workspace = try await OpenWorkspace()
        let marker = "31\(getpid())7"
        let environment = workspace.environment
        let child = try await workspace.fork()
        let call = Call(
            "run_command", ["command": .string("(setsid sleep \(marker) & ) ; nohup sleep \(marker) & sleep \(marker)")]
        )
        let task = Task {
            let result: Result<CallResult, CallFailure>
            do throws(CallFailure) {
                result = .success(try await environment.perform(call, in: child, context: CallContext()))
            } catch {
                result = .failure(error)
            }
            return result
        }
        while Self.processes(with: marker).count < 3 { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let result = await task.value
        #expect(Self.processes(with: marker) == [])
        #expect(result == .failure(CallFailure(.cancelled, "the command was ended")))
    }

    @Test func cancellingAtOnceLeavesNothing() async throws {
        let workspace = try await OpenWorkspace()
        let environment = workspace.environment
        let marker = "32\(getpid())7"
        for round in 0..<10 {
            let child = try await workspace.fork()
            let task = Task {
                try await environment.perform(
                    Call("run_command", ["command": .string("sleep \(marker)")]), in: child, context: CallContext())
            }
            try await Task.sleep(for: .milliseconds(round))
            task.cancel()
            await #expect(throws: CallFailure.self) { try await task.value }
            #expect(Self.processes(with: marker) == [])
        }
    }

    @Test func backgroundProcessesEndWithTheirCall() async throws {
        let workspace = try await OpenWorkspace()
        let marker = "33\(getpid())7"
        #expect(
            try await workspace.run("setsid sleep \(marker) >/dev/null 2>&1 & sleep \(marker) & echo done") == "done\n")
        #expect(Self.processes(with: marker) == [])
    }

    @Test func secretsNetworkAndTheRestOfTheSystemAreOutOfReach() async throws {
        setenv("FORERUN_TEST_API_KEY", "secret", 1)
        let home = getenv("HOME").map { String(cString: $0) } ?? "/root"
        let hadKeys = access(home + "/.ssh", F_OK) == 0
        if !hadKeys { mkdir(home + "/.ssh", 0o700) }
        let probe = "\(home)/.ssh/forerun-test-\(getpid())"
        close(creat(probe, 0o600))
        defer {
            unlink(probe)
            if !hadKeys { rmdir(home + "/.ssh") }
        }
        let workspace = try await OpenWorkspace()
        let seen = try await workspace.run("ls -A ~/.ssh 2>/dev/null; env | grep -c API_KEY")
        #expect(seen == "0\nexit status 1")
        #expect(try await workspace.run("cat /proc/net/dev | tail -n +3 | cut -d: -f1 | tr -d ' '") == "lo\n")
        #expect(try await workspace.run("touch /etc/x ~/x \(workspace.scratch.path)/x").contains("exit status 1"))
        #expect(
            try await workspace.run("mount -o remount,rw / 2>&1; umount /tmp; ls /run").contains("exit status") == false
        )
        #expect(access("/etc/x", F_OK) != 0)
        #expect(try await workspace.run("echo $TERM; echo 1 > /tmp/x; ls -A /tmp | grep '^x$'") == "dumb\nx\n")
        #expect(try await workspace.run("ls -A /tmp | grep '^x$'; id -u") == "\(geteuid())\n")
    }

    @Test(.enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"))
    func secretsThatComeLaterAreHiddenToo() async throws {
        let home = try #require(Oracle.home)
        let workspace = try await OpenWorkspace()
        // In the home directory itself, and in a directory of it that is there.
        let candidates = [".pgpass", ".netrc", ".pypirc", ".kube"].map { "\(home)/\($0)" }
        let path = try #require(candidates.first { access($0, F_OK) != 0 })
        let plain = "\(home)/forerun-test-\(getpid())"
        for file in [path, plain] { close(creat(file, 0o600)) }
        defer { for file in [path, plain] { unlink(file) } }
        let text = try await workspace.run(
            "for f in '\(path)' '\(plain)'; do test -e $f && echo $f; done; ls -A ~ | wc -l")
        #expect(!text.contains(path), "\(text)")
        // With mounts inside, only what was there is shown.
        #expect(text.hasPrefix("\(plain)\n") != Oracle.hasMountsInHome, "\(text)")
    }

    @Test func longOutputKeepsHeadAndTail() async throws {
        let workspace = try await OpenWorkspace(options: WorkspaceOptions(outputLimit: 1000))
        let text = try await workspace.run("seq 1 100000")
        #expect(text.utf8.count < 1100)
        #expect(text.hasPrefix("1\n2\n3\n"))
        #expect(text.hasSuffix("\n99999\n100000\n"))
        #expect(text.contains("… 587895 bytes cut …"))
        #expect(try await workspace.run("head -c 20000000 /dev/zero | tr '\\0' x").utf8.count < 1100)
    }

    @Test func rootDirectoryIsPresentedElsewhere() async throws {
        let other = try TemporaryDirectory()
        let workspace = try await OpenWorkspace(["a": "x\n"], options: WorkspaceOptions(presentedPath: other.path))
        #expect(try await workspace.run("pwd; cat \(other.path)/a; echo 1 > b") == "\(other.path)\nx\n")
        #expect(try await workspace.output("read_file", ["path": .string(other.path + "/a")]).text == "     1\tx\n")
        #expect(other.names == [])
    }

    @Test(.enabled(if: geteuid() != 0, "root may do everything"))
    func writeProtectionIsKept() async throws {
        let workspace = try await OpenWorkspace(["d/a": "0", "f": "0"])
        chmod(workspace.directory.path + "/d", 0o500)
        chmod(workspace.directory.path + "/f", 0o400)
        #expect(try await workspace.output("write_file", ["path": "d/b", "content": ""], in: workspace.fork()).isError)
        #expect(try await workspace.output("write_file", ["path": "f", "content": ""], in: workspace.fork()).isError)
        #expect(try await workspace.run("echo 1 > f; echo 1 > d/b; rm d/a; ls -R").hasSuffix(".:\nd\nf\n\n./d:\na\n"))
        let child = try await workspace.child(
            "run_command", ["command": "chmod u+w d; rm d/a; echo 1 > d/b; chmod 500 d"])
        try await workspace.environment.commit(child)
        #expect(workspace.directory.names == ["d", "d/b", "f"])
        #expect(workspace.directory.signature("d")?.mode == 0o500)
        chmod(workspace.directory.path + "/f", 0o000)
        let refused = try await workspace.output("read_file", ["path": "f"], in: child)
        #expect(refused.isError && refused.text.contains("Permission denied"))
        #expect(try await workspace.run("cat f; ls", in: child).contains("Permission denied"))
        let opened = try await workspace.child(of: child, "run_command", ["command": "chmod 600 f; echo 1 > f"])
        try await workspace.environment.commit(opened)
        #expect(workspace.directory.text("f") == "1\n")
    }

    @Test func specialFilesAreNoPartOfAWorld() async throws {
        let workspace = try await OpenWorkspace()
        let child = try await workspace.child("run_command", ["command": "mkfifo p; touch a"])
        #expect(try await workspace.run("ls", in: child) == "a\n")
        try await workspace.environment.commit(child)
        #expect(workspace.directory.names == ["a"])
    }

    @Test func whatIsBelowTmpLivesAsLongAsTheRun() async throws {
        let workspace = try await OpenWorkspace(["a": "0"])
        let one = try await workspace.child("run_command", ["command": "echo 1 > /tmp/x; echo 1 > b"])
        // A child sees it, a sibling does not, and it stays when the changes of the workspace are committed.
        #expect(try await workspace.run("cat /tmp/x", in: one) == "1\n")
        #expect(try await workspace.run("ls /tmp/x 2>/dev/null").hasSuffix("exit status 2"))
        try await workspace.environment.commit(one)
        #expect(try await workspace.run("cat /tmp/x b a", in: one) == "1\n1\n0")
        #expect(workspace.directory.names == ["a", "b"])
        var world = one
        for number in 0..<(TemporaryLayer.most + 4) {
            let command = "echo \(number) > /tmp/\(number); rm -rf /tmp/d; mkdir /tmp/d; touch /tmp/d/\(number)"
            world = try await workspace.child(of: world, "run_command", ["command": .string(command)])
        }
        let last = TemporaryLayer.most + 3
        let seen = try await workspace.run("cat /tmp/x /tmp/0 /tmp/\(last); ls /tmp/d", in: world)
        #expect(seen == "1\n0\n\(last)\n\(last)\n")
    }

    @Test func protectedPathsCannotBeChangedOrMade() async throws {
        let workspace = try await OpenWorkspace(["a": "0", ".git/hooks/pre-commit": "old", ".git/HEAD": "ref"])
        let child = try await workspace.fork()
        let command = """
            (echo new > .git/hooks/pre-commit) 2>/dev/null || echo refused
            echo x > .envrc; echo y > .git/HEAD; mkdir .vscode
            """
        let result = try await workspace.perform("run_command", ["command": .string(command)], in: child)
        #expect(result.output.text == "refused\n(not kept, since it is protected: .envrc, .vscode)\n")
        #expect(result.writes == .resources(["/.git/HEAD"]))
        try await workspace.environment.commit(child)
        #expect(workspace.directory.text(".git/hooks/pre-commit") == "old")
        #expect(workspace.directory.names == [".git", ".git/HEAD", ".git/hooks", ".git/hooks/pre-commit", "a"])
        for path in [".git/hooks/pre-push", ".envrc", ".forerun/config.yaml", ".GIT/config"] {
            let write = try await workspace.output("write_file", ["path": .string(path), "content": "x"], in: child)
            #expect(write.isError && write.text.contains("protected"))
        }
    }

    @Test func withoutTheNetworkAheadAnAttemptIsFelt() async throws {
        let workspace = try await OpenWorkspace(options: WorkspaceOptions(network: true))
        let attempt = Call("run_command", ["command": "bash -c 'exec 3<>/dev/tcp/127.0.0.1/9' || exit 1"])
        for (call, isFelt) in [(attempt, true), (Call("run_command", ["command": "ls"]), false)] {
            let felt = Mutex(false)
            let result = try await workspace.environment.perform(
                call, in: workspace.fork(),
                context: CallContext(isRestricted: true) { felt.withLock { $0 = true } })
            #expect(result.isTainted == isFelt)
            #expect(felt.withLock { $0 } == isFelt)
            let real = try await workspace.environment.perform(call, in: workspace.fork(), context: CallContext())
            #expect(!real.isTainted)
            #expect(real.reachedOutside && !result.reachedOutside)
        }
    }

    @Test func setIDBitsStayBehind() async throws {
        let workspace = try await OpenWorkspace()
        let child = try await workspace.child("run_command", ["command": "touch a; chmod 6755 a"])
        try await workspace.environment.commit(child)
        #expect(workspace.directory.signature("a")?.mode == 0o755)
    }

    @Test func badInputIsAnOutput() async throws {
        let workspace = try await OpenWorkspace()
        for arguments: JSON in [[:], ["command": ""], ["command": "a\u{0}"], ["command": "ls", "timeout_seconds": 0]] {
            #expect(try await workspace.output("run_command", arguments, in: workspace.fork()).isError)
        }
    }

    /// The ids of processes with this argument, on the whole machine.
    static func processes(with argument: String) -> [pid_t] {
        guard let proc = try? Directory("/proc") else { return [] }
        return ((try? proc.names(in: .root)) ?? []).compactMap { name in
            guard let id = pid_t(String(decoding: name, as: UTF8.self)), ProcessEntry(id) != nil,
                let line = try? proc.content(of: RelativePath("\(id)/cmdline")),
                line.split(separator: 0).contains(where: { $0.elementsEqual(argument.utf8) })
            else { return nil }
            return id
        }
    }
}

struct UnsandboxedTests {
    @Test func commandsAreExternalAndRunInPlace() async throws {
        let workspace = try await OpenWorkspace(["a": "0"], options: WorkspaceOptions(sandbox: .off))
        let call = Call("run_command", ["command": "echo 1 > a; cat a; (sleep 1000 &); exit 4"])
        #expect(workspace.environment.traits(of: call).effect == .external)
        let output = try await workspace.output("run_command", call.arguments)
        #expect(output.text == "1\nexit status 4")
        #expect(workspace.directory.text("a") == "1\n")
        let child = try await workspace.child("write_file", ["path": "a", "content": "2"])
        await #expect(throws: CallFailure.self) { try await workspace.output("run_command", call.arguments, in: child) }
        try await workspace.environment.commit(child)
        #expect(try await workspace.output("run_command", ["command": "cat a"], in: child).text == "2")
    }

    @Test func aTimedOutCommandIsKilled() async throws {
        let workspace = try await OpenWorkspace(options: WorkspaceOptions(sandbox: .off))
        let marker = "34\(getpid())7"
        let failure = await #expect(throws: CallFailure.self) {
            try await workspace.output(
                "run_command", ["command": .string("sleep \(marker) & sleep \(marker)"), "timeout_seconds": 1])
        }
        #expect(failure?.kind == .timedOut)
        #expect(RunCommandTests.processes(with: marker) == [])
    }
}

struct BoundedTextTests {
    @Test func cutsBetweenCharacters() {
        var text = BoundedText(limit: 10)
        for _ in 0..<100 { text.append("äö".utf8) }
        #expect(text.text == "ää".prefix(0) + "äö\n… 392 bytes cut …\näö")
        var short = BoundedText(limit: 10)
        short.append("0123456789".utf8)
        #expect(short.text == "0123456789")
    }
}
