import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Group 39: machines that lack something. The right tier is chosen, nothing is run that cannot be kept in, and the
    /// canaries stay what they are.
    @Suite(
        .enabled(if: canBranch, "branches do not work here: see forerun doctor"),
        .enabled(if: Launcher.bytes != nil, "there is no C compiler"))
    struct TierTests {
        private static let escape = """
            (echo x > /etc/forerun-escape) 2>/dev/null && echo escaped
            for p in "$HOME"/forerun-test-*/file /tmp/forerun-test-*/file /proc/*/root/tmp/forerun-test-*/file; do
                (echo x > "$p") 2>/dev/null && echo escaped
            done
            command -v bash >/dev/null && bash -c 'exec 3<>/dev/tcp/127.0.0.1/PORT' 2>/dev/null && echo reached
            echo 1 > inside; cat inside
            """

        /// What is missing, and the tiers that may be chosen then, as root and as somebody else.
        @Test(
            arguments: [
                ([], ["T0", "T1", "T1b"]),
                // As the default profile of Docker has it.
                (["unshare", "clone-namespaces", "mount"], ["T3", "T4"]),
                // As in containers with a masked /proc.
                (["mount"], ["T3", "T4"]), (["pivot_root"], ["T3", "T4", "T0", "T1", "T1b"]),
                (["landlock"], ["T0", "T1", "T1b"]), (["clone-namespaces", "unshare", "landlock"], ["T4"]),
                (["seccomp"], ["T4"]), (["pidfd_open"], ["T0", "T1", "T1b", "T3", "T4"]),
                (["memfd_create", "openat2"], ["T0", "T1", "T1b", "T3", "T4"]),
            ] as [([String], [String])])
        func whatIsMissingDecidesTheTier(_ missing: [String], _ tiers: [String]) async throws {
            let place = try TemporaryDirectory()
            try place.directory.create(
                RelativePath("launcher"), content: #require(Launcher.bytes), mode: 0o755, modified: 1)
            var options = WorkspaceOptions()
            if !missing.isEmpty {
                let real = try #require(BranchProgram.find())
                place.write(
                    "helper",
                    "#!/bin/sh\nexec '\(place.path)/launcher' \(missing.joined(separator: ",")) '\(real)' \"$@\"\n",
                    mode: 0o755)
                options.helper = place.path + "/helper"
            }
            try await Oracle.watch(options: options) { oracle in
                let said = try #require(oracle.environment.confinement)
                let tier = try #require(said.split(separator: " ").dropFirst().first?.prefix { $0 != ":" })
                #expect(tiers.contains(String(tier)), "\(missing): \(said)")
                print("without \(missing.joined(separator: ", ")): \(said)")
                let server = try LoopbackServer()
                let escape = Self.escape.split(separator: "PORT").joined(separator: "\(server.port)")
                let child = try await oracle.fork()
                let result = try await oracle.perform("run_command", ["command": .string(escape)], in: child)
                #expect(server.count == 0)
                if tier == "T4" {
                    #expect(result.output.isError && result.output.text.contains("sandboxed"), "\(result.output.text)")
                    #expect(oracle.environment.warning != nil)
                } else {
                    #expect(result.output.text == "1\n", "\(result.output.text)")
                }
                #expect(access("/etc/forerun-escape", F_OK) != 0)
                #expect(oracle.directory.names == ["a", "d", "d/x"])
                // Files can be worked on whatever is missing.
                let written = try await oracle.output("write_file", ["path": "made", "content": "m"], in: child)
                #expect(!written.isError)
                try await oracle.commit(child)
                #expect(oracle.directory.text("made") == "m")
            }
        }

        /// Kernels before 6.7 take all layers of an overlay in one string. The canary runs with a layer below its own.
        @Test func olderKernelsMountInTheirWay() async throws {
            let program = try #require(BranchProgram.find())
            let workspace = try TemporaryDirectory(["a": "0\n"])
            let said = await Oracle.outside("'\(program)' probe --old-mounts '\(workspace.path)'")
            #expect(said.hasSuffix("works=1\n") && said.contains("try-opaque=ok"), "\(said)")
            #expect(workspace.names == ["a"])
        }

        /// A helper that is missing or no program is no reason to run anything without it.
        @Test(arguments: ["missing", "text", "false"])
        func aHelperThatDoesNotWorkRunsNothing(_ kind: String) async throws {
            let place = try TemporaryDirectory(["text": "no program\n"])
            var options = WorkspaceOptions()
            options.helper = kind == "false" ? "/bin/false" : "\(place.path)/\(kind)"
            if kind == "text" { chmod(place.path + "/text", 0o755) }
            let workspace = try TemporaryDirectory(["a": "0\n"])
            options.temporaryDirectory = place.path + "/private"
            let environment = WorkspaceEnvironment(workspace.path, options: options)
            _ = try await environment.open()
            #expect(environment.confinement?.hasPrefix("tier T4") == true, "\(environment.confinement ?? "")")
            try await environment.fork(.initial, as: WorldID(1))
            let result = try await environment.perform(
                Call("run_command", ["command": "echo x > a"]), in: WorldID(1), context: CallContext())
            #expect(result.output.isError)
            await environment.close()
            #expect(workspace.text("a") == "0\n")
            options.sandbox = .required
            await #expect(throws: EnvironmentFailure.self) {
                _ = try await WorkspaceEnvironment(workspace.path, options: options).open()
            }
        }
    }
}

/// A program that takes system calls away from another one: what a container, a kernel or an administrator refuses.
enum Launcher {
    static let bytes: [UInt8]? = AttackProgram.compile(source)

    private static let source = #"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sched.h>
        #include <stddef.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static struct sock_filter code[256];
        static unsigned short length;
        static void put(unsigned short what, unsigned value, unsigned char yes, unsigned char no) {
            code[length++] = (struct sock_filter){what, yes, no, value};
        }
        static void refuse(int number, int error) {
            put(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, 1);
            put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error, 0, 0);
        }

        int main(int argc, char **argv) {
            if (argc < 3) return 2;
            static const struct { const char *name; int number, error; } calls[] = {
                {"unshare", SYS_unshare, EPERM}, {"mount", SYS_mount, EPERM}, {"mount", 429, EPERM}, {"mount", 430, EPERM},
                {"mount", 428, EPERM}, {"mount", 432, EPERM}, {"pivot_root", SYS_pivot_root, EPERM},
                {"landlock", 444, ENOSYS}, {"landlock", 445, ENOSYS}, {"landlock", 446, ENOSYS},
                {"seccomp", SYS_seccomp, ENOSYS}, {"pidfd_open", 434, ENOSYS}, {"memfd_create", SYS_memfd_create, ENOSYS},
                {"openat2", 437, ENOSYS},
            };
            put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
            for (char *name = strtok(argv[1], ","); name; name = strtok(NULL, ",")) {
                for (size_t index = 0; index < sizeof calls / sizeof *calls; index++)
                    if (!strcmp(name, calls[index].name)) refuse(calls[index].number, calls[index].error);
                if (!strcmp(name, "clone-namespaces")) {
                    refuse(SYS_clone3, ENOSYS);
                    put(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4);
                    put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args), 0, 0);
                    put(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID, 0, 1);
                    put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
                    put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
                }
                if (!strcmp(name, "seccomp")) {
                    put(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 4);
                    put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args), 0, 0);
                    put(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1);
                    put(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL, 0, 0);
                    put(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0, 0);
                }
            }
            put(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
            struct sock_fprog program = {length, code};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return 3;
            execv(argv[2], argv + 2);
            return 4;
        }
        """#
}
