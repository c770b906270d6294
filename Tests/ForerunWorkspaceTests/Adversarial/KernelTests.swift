import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 11 to 14: namespaces and mounts, other processes, calls that do the work of others, terminals.
    @Suite(
        .enabled(if: canBranch, "branches do not work here: see forerun doctor"),
        .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
    struct KernelTests {
        /// Groups 11, 13 and 14. Outside, in namespaces of its own, many of these calls succeed for anybody.
        @Test func noCallOfTheKernelLeadsOut() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' kernel outside"))
                // In a chroot nobody may make user namespaces, and there is nothing to compare with.
                for name in [
                    "unshare-net", "unshare-pid", "mount-tmpfs", "mount-bind", "umount", "chroot", "sethostname",
                ] where outside["namespaces"] != "EPERM" {
                    #expect(outside[name] == "ok", "\(name): \(outside.text)")
                }
                let inside = try await oracle.attack("kernel inside")
                #expect(inside.results.count >= 35, "\(inside.text)")
                #expect(inside.succeeded == [], "\(inside.text)")
            }
        }

        /// Group 11: rights that would allow it.
        @Test func thereAreNoRights() async throws {
            try await Oracle.watch { oracle in
                let text = try await oracle.run("grep -E 'CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status")
                let lines = Dictionary(
                    text.split(separator: "\n").compactMap { line -> (String, String)? in
                        let parts = line.split(separator: "\t")
                        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
                    }
                ) { $1 }
                #expect(lines["NoNewPrivs:"] == "1" && lines["Seccomp:"] == "2", "\(text)")
                // Root keeps what it needs to own files: CHOWN, DAC_OVERRIDE, FOWNER; nobody else has any.
                let most: UInt64 = geteuid() == 0 ? 0b1011 : 0
                for name in ["CapEff:", "CapPrm:"] {
                    let rights = try #require(UInt64(lines[name] ?? "", radix: 16))
                    #expect(rights & ~most == 0, "\(text)")
                }
            }
        }

        /// Group 12: processes outside of the branch can be neither seen nor reached, nor the first one of the branch hurt.
        @Test func otherProcessesAreOutOfReach() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let victim = try #require(ProcessEntry(getpid()))
                let outside = Attempts(await Oracle.outside("'\(oracle.path)/attack' process \(getpid())"))
                #expect(outside["kill-0"] == "ok" && outside["cwd"] == "ok", "\(outside.text)")
                let inside = try await oracle.attack("process \(getpid())")
                #expect(inside.succeeded == [], "\(inside.text)")
                let first = try await oracle.attack("process 1")
                // It may be asked whether it is there, and root may count its descriptors; that is all.
                #expect(first.succeeded.isSubset(of: ["kill-0", "pidfd-open", "fd"]), "\(first.text)")
                let stopped = try await oracle.run("./attack stop-init; echo alive")
                #expect(stopped.hasSuffix("alive\n"), "\(stopped)")
                #expect(victim.isAlive)
                let seen = try await oracle.run("ls /proc | grep -c '^[0-9]'")
                #expect((Int(seen.split(separator: "\n").first ?? "") ?? 99) <= 6, "\(seen)")
            }
        }

        /// Group 12: memory and queues with names are the branch's own.
        @Test func namedMemoryIsNotShared() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let number = Int(getpid()) * 16 + 7
                let made = Attempts(await Oracle.outside("'\(oracle.path)/attack' ipc-make \(number)"))
                defer { _ = Oracle.wait(for: "'\(oracle.path)/attack' ipc-remove \(number)") }
                #expect(made["shm"] == "ok" && made["posix-shm"] == "ok", "\(made.text)")
                let found = try await oracle.attack("ipc-find \(number)")
                #expect(found.succeeded == [], "\(found.text)")
                // Nor is what one branch makes to be found in another one, or outside.
                let other = number + 1
                let own = try await oracle.run("./attack ipc-make \(other); ./attack ipc-find \(other)")
                #expect(Attempts(own)["shm"] == "ok", "\(own)")
                #expect(try await oracle.attack("ipc-find \(other)").succeeded == [])
                #expect(Attempts(await Oracle.outside("'\(oracle.path)/attack' ipc-find \(other)")).succeeded == [])
            }
        }

        /// Group 14.
        @Test func noTerminalIsReached() async throws {
            try await Oracle.watch(programs: true) { oracle in
                let text = try await oracle.run("./attack tty </dev/null; ls /dev/pts | grep -v ptmx; tty; echo end")
                #expect(Attempts(text).succeeded == [], "\(text)")
                #expect(text.hasSuffix("not a tty\nend\n"), "\(text)")
            }
        }
    }
}
