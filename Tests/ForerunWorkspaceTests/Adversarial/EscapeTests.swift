import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 1 to 7: ways to reach files outside of the branch.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct EscapeTests {
        /// Group 1. The same program changes a decoy outside by every one of these calls, so it is the branch that refuses.
        @Test(
            .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"),
            .enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"))
        func noCallChangesAFileOutside() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let decoy = try TemporaryDirectory(["file": "x", "other": "x"])
                mkdir(decoy.path + "/directory", 0o700)
                let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' write '\(decoy.path)'"))
                #expect(outside.succeeded.count >= 30, "\(outside.text)")
                let seen = try #require(oracle.seen)
                #expect(try await oracle.run("cat \(seen.path)/file") == "canary\n")
                for place in [seen.path, "/proc/self/root\(seen.path)", "/proc/thread-self/cwd/../..\(seen.path)"] {
                    let inside = try await oracle.attack("write '\(place)'")
                    #expect(inside.results.count > 30, "\(inside.text)")
                    #expect(inside.succeeded == [], "\(inside.text)")
                    oracle.check()
                }
                // The read-only root itself, and what of /proc, /dev and /sys could be written to.
                for place in ["/etc", "/usr", "/", "/proc", "/proc/sys/kernel", "/dev", "/var", "/run", "/sys"] {
                    let inside = try await oracle.attack("write '\(place)'")
                    #expect(inside.succeeded == [], "\(place): \(inside.text)")
                }
            }
        }

        /// Group 1. What the kernel offers to write to: as root these would change the machine.
        @Test func theKernelIsNotWritable() async throws {
            let paths = [
                "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/proc/sys/vm/drop_caches",
                "/proc/sysrq-trigger", "/proc/self/oom_score_adj", "/proc/1/oom_score_adj", "/proc/self/attr/current",
                "/proc/self/uid_map", "/proc/self/setgroups", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda",
                "/dev/fuse",
                "/dev/net/tun", "/dev/kvm", "/sys/power/state", "/sys/fs/cgroup/cgroup.procs",
                "/proc/irq/default_smp_affinity", "/proc/bus/pci",
            ]
            // Outside, the first that anybody may open is not refused.
            #expect(await Oracle.outside("(: >> /proc/self/oom_score_adj) && echo opened") == "opened\n")
            try await Oracle.watch { oracle in
                for path in paths {
                    let text = try await oracle.run("(: >> \(path)) 2>/dev/null && echo opened")
                    #expect(!text.contains("opened"), "\(path)")
                }
            }
        }

        /// Group 2.
        @Test(.enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"))
        func symlinksDoNotLeadOut() async throws {
            let seen = try TemporaryDirectory(in: Oracle.home ?? "/tmp", ["file": "canary\n", "other": "canary\n"])
            var before: [String: String] = [:]
            Snapshot.add(seen.path, as: "seen", to: &before)
            try await Oracle.watch(prepare: { directory in
                let up = String(repeating: "../", count: 12)
                symlink(seen.path + "/file", directory.path + "/absolute")
                symlink(up + seen.path.dropFirst() + "/file", directory.path + "/relative")
                symlink("chain2", directory.path + "/chain1")
                symlink("chain3", directory.path + "/chain2")
                symlink(seen.path, directory.path + "/chain3")
                symlink("/proc/self/root" + seen.path + "/file", directory.path + "/magic")
            }) { oracle in
                let links = ["absolute", "relative", "chain1/file", "magic"]
                // The links lead there, and outside of a branch a write through them would arrive.
                for link in links { #expect(access(oracle.path + "/" + link, W_OK) == 0) }
                for link in links {
                    let text = try await oracle.run(
                        "cat \(link); (echo x > \(link)) 2>/dev/null; (echo x >> \(link)) 2>/dev/null; rm -f chain1/other; "
                            + "mv -f a chain1/other; truncate -s 0 \(link); touch \(link); chmod 777 \(link)")
                    #expect(text.hasPrefix("canary\n"))
                    oracle.check()
                    for (tool, arguments) in [
                        ("write_file", ["path": .string(link), "content": "x"] as JSON),
                        ("edit_file", ["path": .string(link), "old_text": "canary", "new_text": "x"]),
                    ] {
                        let world = try await oracle.fork()
                        let output = try? await oracle.output(tool, arguments, in: world)
                        if output?.isError == false { try? await oracle.commit(world) }
                    }
                }
                // Replaced by a rename, the link itself is what changes.
                let child = try await oracle.child("echo new > n; mv n absolute; echo other > o; ln -f o relative")
                try await oracle.commit(child)
                #expect(oracle.directory.text("absolute") == "new\n")
                #expect(oracle.directory.signature("absolute")?.kind == .file)
                var after: [String: String] = [:]
                Snapshot.add(seen.path, as: "seen", to: &after)
                #expect(Oracle.differences(before, after) == [])
            }
        }

        /// Group 3, while a command runs.
        @Test(
            .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"),
            .enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"))
        func swappingALinkDuringARunReachesNothing() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let seen = try #require(oracle.seen)
                let text = try await oracle.run(
                    """
                    mkdir real; echo x > real/file; ln -s \(seen.path) link
                    ./attack swap real link 400 &
                    while kill -0 $! 2>/dev/null; do echo attack 2>/dev/null > real/file; rm -f link/other; done
                    readlink real link; echo done
                    """)
                #expect(text.contains("done"))
            }
        }

        /// Group 3, while layers are applied: somebody exchanges a directory of the workspace and a link again and again.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func swappingALinkDuringACommitReachesNothing() async throws {
            try await Oracle.watch(["d/file": "0\n", "d/other": "0\n", "e/x": "0"], programs: true) { oracle in
                oracle.changesWorkspace = true
                symlink(oracle.near.path, oracle.path + "/link")
                var worlds: [WorldID] = []
                for number in 0..<40 {
                    // The names of the canaries: had the link been followed, they would be replaced, removed or made.
                    let world = try await oracle.fork()
                    _ = try await oracle.output(
                        "write_file", ["path": "d/file", "content": .string("\(number)")], in: world)
                    _ = try await oracle.output("write_file", ["path": "d/made\(number)", "content": "x"], in: world)
                    worlds.append(world)
                }
                let swapper = Task.detached { [path = oracle.path] in
                    await Oracle.outside("'\(path)/attack' swap '\(path)/d' '\(path)/link' 4000")
                }
                var committed = 0
                for world in worlds {
                    if (try? await oracle.environment.commit(world)) != nil { committed += 1 }
                    // Siblings are left behind by a commit: new ones that may win in their turn.
                    let next = try await oracle.fork(world)
                    _ = try? await oracle.output(
                        "write_file", ["path": "d/file", "content": .string("n\(next)")], in: next)
                    _ = try? await oracle.output("write_file", ["path": "d/other", "content": "n"], in: next)
                    if (try? await oracle.environment.commit(next)) != nil { committed += 1 }
                }
                for _ in 0..<200 {
                    guard let world = try? await oracle.fork() else { break }
                    _ = try? await oracle.output(
                        "write_file", ["path": "d/file", "content": .string("\(world)")], in: world)
                    if (try? await oracle.environment.commit(world)) != nil { committed += 1 }
                }
                _ = await swapper.value
                print("commits that succeeded while a directory was swapped: \(committed)")
            }
        }

        /// Groups 4 and 5.
        @Test(
            .enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"),
            arguments: ["command", "file tool"])
        func aDirectoryReplacedByALinkIsNotFollowed(_ by: String) async throws {
            try await Oracle.watch(["d/file": "0\n", "a": "0"]) { oracle in
                let seen = try #require(oracle.seen)
                let linked = try await oracle.child("rm -r d && ln -s \(seen.path) d && (echo x > d/x) 2>/dev/null")
                let next = try await oracle.fork(linked)
                if by == "command" {
                    _ = try await oracle.output(
                        "run_command",
                        ["command": "(echo x > d/y; echo x > d/file; rm d/other) 2>/dev/null; echo 1 > a"],
                        in: next)
                } else {
                    let output = try await oracle.output("write_file", ["path": "d/file", "content": "x"], in: next)
                    #expect(output.isError)
                }
                try await oracle.commit(linked)
                try await oracle.environment.commit(next)
                #expect(oracle.directory.signature("d")?.kind == .symlink)
                oracle.check()
            }
        }

        /// Group 5: the directory is swapped between the look at it and the commit.
        @Test(arguments: ["d", "d/e", "d/e/f"])
        func aBaseDirectorySwappedForALinkIsAConflict(_ swapped: String) async throws {
            try await Oracle.watch(["d/e/f/file": "0\n", "d/e/f/other": "0\n"]) { oracle in
                // What the link shows has the very names that the commit replaces and removes.
                let outer = try TemporaryDirectory()
                for part in ["file", "other"] {
                    for inner in ["", "f/", "e/f/"] { outer.write(inner + part, "canary\n") }
                }
                var before: [String: String] = [:]
                Snapshot.add(outer.path, as: "outer", to: &before)
                let child = try await oracle.child("echo 1 > d/e/f/file; rm d/e/f/other; echo 1 > d/e/f/new")
                #expect(rename("\(oracle.path)/\(swapped)", "\(oracle.path)/away") == 0)
                #expect(symlink(outer.path, "\(oracle.path)/\(swapped)") == 0)
                let failure = await #expect(throws: EnvironmentFailure.self) { try await oracle.commit(child) }
                #expect(failure?.code == .conflict)
                var after: [String: String] = [:]
                Snapshot.add(outer.path, as: "outer", to: &after)
                #expect(Oracle.differences(before, after) == [])
            }
        }

        /// Group 6: no second name for a file outside, and none of a changed file stays.
        @Test func hardLinksDoNotLeadOut() async throws {
            try await Oracle.watch(["one": "0\n", "kept": "0\n"]) { oracle in
                // A name of a workspace's file outside: what a branch writes and commits must not arrive there.
                #expect(link(oracle.path + "/one", oracle.path + "/two") == 0)
                let outer = try TemporaryDirectory()
                #expect(link(oracle.path + "/kept", outer.path + "/kept") == 0)
                let places = (oracle.seen.map { ["\($0.path)/file"] } ?? []) + ["/etc/passwd", "/bin/sh"]
                for place in places {
                    let text = try await oracle.run(
                        "ln \(place) h 2>&1 && echo linked; ln \(place) /tmp/h && echo linked")
                    #expect(!text.contains("linked"))
                }
                let child = try await oracle.child("echo 1 >> one; echo 1 >> kept; ln a b 2>/dev/null; ln one three")
                #expect(outer.text("kept") == "0\n")
                try await oracle.commit(child)
                #expect(oracle.directory.text("one") == "0\n1\n")
                #expect(oracle.directory.text("three") == "0\n1\n")
                #expect(oracle.directory.text("two") == "0\n")
                #expect(oracle.directory.text("kept") == "0\n1\n")
                #expect(outer.text("kept") == "0\n")
            }
        }

        /// Group 7. `near` exists, and outside each of these paths leads to it.
        @Test func procLeadsNowhere() async throws {
            try await Oracle.watch { oracle in
                let real = oracle.near.path
                for path in ["/proc/self/root", "/proc/self/root/proc/thread-self/root", ""] {
                    #expect(await Oracle.outside("cat \(path)\(real)/file") == "canary\n")
                }
                let text = try await oracle.run(
                    """
                    for p in /proc/self/root /proc/1/root /proc/self/cwd/../.. /proc/1/cwd /proc/1/cwd/.. /proc/$PPID/root \\
                        /proc/thread-self/root /proc/self/task/1/root '' /../../.. /proc/self/cwd/../../../../../..; do
                        cat $p\(real)/file 2>/dev/null
                    done
                    for f in /proc/[0-9]*/fd/* /proc/[0-9]*/map_files/*; do
                        case $f in /proc/$$/*|/proc/self/*) continue;; esac
                        ls $f/\(real) $f/. 2>/dev/null | head -3
                    done
                    (: < /proc/1/mem) 2>/dev/null && echo mem
                    ls /proc/1/fd 2>/dev/null
                    find / -xdev -name '\(real.split(separator: "/").last ?? "")' 2>/dev/null
                    """)
                #expect(!text.contains("canary"))
                #expect(!text.contains("mem"))
                #expect(!text.contains(String(real.split(separator: "/").last ?? "?")))
            }
        }

        /// Group 15: the directories of layers cannot be found, and siblings that run at the same time see nothing of each other.
        @Test func layersAndSiblingsAreInvisible() async throws {
            let layers = try TemporaryDirectory(in: Oracle.home ?? "/tmp")
            var options = WorkspaceOptions()
            options.layerDirectory = layers.path
            options.layerMemory = 4 << 20
            try await Oracle.watch(options: options) { oracle in
                // More than memory takes: this layer is on disk.
                let large = try await oracle.child(
                    "head -c 12000000 /dev/zero > \(oracle.marker); echo private > secret")
                #expect(
                    layers.names.contains { $0.hasSuffix(oracle.marker) }, "the layer is not on disk: \(layers.names)")
                let text = try await oracle.run(
                    """
                    ls -A \(layers.path) \(oracle.scratch.path) 2>/dev/null
                    find / -xdev -name \(oracle.marker) 2>/dev/null
                    cat /proc/self/mountinfo | grep -o 'upperdir=[^,]*' | sed 's/upperdir=//' | while read d; do
                        ls -d /$d $d /proc/1/root/$d /proc/1/cwd/$d 2>/dev/null
                    done
                    (echo x > \(layers.path)/x) 2>/dev/null && echo written
                    """)
                #expect(!text.contains(oracle.marker) && !text.contains("written") && !text.contains("ws"), "\(text)")
                _ = large

                let environment = oracle.environment
                let (one, two) = (try await oracle.fork(), try await oracle.fork())
                let place = "\(oracle.marker)s"
                async let first = environment.perform(
                    Call(
                        "run_command",
                        [
                            "command": .string(
                                "echo s > \(place); echo s > /tmp/\(place); echo s > /dev/shm/\(place); echo s > /var/tmp/\(place); "
                                    + "sleep 0.7; ls \(place)* /tmp/\(place)* /dev/shm/\(place)*; ps ax 2>/dev/null | grep -c [t]wo-\(place)"
                            )
                        ]), in: one, context: CallContext())
                async let second = environment.perform(
                    Call(
                        "run_command",
                        [
                            "command": .string(
                                "sleep 0.3; : two-\(place); ls \(place) /tmp/\(place) /dev/shm/\(place) /var/tmp/\(place) 2>/dev/null; "
                                    + "cat /proc/[0-9]*/cmdline | tr '\\0' ' ' | grep -c '[e]cho s >'; echo 2 > \(place)2; true"
                            )
                        ]), in: two, context: CallContext())
                let (seenByFirst, seenBySecond) = try await (first.output.text, second.output.text)
                #expect(!seenByFirst.contains("\(place)2"))
                #expect(seenBySecond.split(separator: "\n") == ["0"], "\(seenBySecond)")
            }
        }
    }
}
