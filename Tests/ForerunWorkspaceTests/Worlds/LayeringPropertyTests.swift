import ForerunCore
import ForerunTesting
import Glibc
import Testing

@testable import ForerunWorkspace

/// Random calls through layers, with siblings that are thrown away and look-ahead of random depth, against the same
/// calls on a plain directory.
@Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
struct LayeringPropertyTests {
    /// A call, and a shell command that does the same.
    struct Step {
        let call: Call
        let plain: String

        init(using generator: inout SeededGenerator) {
            func pick(_ choices: [String]) -> String { choices.randomElement(using: &generator) ?? "" }
            let path = pick(["a", "b", "d/a", "d/b", "d/e/a", "x/y", "l1", "é", "d"])
            let other = pick(["a", "b", "d", "d/e", "x", "l1", "z w"])
            let number = Int.random(in: 0..<100, using: &generator)
            if Int.random(in: 0..<10, using: &generator) < 4 {
                call = Call("write_file", ["path": .string(path), "content": .string("\(number)\n")])
                plain = "mkdir -p \"$(dirname '\(path)')\" && echo \(number) > '\(path)'"
                return
            }
            if Int.random(in: 0..<6, using: &generator) == 0 {
                call = Call(
                    "edit_file",
                    ["path": .string(path), "old_text": "\n", "new_text": " edited\n", "replace_all": true])
                plain = "test -f '\(path)' && sed -i --follow-symlinks 's/$/ edited/' '\(path)'"
                return
            }
            let command = [
                "rm -rf '\(other)'", "mv '\(other)' '\(pick(["a", "b", "d", "x", "m"]))'", "mkdir -p '\(other)/e'",
                "echo \(number) >> '\(path)'", "chmod \(pick(["700", "750", "755"])) '\(other)'",
                "ln -sfn \(pick(["a", "b", "d", "nowhere"])) l1", "cp -r '\(other)' x", "touch '\(path)'",
                "test -f '\(path)' && chmod \(pick(["600", "664"])) '\(path)'",
                "rm -rf a && mkdir a && echo \(number) > a/b", "rm -rf d && echo \(number) > d",
                "for i in 1 2 3; do echo $i > f$i; done; rm f2", "n=$(cat * 2>/dev/null | wc -c); echo $n > sum",
                "text=$(find . -type f | sort | xargs -d '\\n' cat); echo \"$text\" > all", "ls -R > listing",
            ].randomElement(using: &generator)
            call = Call("run_command", ["command": .string(command ?? "true")])
            plain = command ?? "true"
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func layersEqualAPlainDirectory(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let files = ["a": "0\n", "b": "1\n", "d/a": "2\n", "d/e/a": "3\n"]
        let workspace = try await OpenWorkspace(files)
        let plain = try TemporaryDirectory(files)
        let oracle = View(base: plain.directory)
        var committed = WorldID.initial
        var history: [String] = []
        for round in 0..<8 {
            var worlds: [WorldID] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let parent = worlds.last ?? committed
                if Bool.random(using: &generator) {
                    let sibling = try await workspace.fork(parent)
                    let decoy = Step(using: &generator)
                    _ = try await workspace.perform(decoy.call.name, decoy.call.arguments, in: sibling)
                    await workspace.environment.discard(sibling)
                }
                let step = Step(using: &generator)
                history.append(step.plain)
                worlds.append(try await workspace.child(of: parent, step.call.name, step.call.arguments))
                _ = try await PlainShell.run(step.plain, in: plain.path)
                let digest = try await workspace.environment.digest(of: worlds.last ?? committed)
                let expected = try oracle.digest()
                guard digest == expected else {
                    let world = worlds.last ?? committed
                    let shown = try await workspace.run("ls -lR --time-style=+; grep -r '' .", in: world)
                    let wanted = try await PlainShell.run("ls -lR --time-style=+; grep -r '' .", in: plain.path)
                    Issue.record("seed \(seed), round \(round): \(history)\nlayers:\n\(shown)\nplain:\n\(wanted)")
                    return
                }
            }
            for world in worlds {
                try await workspace.environment.commit(world)
                committed = world
            }
            let real = try View(base: workspace.directory.directory).digest()
            let expected = try oracle.digest()
            #expect(real == expected, "seed \(seed), round \(round): \(history)")
        }
        await workspace.environment.close()
        #expect(workspace.scratch.names == ["private"])
    }
}

/// A shell without anything around it.
enum PlainShell {
    static func run(_ command: String, in directory: String) async throws -> String {
        try await Command(
            arguments: ["/bin/sh", "-c", command], directory: directory, launcher: [],
            environment: CommandEnvironment.make(),
            timeout: .seconds(60), outputLimit: 64 * 1024
        ).run().output
    }
}
