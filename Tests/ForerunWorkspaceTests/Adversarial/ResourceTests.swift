import ForerunCore
import ForerunTesting
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 18 and 19: processes, memory, files.
    @Suite(
        .enabled(if: canBranch, "branches do not work here: see forerun doctor"),
        .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
    struct ResourceTests {
        /// Group 18.
        @Test func processesAreBounded() async throws {
            try await Oracle.watch(programs: true) { oracle in
                var limits = BranchRun.Limits()
                limits.processes = 400
                let free = try await oracle.run("./attack bomb 200", limits: limits)
                #expect(free.output.contains("made=200 of 200"), "\(free.output)")
                limits.processes = 40
                var bounded = try await oracle.run("./attack bomb 300", limits: limits)
                // The processes are looked at now and then: on a busy machine a short crowd may pass unseen.
                for _ in 0..<20 where !bounded.felt.contains(.processes) {
                    bounded = try await oracle.run("./attack bomb 300", limits: limits)
                }
                #expect(!bounded.output.contains("made=300"), "\(bounded.output)")
                #expect(bounded.felt.contains(.processes), "\(bounded.felt) \(bounded.output)")
            }
        }

        /// Group 18: whatever a command leaves behind ends with it. The oracle looks for the marker.
        @Test func nothingSurvivesItsCommand() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let mark = "'sleep 100; : \(oracle.marker)'"
                let text = try await oracle.run(
                    """
                    setsid sh -c \(mark) >/dev/null 2>&1 &
                    nohup sh -c \(mark) >/dev/null 2>&1 &
                    (setsid sh -c \(mark) & ) >/dev/null 2>&1
                    (trap '' HUP TERM INT; (setsid sh -c \(mark) &) & ) >/dev/null 2>&1
                    ./attack zombies 300
                    echo done
                    """)
                #expect(text == "zombies made\ndone\n", "\(text)")
                // Only the host bears it now.
                #expect(oracle.processes.allSatisfy { !$0.contains("sleep") }, "\(oracle.processes)")
            }
        }

        /// A command that is said not to have begun has done nothing, whenever it was killed.
        @Test func whatDidSomethingHadBegun() async throws {
            let seed = UInt64.random(in: 0..<1_000_000)
            try await Oracle.watch { oracle in
                let host = try await oracle.host()
                var generator = SeededGenerator(seed: seed)
                for _ in 0..<150 {
                    let pause = Duration.microseconds(Int.random(in: 0..<6000, using: &generator))
                    let upper = host.newLayer(inMemory: false)
                    let run = BranchRun(
                        upper: upper, lowers: [], arguments: ["/bin/sh", "-c", "echo > did; sleep 100"],
                        environment: CommandEnvironment.make(), umask: 0o022, outputLimit: 100)
                    let work = Task { try await host.run(run, timeout: .seconds(50)) }
                    try await Task.sleep(for: pause)
                    work.cancel()
                    let isBegun = (try? await work.value) != nil
                    let place = try #require(host.directory(of: upper))
                    let did = try place.signature(of: RelativePath("\(upper.name)/\(LayerDirectory.workspacePart)/did"))
                    #expect(isBegun || did == nil, "seed \(seed)")
                    host.remove(upper)
                }
            }
        }

        /// Group 19: memory.
        @Test func memoryIsBounded() async throws {
            try await Oracle.watch(programs: true) { oracle in
                var limits = BranchRun.Limits()
                limits.memory = 512 << 20
                let free = try await oracle.run("./attack memory 128", limits: limits)
                #expect(free.output == "memory=ok\n", "\(free.output)")
                limits.memory = 64 << 20
                let bounded = try await oracle.run("./attack memory 256", limits: limits)
                #expect(!bounded.output.contains("memory=ok"), "\(bounded.output)")
                #expect(bounded.felt.contains(.memory), "\(bounded.felt) \(bounded.output)")
            }
        }

        /// Group 19: where the kernel ends a process for want of memory, others may be the reason: the output is not used ahead.
        @Test(.enabled(if: MemoryGroup.canMake, "a control group of limited memory needs root"))
        func aKillForWantOfMemoryTaints() async throws {
            let place = try TemporaryDirectory()
            let group = try MemoryGroup(bytes: 160 << 20)
            let real = try #require(BranchProgram.find())
            place.write(
                "helper", "#!/bin/sh\necho $$ > '\(group.path)/cgroup.procs' && exec '\(real)' \"$@\"\n", mode: 0o755)
            var options = WorkspaceOptions()
            options.helper = place.path + "/helper"
            try await Oracle.watch(options: options, programs: true) { oracle in
                let killed = try await oracle.perform(
                    "run_command", ["command": "./attack memory 600; echo on"], in: oracle.fork())
                #expect(killed.isTainted && !killed.output.text.contains("memory=ok"), "\(killed)")
                // Those that were made before that are told from what comes later only when they end.
                var later = true
                for _ in 0..<20 where later {
                    later = try await oracle.perform(
                        "run_command", ["command": "sleep 0.03; echo on"], in: oracle.fork()
                    ).isTainted
                }
                #expect(!later)
            }
        }

        /// Group 19: more than memory takes goes to the disk, and comes out the same.
        @Test func layersMoveToTheDisk() async throws {
            var options = WorkspaceOptions()
            options.layerMemory = 8 << 20
            try await Oracle.watch(options: options) { oracle in
                let child = try await oracle.fork()
                let result = try await oracle.perform(
                    "run_command",
                    ["command": "head -c 40000000 /dev/zero > big; head -c 40000000 /dev/zero > /tmp/big; wc -c < big"],
                    in: child)
                #expect(result.output.text == "40000000\n")
                #expect(try await oracle.run("cat big /tmp/big | wc -c", in: child) == "80000000\n")
                try await oracle.commit(child)
                #expect(oracle.directory.signature("big")?.size == 40_000_000)
            }
        }

        /// Group 19: what is felt is told while the command runs.
        @Test(.enabled(if: Disk.canMake(.tmpfs), "mounting needs root"))
        func aFullDiskIsToldAtOnce() async throws {
            let disk = try Disk(.tmpfs)
            var options = WorkspaceOptions()
            options.layerMemory = 8 << 20
            try await Oracle.watch(in: disk.path, options: options) { oracle in
                let world = try await oracle.fork()
                let command = "head -c 9000000 /dev/zero > big || exit 1; sleep 100"
                let (felt, tells) = AsyncStream.makeStream(of: Void.self)
                let environment = oracle.environment
                let work = Task {
                    try await environment.perform(
                        Call("run_command", ["command": .string(command), "timeout_seconds": 40]), in: world,
                        context: CallContext { tells.yield() })
                }
                let ended = Task {
                    _ = await work.result
                    tells.finish()
                }
                var events = felt.makeAsyncIterator()
                #expect(await events.next() != nil, "the command ended, and nothing was told before")
                work.cancel()
                await ended.value
            }
        }

        /// Group 19: a host whose layers are only in memory says that it is full, and goes on.
        @Test(.enabled(if: keepsLayersInMemory, "layers cannot be kept in memory here: Linux 6.6 is needed"))
        func aFullMemoryIsAnErrorOfTheCommand() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let host = try await BranchHost.open(
                    BranchHost.Opening(
                        workspace: oracle.path, presented: oracle.path, disk: nil, memory: 16 << 20, inodes: 3000,
                        masks: [], protected: [], reserved: [], homes: []), program: oracle.program)
                let bytes = try await Oracle.run("head -c 64000000 /dev/zero > big 2>/dev/null || echo full", on: host)
                #expect(bytes.output.hasSuffix("full\n") && bytes.felt.contains(.space), "\(bytes)")
                let files = try await Oracle.run("mkdir n; cd n; ../attack files 9000", on: host)
                #expect(files.output.hasPrefix("files=ENOSPC"), "\(files)")
                let temporary = try await Oracle.run(
                    "cd /dev/shm; head -c 64000000 /dev/zero > big || echo full", on: host)
                #expect(temporary.output.hasSuffix("full\n"), "\(temporary)")
                // What was discarded is deleted soon, not at once.
                var text = ""
                for _ in 0..<100 where text != "x\n" {
                    text = try await Oracle.run("(echo x > y) 2>/dev/null; cat y", on: host).output
                }
                #expect(text == "x\n")
                await host.shutDown()
            }
        }

        /// Group 19: a file of a terabyte that holds nothing takes nothing, also when it is committed.
        @Test func holesStayHoles() async throws {
            try await Oracle.watch { oracle in
                let child = try await oracle.child(
                    "truncate -s 1T hole; truncate -s 1G some; echo end >> some; cp --sparse=always some copied; rm some"
                )
                #expect(try await oracle.run("stat -c %s hole copied", in: child) == "1099511627776\n1073741828\n")
                try await oracle.commit(child)
                var status = stat()
                #expect(lstat(oracle.path + "/hole", &status) == 0 && status.st_size == 1 << 40)
                #expect(status.st_blocks < 1000)
                #expect(lstat(oracle.path + "/copied", &status) == 0 && status.st_size == (1 << 30) + 4)
                #expect(status.st_blocks < 1000)
                #expect(try await oracle.run("tail -c 4 copied; rm hole copied", in: child) == "end\n")
            }
        }

        /// Group 19: directories deeper than any path can name (5,000 in place of 40,000: each takes the kernel longer than the one before).
        @Test func deepDirectoriesAreAnError() async throws {
            try await Oracle.watch(["a": "0\n"], programs: true) { oracle in
                let child = try await oracle.fork()
                let call = Call("run_command", ["command": "./attack deep 5000"])
                await #expect(throws: CallFailure.self) {
                    try await oracle.environment.perform(call, in: child, context: CallContext())
                }
                // Only that command is lost.
                #expect(try await oracle.run("./attack deep 300; echo ok").hasSuffix("deep=ok\nok\n"))
                #expect(try await oracle.run("cd /tmp; '\(oracle.path)/attack' deep 5000") == "deep=ok\n")
                let deep = try await oracle.child("./attack deep 300")
                try await oracle.commit(deep)
                #expect(oracle.directory.names.count > 300)
            }
        }

        /// Group 19: names of 255 bytes.
        @Test func longNamesAreKept() async throws {
            try await Oracle.watch { oracle in
                let name = String(repeating: "n", count: 255)
                let child = try await oracle.child("mkdir \(name); echo x > \(name)/\(name)")
                try await oracle.commit(child)
                #expect(oracle.directory.text("\(name)/\(name)") == "x\n")
            }
        }
    }
}

/// A control group that takes little memory, gone with this object. Needs root.
final class MemoryGroup {
    let path: String

    init(bytes: Int) throws {
        let isOld = access("/sys/fs/cgroup/memory/memory.limit_in_bytes", F_OK) == 0
        let root = try isOld ? Directory("/sys/fs/cgroup/memory") : Directory("/sys/fs/cgroup")
        path = "\(root.path)/forerun-test-\(getpid())"
        guard mkdir(path, 0o700) == 0 else { throw FileError("make the group \(path)", code: errno) }
        let limit = open(path + (isOld ? "/memory.limit_in_bytes" : "/memory.max"), O_WRONLY | O_CLOEXEC)
        let text = "\(bytes)"
        let isSet = limit >= 0 && write(limit, text, text.utf8.count) == text.utf8.count
        close(limit)
        guard isSet else {
            rmdir(path)
            throw FileError("limit the memory of \(path)", code: ENOTSUP)
        }
    }

    deinit {
        // The last processes leave it a moment after they have ended.
        for _ in 0..<1000 where rmdir(path) != 0 && errno == EBUSY { usleep(2000) }
    }

    static let canMake = geteuid() == 0 && (try? MemoryGroup(bytes: 1 << 30)) != nil
}
