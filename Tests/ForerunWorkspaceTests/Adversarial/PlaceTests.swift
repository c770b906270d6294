import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 36 and 38: helpers that are killed, and places where a workspace may lie.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct PlaceTests {
        private func running(_ oracle: Oracle) async throws -> (task: Task<CallResult?, Never>, host: pid_t) {
            let world = try await oracle.fork()
            let environment = oracle.environment
            let call = Call(
                "run_command", ["command": .string("echo begun > \(oracle.marker); sleep 100; : \(oracle.marker)w")])
            let task = Task { try? await environment.perform(call, in: world, context: CallContext()) }
            #expect(await Threads.wait { oracle.processes.contains { $0.contains("\(oracle.marker)w") } })
            let host = try #require(
                Oracle.processes(with: oracle.marker).filter { $0.line.contains("serve") }.map(\.id).min())
            return (task, host)
        }

        /// Group 36: the host dies. Its commands end with it, and the next command gets another host.
        @Test func aKilledHostIsReplaced() async throws {
            try await Oracle.watch { oracle in
                let (task, host) = try await running(oracle)
                kill(host, SIGKILL)
                #expect(await task.value == nil)
                #expect(await Threads.wait { !oracle.processes.contains { $0.contains("sleep") } })
                #expect(try await oracle.run("cat a") == "0\n")
                // Worlds of before still work, though what they wrote lay with the old host.
                let child = try await oracle.child("echo 1 > a; echo 1 > new")
                let other = try await running(oracle)
                kill(other.host, SIGKILL)
                _ = await other.task.value
                let later = try? await oracle.run("cat a new", in: child)
                #expect(later == nil || later == "1\n1\n", "\(later ?? "")")
                #expect(try await oracle.run("cat a") == "0\n")
            }
        }

        /// Group 36: the first process of a branch dies, and with it all others.
        @Test func aKilledBranchIsAFailedCall() async throws {
            try await Oracle.watch { oracle in
                let (task, host) = try await running(oracle)
                // Its parent is the host.
                let shell = try #require(
                    Oracle.processes(with: "\(oracle.marker)w").first { $0.line.hasPrefix("/bin/sh") })
                let stat = try Directory("/proc/\(shell.id)").content(of: RelativePath("status"))
                let parent = String(decoding: stat, as: UTF8.self).split(separator: "\n")
                    .first { $0.hasPrefix("PPid:") }.flatMap { pid_t($0.dropFirst(5).drop { $0 == "\t" }) }
                let first = try #require(parent)
                #expect(first != host && first > 1)
                kill(first, SIGKILL)
                let result = await task.value
                #expect(result == nil || result?.output.text.contains("exit status 137") == true)
                #expect(await Threads.wait { !oracle.processes.contains { $0.contains("sleep") } })
                #expect(try await oracle.run("cat a; ls") == "0\na\nd\n")
            }
        }

        /// Group 38: file systems that there are here.
        @Test(arguments: (["/dev/shm", "/var/tmp", "/tmp"] as [String]).filter { access($0, W_OK) == 0 })
        func anyFileSystemWillDo(_ place: String) async throws {
            try await Oracle.watch(in: place) { oracle in
                let child = try await oracle.child("echo 1 > a; rm -r d; mkdir d; echo 2 > d/y; ln -s a l")
                #expect(try await oracle.run("cat a d/y l; ls", in: child) == "1\n2\n1\na\nd\nl\n")
                try await oracle.commit(child)
                #expect(oracle.directory.names == ["a", "d", "d/y", "l"])
            }
        }

        /// Group 38: file systems that root can make here. NFS and FAT are left to machines whose kernels have them.
        @Test(
            .enabled(if: Disk.canMake(.xfs), "xfs cannot be made here: root, mkfs.xfs and the kernel's part are needed")
        )
        func xfs() async throws { try await everythingWorks(on: .xfs) }

        @Test(
            .enabled(
                if: Disk.canMake(.btrfs), "btrfs cannot be made here: root, mkfs.btrfs and the kernel's part are needed"
            ))
        func btrfs() async throws { try await everythingWorks(on: .btrfs) }

        @Test(
            .enabled(if: Disk.canMake(.overlay), "overlays cannot be mounted here without a namespace: root is needed"))
        func overlay() async throws { try await everythingWorks(on: .overlay) }

        @Test(.enabled(if: Disk.canMake(.fuse), "there is no FUSE here: root, fuse-overlayfs and /dev/fuse are needed"))
        func fuse() async throws { try await everythingWorks(on: .fuse) }

        /// The same commands in a branch, committed in two steps, and in a plain directory of the same file system.
        private func everythingWorks(on kind: Disk.Kind) async throws {
            let disk = try Disk(kind)
            let commands = [
                "echo 1 > a; rm -r d; mkdir d; echo 2 > d/y; ln -s a l; mkdir -p n/m o; seq 1 20000 > n/m/big; chmod 555 o",
                "chmod 750 n; mv n/m/big n/big; rmdir n/m; echo 3 >> a; rm l; ln -s d l; truncate -s 1M hole; printf x >> hole",
            ]
            let plain = try TemporaryDirectory(in: disk.path, ["a": "0\n", "d/x": "0\n"])
            try await Oracle.watch(in: disk.path) { oracle in
                var world = WorldID.initial
                for command in commands {
                    world = try await oracle.child(of: world, command)
                    try await oracle.commit(world)
                    _ = await Oracle.outside("cd '\(plain.path)' && umask 022 && \(command)")
                    #expect(try TreeModel(of: oracle.directory.directory) == TreeModel(of: plain.directory))
                }
                // What others change is noticed there, too.
                let child = try await oracle.child(of: world, "echo mine > a")
                oracle.directory.write("a", "theirs\n")
                let failure = await #expect(throws: EnvironmentFailure.self) { try await oracle.commit(child) }
                #expect(failure?.code == .conflict)
                #expect(oracle.directory.text("a") == "theirs\n")
                chmod(oracle.path + "/o", 0o755)
            }
            chmod(plain.path + "/o", 0o755)
        }

        /// Group 38: a file system that is mounted read-only.
        @Test(.enabled(if: Disk.canMake(.tmpfs), "mounting needs root"))
        func whatIsReadOnlyIsNamed() async throws {
            let disk = try Disk(.tmpfs)
            #expect(await Oracle.outside("mount -o remount,ro '\(disk.path)'") == "")
            let failure = await #expect(throws: EnvironmentFailure.self) {
                _ = try await WorkspaceEnvironment(disk.path).open()
            }
            #expect(
                failure?.code == .unavailable && failure?.message.contains(disk.path) == true && failure?.remedy != nil)
        }

        /// Group 38: an overlay does not show what is mounted in its lower directory, so there are copies instead.
        @Test(.enabled(if: Disk.canMake(.tmpfs), "mounting needs root"))
        func mountsInTheWorkspaceAreNamed() async throws {
            let directory = try TemporaryDirectory(["a": "0\n", "m/.keep": ""])
            let scratch = try TemporaryDirectory()
            let disk = try Disk(.tmpfs, at: directory.path + "/m")
            try Array("1\n".utf8).withUnsafeBytes { bytes in
                let file = open(disk.path + "/b", O_WRONLY | O_CREAT, 0o644)
                defer { close(file) }
                try #require(write(file, bytes.baseAddress, bytes.count) == 2)
            }
            let environment = WorkspaceEnvironment(
                directory.path, options: WorkspaceOptions(temporaryDirectory: scratch.path + "/private"))
            _ = try await environment.open()
            #expect(environment.confinement?.hasPrefix("tier T3") == true, "\(environment.confinement ?? "")")
            #expect(environment.warning?.contains(disk.path) == true, "\(environment.warning ?? "")")
            try await environment.fork(.initial, as: WorldID(1))
            let call = Call("run_command", ["command": "cat a m/b; echo 2 > m/b"])
            let result = try await environment.perform(call, in: WorldID(1), context: CallContext())
            #expect(result.output.text == "0\n1\n")
            #expect(directory.text("m/b") == "1\n")
            // What is changed there cannot be put there with the rest, all or nothing.
            let failure = await #expect(throws: EnvironmentFailure.self) { try await environment.commit(WorldID(1)) }
            #expect(failure?.message.contains("nothing was committed") == true, "\(String(describing: failure))")
            #expect(directory.text("m/b") == "1\n")
            try await environment.fork(.initial, as: WorldID(2))
            let other = Call("run_command", ["command": "echo 2 > a"])
            _ = try await environment.perform(other, in: WorldID(2), context: CallContext())
            try await environment.commit(WorldID(2))
            #expect(directory.text("a") == "2\n")
            await environment.close()
        }

        /// Group 38: a path with links in it is the place that they lead to.
        @Test func linksLeadToTheWorkspace() async throws {
            let outer = try TemporaryDirectory(["real/ws/a": "0\n", "scratch/x": ""])
            symlink("real", outer.path + "/link")
            symlink("link/ws", outer.path + "/ws")
            for path in ["link/ws", "ws", "link/../real/ws", "real/./ws/"] {
                var options = WorkspaceOptions()
                options.temporaryDirectory = outer.path + "/scratch/private"
                let environment = WorkspaceEnvironment("\(outer.path)/\(path)", options: options)
                _ = try await environment.open()
                try await environment.fork(.initial, as: WorldID(1))
                let call = Call("run_command", ["command": "pwd; echo 1 >> a"])
                let result = try await environment.perform(call, in: WorldID(1), context: CallContext())
                #expect(result.output.text == "\(outer.path)/real/ws\n")
                try await environment.commit(WorldID(1))
                await environment.close()
            }
            #expect(outer.text("real/ws/a") == "0\n1\n1\n1\n1\n")
        }

        /// Group 38: two runs on one workspace that ask for it keep each other out, and the first one's end lets the second in.
        @Test func twoRunsExcludeEachOther() async throws {
            let directory = try TemporaryDirectory(["a": "0\n"])
            let scratch = try TemporaryDirectory()
            func environment(_ sharing: CommitOptions.Sharing) -> WorkspaceEnvironment {
                var options = WorkspaceOptions()
                options.temporaryDirectory = scratch.path + "/private"
                options.commits.sharing = sharing
                return WorkspaceEnvironment(directory.path, options: options)
            }
            let first = environment(.refuse)
            _ = try await first.open()
            let failure = await #expect(throws: EnvironmentFailure.self) { _ = try await environment(.refuse).open() }
            #expect(failure?.message.contains("\(getpid())") == true, "\(failure?.message ?? "")")
            let waiting = environment(.wait)
            let opened = Task { try await waiting.open() }
            try await Task.sleep(for: .milliseconds(100))
            await first.close()
            _ = try await opened.value
            await waiting.close()
            #expect(scratch.names == [] || scratch.names == ["private"])
        }

        /// Group 38: a workspace that nobody may write to, one that is no directory, one that is not there, and the root.
        @Test func placesThatCannotBeUsedAreNamed() async throws {
            let outer = try TemporaryDirectory(["file": "", "closed/x": ""])
            chmod(outer.path + "/closed", 0o500)
            defer { chmod(outer.path + "/closed", 0o700) }
            var paths = ["/", outer.path + "/file", outer.path + "/missing"]
            if geteuid() != 0 { paths.append(outer.path + "/closed") }
            for path in paths {
                let failure = await #expect(throws: EnvironmentFailure.self) {
                    _ = try await WorkspaceEnvironment(path).open()
                }
                #expect(
                    failure?.code == .unavailable && failure?.remedy != nil, "\(path): \(String(describing: failure))")
            }
        }
    }
}
