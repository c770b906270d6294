import ForerunCore
import ForerunWorkspace
import Foundation

/// What branches of a workspace of 5,000 files and 50 MB cost. To be run as an ordinary user: root is spared some checks.
struct BranchesBenchmark: Benchmark {
    let name = "branches"

    func run(report: (Measurement) -> Void) async throws {
        if geteuid() == 0 { Figures.note("running as root; the figures are meant for an ordinary user") }
        let sample = try SampleWorkspace()
        defer { sample.remove() }
        // What writing the sample left to do is no part of what is measured.
        sync()
        let bench = try await Bench(sample)
        report(try await bench.one("create, /bin/true, discard"))
        report(try await bench.many(64))
        report(try await bench.deep(16))
        for measurement in try await bench.steps() { report(measurement) }
        for measurement in try await bench.kill() { report(measurement) }
        for count in [1, 100, 5000] { report(try await bench.flatten(count)) }
        for measurement in try await Rivals(sample).measure() { report(measurement) }
        let ballast = Ballast(gigabytes: 8)
        report(try await bench.one("create, /bin/true, discard, from a process of 8 GB"))
        withExtendedLifetime(ballast) {}
        await bench.environment.close()
    }

    /// Branches of one open workspace.
    private final class Bench {
        let sample: SampleWorkspace
        let environment: WorkspaceEnvironment
        private var last = 0
        private var committed = WorldID.initial
        private let clock = ContinuousClock()

        init(_ sample: SampleWorkspace) async throws {
            self.sample = sample
            var options = WorkspaceOptions(sandbox: .required)
            options.helper = Layout.helper
            environment = WorkspaceEnvironment(sample.path, options: options)
            _ = try await environment.open()
            Figures.note("branches: \(environment.confinement ?? "none")")
            guard environment.canFork else { throw BenchmarkError("branches would be copies here") }
        }

        private func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
            let time = try await clock.measure { try await body() }
            return Double(time.components.seconds) * 1000 + Double(time.components.attoseconds) * 1e-15
        }

        private func fork(_ parent: WorldID? = nil) async throws -> WorldID {
            last += 1
            try await environment.fork(parent ?? committed, as: WorldID(last))
            return WorldID(last)
        }

        private func perform(_ call: Call, in world: WorldID) async throws {
            let result = try await environment.perform(call, in: world, context: CallContext())
            if result.output.isError { throw BenchmarkError(result.output.text) }
        }

        private func branch(of parent: WorldID?) async throws {
            let world = try await fork(parent)
            _ = try await environment.execute(["/bin/true"], in: world)
            await environment.discard(world)
        }

        /// The medians of two things that are done in turns, so that both meet the same machine.
        private func medians(
            of count: Int = 100, _ one: () async throws -> Void, _ other: () async throws -> Void
        ) async throws -> (one: Double, other: Double) {
            var times: (one: [Double], other: [Double]) = ([], [])
            // The first ones warm up.
            for number in -100..<count {
                let one = try await milliseconds(one)
                let other = try await milliseconds(other)
                if number >= 0 {
                    times.one.append(one)
                    times.other.append(other)
                }
            }
            return (times.one.sorted()[count / 2], times.other.sorted()[count / 2])
        }

        func one(_ name: String) async throws -> Measurement {
            let times = try await medians {
                try await branch(of: nil)
            } _: {
                try Program.run("/bin/true", [])
            }
            return Measurement(
                of: name, metric: "wall, median of 100", unit: "ms", value: times.one,
                baseline: "posix_spawn /bin/true", baselineValue: times.other)
        }

        func many(_ count: Int) async throws -> Measurement {
            var times: (atOnce: [Double], inTurn: [Double]) = ([], [])
            for _ in 0..<20 {
                var worlds: [WorldID] = []
                for _ in 0..<count { worlds.append(try await fork()) }
                times.atOnce.append(
                    try await milliseconds {
                        try await withThrowingTaskGroup(of: Void.self) { group in
                            for world in worlds {
                                group.addTask { [environment] in
                                    _ = try await environment.execute(["/bin/true"], in: world)
                                    await environment.discard(world)
                                }
                            }
                            try await group.waitForAll()
                        }
                    })
                times.inTurn.append(
                    try await milliseconds { for _ in 0..<count { try await branch(of: nil) } })
            }
            return Measurement(
                of: "\(count) at once", metric: "wall, median of 20", unit: "ms", value: times.atOnce.sorted()[10],
                baseline: "\(count) one after the other", baselineValue: times.inTurn.sorted()[10])
        }

        func deep(_ depth: Int) async throws -> Measurement {
            var world = committed
            var shallow: WorldID?
            for level in 0..<depth {
                world = try await fork(world)
                try await perform(
                    Call("run_command", ["command": .string("echo \(level) > level-\(level)")]), in: world)
                shallow = shallow ?? world
            }
            let times = try await medians {
                try await branch(of: world)
            } _: {
                try await branch(of: shallow)
            }
            return Measurement(
                of: "depth \(depth)", metric: "wall, median of 100", unit: "ms", value: times.one, baseline: "depth 1",
                baselineValue: times.other)
        }

        /// What the critical path sees of adopting a world and of discarding one.
        func steps() async throws -> [Measurement] {
            var adopting: [Double] = []
            var discarding: [Double] = []
            for number in 0..<20 {
                let world = try await fork()
                try await perform(Call("run_command", ["command": .string("echo \(number) > adopted")]), in: world)
                // The commit goes on beside: work on the committed world can begin at once.
                let commit = Task { [environment] in try await environment.commit(world) }
                var next = world
                adopting.append(try await milliseconds { next = try await fork(world) })
                try await commit.value
                let other = try await fork(world)
                try await perform(Call("run_command", ["command": "echo x > discarded"]), in: other)
                discarding.append(await milliseconds { await environment.discard(other) })
                await environment.discard(next)
                committed = world
            }
            return [
                Measurement(of: "adopt", metric: "wall, median of 20", unit: "ms", value: adopting.sorted()[10]),
                Measurement(of: "discard", metric: "wall, median of 20", unit: "ms", value: discarding.sorted()[10]),
            ]
        }

        func kill() async throws -> [Measurement] {
            var times: [Double] = []
            for round in 0..<40 {
                // Seconds that nobody else sleeps: the processes are counted by them.
                let seconds = "\(100_000 + Int(getpid()) % 10_000).\(round)"
                let tree = "i=0; while [ $i -lt 50 ]; do setsid sleep \(seconds) & i=$((i+1)); done; wait"
                let world = try await fork()
                let task = Task { [environment] in
                    try await environment.perform(
                        Call("run_command", ["command": .string(tree)]), in: world, context: CallContext())
                }
                while try Program.run("/bin/sh", ["-c", "test $(pgrep -cf '^sleep \(seconds)') -ge 50"]) != 0 {
                    try await Task.sleep(for: .milliseconds(10))
                }
                times.append(
                    await milliseconds {
                        task.cancel()
                        _ = await task.result
                    })
                await environment.discard(world)
            }
            times.sort()
            return [
                Measurement(of: "kill 50 processes", metric: "wall, median of 40", unit: "ms", value: times[20]),
                Measurement(of: "kill 50 processes", metric: "wall, longest of 40", unit: "ms", value: times[39]),
            ]
        }

        /// Makes changed files durable in the real directory.
        func flatten(_ count: Int) async throws -> Measurement {
            let rounds = count > 1000 ? 5 : 20
            var times: [Double] = []
            var copying: [Double] = []
            for round in 0..<rounds {
                let world = try await fork()
                let change = "ls -d */* | head -n \(count) | while read f; do echo \(round) >> $f; done"
                try await perform(Call("run_command", ["command": .string(change), "timeout_seconds": 300]), in: world)
                times.append(try await milliseconds { try await environment.commit(world) })
                committed = world
                copying.append(
                    try await milliseconds {
                        try Program.run(
                            "/bin/sh",
                            ["-c", "ls -d */* | head -n \(count) | xargs cp -t ../copy && sync -f ../copy"],
                            in: sample.path)
                    })
            }
            return Measurement(
                of: "flatten \(count) file\(count == 1 ? "" : "s"), synced", metric: "wall, median of \(rounds)",
                unit: "ms", value: times.sorted()[rounds / 2], baseline: "cp of the same files, sync",
                baselineValue: copying.sorted()[rounds / 2])
        }

    }

    /// What others offer.
    private struct Rivals {
        let sample: SampleWorkspace

        init(_ sample: SampleWorkspace) { self.sample = sample }

        func measure() async throws -> [Measurement] {
            var all: [Measurement] = []
            let clock = ContinuousClock()
            func median(_ count: Int, _ program: String, _ arguments: [String]) throws -> Double? {
                var times: [Double] = []
                for _ in 0..<count {
                    let start = clock.now
                    guard try Program.run(program, arguments, in: sample.path) == 0 else { return nil }
                    let time = clock.now - start
                    times.append(Double(time.components.seconds) * 1000 + Double(time.components.attoseconds) * 1e-15)
                }
                return times.sorted()[count / 2]
            }
            let confine = [
                "bwrap", "--ro-bind", "/", "/", "--unshare-all", "--bind", sample.path, sample.path, "--dev", "/dev",
                "--proc", "/proc", "--tmpfs", "/tmp", "/bin/true",
            ]
            if let time = try median(20, "/usr/bin/env", confine) {
                all.append(
                    Measurement(of: "bubblewrap, no layer", metric: "wall, median of 20", unit: "ms", value: time))
            } else {
                Figures.note("bubblewrap is not installed, or does not work here")
            }
            let worktree = "git worktree add -q --detach ../tree && git worktree remove --force ../tree"
            if let time = try median(5, "/bin/sh", ["-c", worktree]) {
                all.append(
                    Measurement(of: "git worktree add, remove", metric: "wall, median of 5", unit: "ms", value: time))
            }
            return all
        }
    }
}

/// A directory of 5,000 files of 10 KB in 50 directories, under git.
private struct SampleWorkspace {
    let place: String
    var path: String { place + "/workspace" }

    init() throws {
        let parent = ProcessInfo.processInfo.environment["FORERUN_BENCH_DIRECTORY"] ?? "/var/tmp"
        place = "\(parent)/forerun-bench-\(ProcessInfo.processInfo.processIdentifier)"
        let files = FileManager.default
        for directory in 0..<50 {
            try files.createDirectory(atPath: "\(path)/d\(directory)", withIntermediateDirectories: true)
            for file in 0..<100 {
                let text = String(repeating: "line \(directory) \(file)\n", count: 10_240 / 12)
                try Data(text.utf8).write(to: URL(filePath: "\(path)/d\(directory)/f\(directory)-\(file)"))
            }
        }
        try files.createDirectory(atPath: place + "/copy", withIntermediateDirectories: true)
        let commit = "git init -q . && git add -A && git -c user.name=x -c user.email=x@x commit -qm x"
        _ = try Program.run("/bin/sh", ["-c", commit + " && sync"], in: path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: place) }
}

/// Memory that is really there.
private final class Ballast {
    private let memory: UnsafeMutableRawPointer
    private let size: Int

    init(gigabytes: Int) {
        size = gigabytes << 30
        memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        for offset in stride(from: 0, to: size, by: 4096) {
            memory.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
        }
    }

    deinit { memory.deallocate() }
}

/// Programs that are measured, started with posix_spawn and without any output.
private enum Program {
    /// - Returns: the exit status.
    @discardableResult
    static func run(_ program: String, _ arguments: [String], in directory: String? = nil) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [0, 1, 2] as [Int32] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0)
        }
        var command = [program] + arguments
        if let directory { command = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", directory] + command }
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        var process: pid_t = 0
        guard posix_spawn(&process, command[0], &actions, nil, &argv, environ) == 0 else {
            throw BenchmarkError("cannot start \(program)")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
    }
}
