import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 7 and 10: what a home directory shows, with and without mounts inside.
    @Suite(
        .enabled(if: canBranch, "branches do not work here: see forerun doctor"),
        .enabled(if: AttackProgram.bytes != nil, "there is no C compiler"),
        .enabled(if: Oracle.home != nil, "the home directory is not shown in branches, or not writable"))
    struct HomeTests {
        /// Keys and sockets, some of which come later, beside what may be seen.
        private func lookAround(mountAt point: String?) async throws {
            let home = try TemporaryDirectory(
                in: try #require(Oracle.home),
                [
                    "plain": "1\n", "key": "secret\n", ".config/tool/settings": "2\n", ".config/gh/key": "secret\n",
                    "d/e/f": "3\n", "m/inner/x": "",
                ])
            symlink("d/e", home.path + "/link")
            mkfifo(home.path + "/fifo", 0o600)
            chmod(home.path, 0o750)
            let disk = try point.map { try Disk(.tmpfs, at: "\(home.path)/\($0)") }
            // In the mount, if there is one.
            home.write("m/inner/inside", "4\n")
            unlink(home.path + "/m/inner/x")
            let sockets = try ["early", "d/early", "m/inner/early"].map { try UnixServer("\(home.path)/\($0)") }
            defer { withExtendedLifetime((sockets, disk)) {} }
            let later = [".netrc", ".aws/credentials", ".config/other", "d/key", "m/inner/key", "m/key"]
            let layers = try TemporaryDirectory()
            try await Oracle.watch(programs: true) { oracle in
                let host = try await BranchHost.open(
                    BranchHost.Opening(
                        workspace: oracle.path, presented: oracle.path, disk: layers.path, memory: 16 << 20,
                        inodes: 3000, masks: (["key", ".config/gh"] + later).map { "\(home.path)/\($0)" },
                        protected: [], reserved: [], homes: [home.path]), program: oracle.program)
                func run(_ command: String) async throws -> String {
                    let layer = host.newLayer(inMemory: false)
                    defer { host.remove(layer) }
                    let run = BranchRun(
                        upper: layer, lowers: [], arguments: ["/bin/sh", "-c", "cd '\(home.path)'; \(command)"],
                        environment: CommandEnvironment.make(), umask: 0o022, outputLimit: 1 << 16)
                    return try await host.run(run, timeout: .seconds(20)).result.output
                }
                for name in later { home.write(name, "secret\n") }
                let late = try UnixServer(home.path + "/m/inner/late")

                let seen = try await run(
                    "cat plain .config/tool/settings d/e/f link/f m/inner/inside; readlink link; test -p fifo; echo $?;"
                        + " stat -c %a .; ls d/e; (echo x > new) 2>/dev/null || echo refused; cat plain")
                #expect(seen == "1\n2\n3\n3\n4\nd/e\n0\n750\nf\nrefused\n1\n")
                let files = try await run("cat key .config/gh/* 2>/dev/null; find . -type f | sort | tr '\\n' ' '")
                #expect(files == "./.config/tool/settings ./d/e/f ./key ./m/inner/inside ./plain ")
                for name in ["early", "d/early", "m/inner/early", "m/inner/late"] {
                    let attempts = Attempts(try await run("'\(oracle.path)/attack' unix '\(home.path)/\(name)'"))
                    #expect(
                        attempts["connect-unix"] != "ok" && attempts["receive"] != "ok", "\(name): \(attempts.text)")
                }
                withExtendedLifetime(late) {}
                await host.shutDown()
            }
        }

        @Test func secretsOfAHome() async throws { try await lookAround(mountAt: nil) }

        /// The kernel lays no overlay over a directory with mounts inside.
        @Test(.enabled(if: Disk.canMake(.tmpfs), "mounting needs root"), arguments: ["m", "m/inner"])
        func secretsOfAHomeWithMounts(_ point: String) async throws { try await lookAround(mountAt: point) }
    }
}
