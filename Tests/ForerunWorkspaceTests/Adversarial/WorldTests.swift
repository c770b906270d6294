import ForerunCore
import Foundation
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 32, 34 and 40: orders of commits, depth, and many at once.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct WorldTests {
        /// Group 32.
        @Test func commitsInOddOrders() async throws {
            try await Oracle.watch { oracle in
                oracle.changesWorkspace = true
                let empty = try await oracle.fork()
                try await oracle.commit(empty)
                try await oracle.commit(empty)
                #expect(oracle.directory.names == ["a", "d", "d/x"])
                let one = try await oracle.child(of: empty, "echo 1 > one")
                let two = try await oracle.child(of: one, "echo 2 > two")
                let rival = try await oracle.child(of: empty, "echo r > rival")
                // Not the last of its line: what is below comes with it, and again is no harm.
                try await oracle.commit(two)
                #expect(oracle.directory.text("one") == "1\n" && oracle.directory.text("two") == "2\n")
                try await oracle.commit(two)
                await #expect(throws: EnvironmentFailure.self) { try await oracle.commit(rival) }
                #expect(oracle.directory.text("rival") == nil)
                let gone = try await oracle.child(of: two, "echo g > gone")
                await oracle.environment.discard(gone)
                await #expect(throws: EnvironmentFailure.self) { try await oracle.commit(gone) }
                await #expect(throws: EnvironmentFailure.self) { try await oracle.commit(WorldID(9999)) }
                #expect(oracle.directory.text("gone") == nil)
            }
        }

        /// Group 32: of two that are committed at the same time one wins, whole.
        @Test func oneOfTwoWinners() async throws {
            for _ in 0..<10 {
                try await Oracle.watch { oracle in
                    oracle.changesWorkspace = true
                    let one = try await oracle.child("echo 1 > a; echo 1 > one; echo 1 > d/x")
                    let two = try await oracle.child("echo 2 > a; echo 2 > two; echo 2 > d/x")
                    let environment = oracle.environment
                    async let first: Void? = try? environment.commit(one)
                    async let second: Void? = try? environment.commit(two)
                    let won = await [first != nil, second != nil]
                    #expect(won.filter { $0 }.count == 1, "\(won)")
                    let text = won[0] ? "1\n" : "2\n"
                    #expect(oracle.directory.text("a") == text && oracle.directory.text("d/x") == text)
                    #expect((oracle.directory.text("one") != nil) == won[0])
                    #expect((oracle.directory.text("two") != nil) == won[1])
                }
            }
        }

        /// Branches are made before they are needed: when those that wait are killed, others are made.
        @Test func spareBranchesThatAreKilled() async throws {
            try await Oracle.watch { oracle in
                let host = try await oracle.host()
                let children = "/proc/\(host.processID)/task/\(host.processID)/children"
                func spares() -> Set<pid_t> {
                    let text = (try? String(contentsOfFile: children, encoding: .utf8)) ?? ""
                    return Set(text.split(separator: " ").compactMap { pid_t($0) })
                }
                func eventually(_ condition: () -> Bool) async throws {
                    for _ in 0..<24_000 where !condition() { try await Task.sleep(for: .milliseconds(5)) }
                    try #require(condition(), "\(spares())")
                }
                for _ in 0..<5 {
                    await oracle.environment.discard(try await oracle.child("echo x > x"))
                    // One of them is the process that deletes.
                    try await eventually { spares().count >= 3 }
                    let killed = spares()
                    for process in killed { kill(process, SIGKILL) }
                    try await eventually { spares().isDisjoint(with: killed) }
                }
                // More than there are to spare, at once.
                try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<12 {
                        group.addTask { try await Oracle.run("sleep 0.2; echo \(number)", on: host).output }
                    }
                    var outputs = Set<String>()
                    for try await output in group { outputs.insert(output) }
                    #expect(outputs == Set((0..<12).map { "\($0)\n" }))
                }
            }
        }

        /// Group 34.
        @Test func familiesOfWorlds() async throws {
            try await Oracle.watch { oracle in
                oracle.changesWorkspace = true
                let parent = try await oracle.child("echo new > new; echo 1 > a")
                let child = try await oracle.child(of: parent, "rm new a")
                let grandchild = try await oracle.child(of: child, "echo again > new; ls > list")
                #expect(
                    try await oracle.run("cat new list; ls", in: grandchild) == "again\nd\nlist\nnew\nd\nlist\nnew\n")
                // Its parent goes; it stays what it is.
                await oracle.environment.discard(parent)
                await oracle.environment.discard(child)
                #expect(try await oracle.run("cat new; ls", in: grandchild) == "again\nd\nlist\nnew\n")
                try await oracle.commit(grandchild)
                #expect(oracle.directory.names == ["d", "d/x", "list", "new"])
                #expect(oracle.directory.text("new") == "again\n")
            }
        }

        /// Group 34: a layer is put into the real directory while its descendants have both mounted. What they see is the same
        /// before, meanwhile and after, and so is what they make of it.
        @Test func commitsUnderLivingDescendants() async throws {
            let files = Dictionary(
                uniqueKeysWithValues: (0..<60).map { ("d\($0 % 6)/e\($0 % 2)/f\($0)", "\($0)\n") } + [
                    ("a", "0\n"), ("l/x", "x\n"),
                ])
            let change =
                "for f in d0/*/*; do echo more >> $f; done; rm -r d1 d2/e0; mkdir d1; echo d1 > d1/new; mv d3 moved; "
                + "rm a; mkdir a; echo in > a/b; rm -r l; ln -s d4 l; chmod 700 d5; ln d4/e0/f4 linked; echo over > d4/e0/f10; "
            let look =
                "(find . -printf '%y %m %p %l\\n' | sort; find . -type f -print0 | sort -z | xargs -0 cksum) | cksum"
            let plain = try TemporaryDirectory(files)
            try await Oracle.watch(files) { oracle in
                oracle.changesWorkspace = true
                var world = WorldID.initial
                for round in 0..<4 {
                    let step =
                        round == 0
                        ? change : "mv d0 z\(round); mv z\(round) d0; rm -rf l d1; mkdir d1; date > d1/n; cp -r d5 l; "
                    let parent = try await oracle.child(of: world, step + "cp -r d0 c\(round)")
                    var readers: [Task<String, any Error>] = []
                    for number in 0..<3 {
                        let child = try await oracle.fork(parent)
                        let environment = oracle.environment
                        // Some of them have changes of their own in the same directories.
                        let own = number == 0 ? "" : "echo \(number) > d0/own; rm -f d4/*/f16; mkdir -p d1/more; "
                        let command = JSON.string(
                            "\(own)for i in $(seq 25); do \(look); done | sort | uniq -c | tr -s ' '; : \(oracle.marker)"
                        )
                        let call = Call("run_command", ["command": command])
                        readers.append(
                            Task { try await environment.perform(call, in: child, context: CallContext()).output.text })
                    }
                    #expect(await Threads.wait { oracle.processes.filter { $0.contains("uniq -c") }.count >= 3 })
                    try await oracle.commit(parent)
                    for reader in readers {
                        let text = try await reader.value
                        #expect(
                            text.hasPrefix(" 25 ") && text.split(separator: "\n").count == 1, "round \(round): \(text)")
                    }
                    world = parent
                }
                _ = await Oracle.outside("cd '\(plain.path)' && umask 022; \(change) cp -r d0 c0")
                #expect(oracle.directory.text("d4/e0/f10") == plain.text("d4/e0/f10"))
                #expect(oracle.directory.signature("linked")?.kind == .file)
            }
        }

        /// Group 34: 64 layers.
        @Test func manyLayers() async throws {
            try await Oracle.watch { oracle in
                var world = WorldID.initial
                for number in 0..<64 {
                    world = try await oracle.child(
                        of: world,
                        "echo \(number) >> a; echo \(number) > f\(number); rm -f f\(number - 2); rm -r d; mkdir d; echo \(number) > d/n"
                    )
                }
                #expect(try await oracle.run("wc -l < a; ls; cat d/n", in: world) == "65\na\nd\nf62\nf63\n63\n")
                try await oracle.commit(world)
                #expect(oracle.directory.names == ["a", "d", "d/n", "f62", "f63"])
                #expect(oracle.directory.text("a")?.split(separator: "\n").count == 65)
            }
        }

        /// Group 40: 64 at once, each with its own view; then none of them is left.
        @Test func manyAtOnce() async throws {
            try await Oracle.watch { oracle in
                let environment = oracle.environment
                var worlds: [WorldID] = []
                for _ in 0..<64 { worlds.append(try await oracle.fork()) }
                let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                    for (number, world) in worlds.enumerated() {
                        group.addTask {
                            let call = Call(
                                "run_command", ["command": .string("echo \(number) > a; sleep 0.1; cat a; ls")])
                            return (
                                number,
                                try await environment.perform(call, in: world, context: CallContext()).output.text
                            )
                        }
                    }
                    return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
                }
                for number in 0..<64 { #expect(texts[number] == "\(number)\na\nd\n") }
                for world in worlds { await environment.discard(world) }
            }
        }
    }

    /// Group 40: ten thousand in a row leave nothing. The oracle looks at processes, mounts, descriptors and directories.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct BranchSoakTests {
        /// `make soak` runs ten thousand.
        static let count = getenv("FORERUN_SOAK") == nil ? 200 : 10_000

        @Test func manyInARow() async throws {
            try await Oracle.watch { oracle in
                let clock = ContinuousClock()
                let host = try #require(Oracle.processes(with: oracle.marker).first.map(\.id))
                var times: [Duration] = []
                var held: [Int] = []
                for number in 0..<Self.count {
                    let start = clock.now
                    let world = try await oracle.child("echo \(number) > a")
                    await oracle.environment.discard(world)
                    times.append(clock.now - start)
                    if number % (Self.count / 10) == Self.count / 10 - 1 {
                        let own = try Directory("/proc/self/fd").names(in: .root).count
                        let others = try Directory("/proc/\(host)/fd").names(in: .root).count
                        let mounts = try Directory("/proc/\(host)").content(of: RelativePath("mountinfo")).filter {
                            $0 == 10
                        }
                        held.append(own + others + mounts.count)
                        #expect(oracle.scratch.names.count < 200)
                    }
                }
                let part = Self.count / 10
                let (early, late) = (times.prefix(part).sorted()[part / 2], times.suffix(part).sorted()[part / 2])
                print(
                    "\(Self.count) branches: median of the first tenth \(early), of the last \(late), ratio \(late / early)"
                )
                #expect((held.max() ?? 0) - (held.min() ?? 0) < 20, "\(held)")
            }
        }
    }
}
