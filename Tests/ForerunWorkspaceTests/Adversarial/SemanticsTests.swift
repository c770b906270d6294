import CBranch
import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 24 to 32: what a commit does must be what the command did.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct SemanticsTests {
        private static let base = [
            "a": "a\n", "b": "b\n", "d/x": "x\n", "d/e/y": "y\n", "d/e/f/z": "z\n", "Case": "c\n", "s/one": "1\n",
        ]

        /// Group 24: whatever a path becomes, over whatever it was. What is no part of a world hides what was there all the same.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func everythingOverEverything() async throws {
            let kinds = [
                "file": "rm -rf P; echo new > P",
                "directory": "[ -d P ] && [ ! -L P ] || rm -rf P; mkdir -p P; echo n > P/n",
                "opaque": "rm -rf P; mkdir P; echo n > P/x", "whiteout": "rm -rf P",
                "link": "rm -rf P; ln -s elsewhere P",
                "pipe": "rm -rf P; mkfifo P",
                "socket": "rm -rf P; mkdir t; (cd t; ../attack mknod; mv socket ../P); rm -rf t",
            ].sorted { $0.key < $1.key }
            let bases = ["nothing", "file", "directory", "link"]
            let script = kinds.flatMap { kind, text in
                bases.map {
                    text.split(separator: "P", omittingEmptySubsequences: false).joined(separator: "\(kind)-\($0)")
                }
            }.joined(separator: "\n")
            func prepare(_ directory: TemporaryDirectory) {
                for (kind, _) in kinds {
                    directory.write("\(kind)-file", "base\n")
                    for name in ["x", "y", "z/x"] { directory.write("\(kind)-directory/\(name)", "base\n") }
                    symlink("\(kind)-file", "\(directory.path)/\(kind)-link")
                }
            }
            let plain = try TemporaryDirectory()
            try plain.directory.create(
                RelativePath("attack"), content: #require(AttackProgram.bytes), mode: 0o755, modified: 1)
            prepare(plain)
            _ = await Oracle.outside(
                "cd '\(plain.path)' && umask 022; \(script)\nfind . -type p -delete -o -type s -delete")
            try await Oracle.watch([:], programs: true, prepare: prepare) { oracle in
                let child = try await oracle.child("umask 022; \(script)")
                let listing = "find . | sort"
                #expect(
                    try await oracle.run(listing, in: child) == Oracle.outside("cd '\(plain.path)' && \(listing)"))
                try await oracle.commit(child)
                #expect(try TreeModel(of: oracle.directory.directory) == TreeModel(of: plain.directory))
                #expect(oracle.directory.names.count == 29)
            }
        }

        /// Groups 25 and 26: each script runs in a plain copy and, in pieces, in branches that are committed.
        @Test(arguments: [
            ["rm -r d; mkdir d; echo new > d/only"], ["rm -r d", "mkdir -p d/e", "echo 1 > d/e/y"],
            ["rm -r d; mkdir -p d/e; echo n > d/e/n", "rm -r d/e; mkdir d/e; echo m > d/e/m", "rm -r d; mkdir d"],
            ["mkdir new; echo 1 > new/1; echo 2 > new/2", "rm new/1", "echo again > new/1; rm new/2"],
            ["mv d moved", "mv moved/e moved/g; echo k > moved/g/k"], ["mv d t; mv s d; mv t s"],
            ["mv a t; mv b a; mv t b", "mv a t; mv b a; mv t b; echo more >> a"],
            ["mv Case case", "mv case CASE"],
            ["rm a; mkdir a; echo 1 > a/1", "rm -r a; ln -s b a", "rm a; echo 2 > a"],
            ["rm -r d; echo file > d", "rm d; ln -s s d", "rm d; mkdir d; echo back > d/x"],
            ["ln -s nowhere l; ln -s d l2", "ln -sfn s l2; rm l; mkdir l"],
            ["mkdir -p d/x2; rm d/x; mv d/x2 d/x; echo > d/x/q"],
            ["chmod 700 d; chmod 755 a; chmod 000 b", "chmod 644 b; chmod 1777 d"],
            ["umask 077; echo p > private; mkdir secret", "umask 000; echo q > public; mkdir -m 1777 open"],
            ["touch -d @1000000000 a; touch -d @1000000000.123456789 new; touch -d @5 d"],
            ["cp -p a copy; cp -rp d copied; ln copied/x hard; rm copied/x"],
            ["rm -rf d s; mkdir -p d/e/f/g/h; echo deep > d/e/f/g/h/i", "mv d/e/f/g top; rm -r d"],
        ])
        func commitsDoWhatCommandsDid(_ scripts: [String]) async throws {
            try await Oracle.watch(Self.base) { oracle in
                let plain = try TemporaryDirectory(Self.base)
                var worlds: [WorldID] = [.initial]
                for script in scripts {
                    _ = await Oracle.outside("cd '\(plain.path)' && { \(script); }")
                    worlds.append(try await oracle.child(of: worlds[worlds.count - 1], script))
                }
                let look =
                    "find . -not -type d -printf '%p %y %m %s %l %Ts\\n' -o -printf '%p %y %m\\n' | grep -v '^.* d .* attack' | sort"
                let times = "sed 's/ [0-9]*$//'"
                let wanted = await Oracle.outside("cd '\(plain.path)' && \(look) | \(times)")
                let layered = try await oracle.run("\(look) | \(times)", in: worlds[worlds.count - 1])
                #expect(layered == wanted)
                for world in worlds.dropFirst() { try await oracle.commit(world) }
                #expect(await Oracle.outside("cd '\(oracle.path)' && \(look) | \(times)") == wanted)
                let contents = "find . -type f -not -perm 000 | sort | xargs -d '\\n' cat"
                let (real, expected) = (
                    await Oracle.outside("cd '\(oracle.path)' && \(contents)"),
                    await Oracle.outside("cd '\(plain.path)' && \(contents)")
                )
                #expect(real == expected)
            }
        }

        /// Group 27: marks of the overlay that a command forges are names of attributes like others.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func forgedMarksMeanNothing() async throws {
            try await Oracle.watch(["a": "a\n", "d/x": "x\n", "e/y": "y\n"], programs: true) { oracle in
                let child = try await oracle.fork()
                let text = try await oracle.output(
                    "run_command",
                    [
                        "command": """
                        for n in whiteout opaque redirect metacopy origin impure; do
                            ./attack setxattr user.overlay.$n a y; ./attack setxattr user.overlay.$n d y
                            ./attack setxattr user.overlay.overlay.$n e y
                        done
                        ./attack setxattr trusted.overlay.opaque d y; ./attack mknod >/dev/null; rm -f fifo socket
                        echo 1 >> a; echo 1 > d/new; echo 1 > e/new
                        """
                    ], in: child
                ).text
                #expect(text.contains("setxattr="), "\(text)")
                #expect(try await oracle.run("ls d e; cat a d/x", in: child) == "d:\nnew\nx\n\ne:\nnew\ny\na\n1\nx\n")
                try await oracle.commit(child)
                #expect(
                    Set(oracle.directory.names).subtracting(["attack"])
                        == ["a", "d", "d/new", "d/x", "e", "e/new", "e/y"])
                for path in ["a", "d", "e"] {
                    var names = [CChar](repeating: 0, count: 4096)
                    let length = cbranch_list_attributes(
                        oracle.directory.directory.descriptor, path, &names, names.count)
                    let list = String(
                        decoding: names.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                    #expect(!list.contains("overlay"), "\(path): \(list)")
                }
            }
        }

        /// Group 27: an untrusted checkout may hold such marks itself. A branch shows its files as they are.
        @Test func plantedMarksMeanNothing() async throws {
            let outer = try TemporaryDirectory(["secret": "canary\n"])
            try await Oracle.watch(
                ["d/x": "x\n", "d/e/y": "y\n", "r/z": "z\n", "w/gone": "here\n", "w/kept": "k\n", "m": "m\n"],
                prepare: { directory in
                    let descriptor = directory.directory.descriptor
                    for (path, name, value) in [
                        ("d", "opaque", "y"), ("r", "redirect", outer.path), ("r", "metacopy", "y"),
                        ("m", "metacopy", ""), ("m", "redirect", outer.path + "/secret"), ("w", "opaque", "x"),
                        ("w/gone", "whiteout", "y"),
                    ] {
                        _ = cbranch_set_attribute(descriptor, path, "user.overlay.\(name)", value, value.utf8.count)
                    }
                }
            ) { oracle in
                let look = "find . -type f -not -name m | sort | xargs -d '\\n' tail -n +1"
                let wanted = await Oracle.outside("cd '\(oracle.path)' && \(look)")
                #expect(wanted.contains("here"))
                #expect(try await oracle.run(look) == wanted)
                // A file that claims to hold only what it is called: the kernel opens neither it nor what it points to.
                let refused = try await oracle.run("cat m 2>&1")
                #expect(refused == "m\n" || refused.contains("not permitted"), "\(refused)")
                // Also where a layer lies above.
                let child = try await oracle.child("echo 1 > d/new; echo 1 > r/new; echo 1 > w/new; echo 2 >> m; true")
                let seen = try await oracle.run("cat d/x d/e/y r/z w/gone; ls d r w; cat m", in: child)
                #expect(
                    seen.hasPrefix("x\ny\nz\nhere\nd:\ne\nnew\nx\n\nr:\nnew\nz\n\nw:\ngone\nkept\nnew\n"), "\(seen)")
                #expect(!seen.contains("canary"))
                try await oracle.commit(child)
                #expect(oracle.directory.text("m").map { ["m\n", "m\n2\n"].contains($0) } == true)
                #expect(oracle.directory.text("w/gone") == "here\n")
            }
        }

        /// Group 28.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func devicesPipesAndSocketsStayBehind() async throws {
            try await Oracle.watch(programs: true, prepare: { mkfifo($0.path + "/base-pipe", 0o600) }) { oracle in
                let child = try await oracle.fork()
                let text = try await oracle.output("run_command", ["command": "./attack mknod; echo 1 > x"], in: child)
                    .text
                let made = Attempts(text)
                #expect(made["whiteout"] != "ok" && made["null"] != "ok" && made["disk"] != "ok", "\(text)")
                #expect(made["fifo"] == "ok")
                try await oracle.commit(child)
                #expect(Set(oracle.directory.names).isSuperset(of: ["base-pipe", "x"]))
                #expect(
                    !oracle.directory.names.contains { ["fifo", "socket", "whiteout", "null", "disk"].contains($0) })
                var status = stat()
                #expect(lstat(oracle.path + "/base-pipe", &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
            }
        }

        /// Group 29: what cannot be read, and attributes of users.
        @Test func unreadableFilesAndAttributesStay() async throws {
            try await Oracle.watch(
                ["locked/in": "i\n", "closed": "c\n", "noted": "n\n", "old": "o\n"],
                prepare: { directory in
                    let descriptor = directory.directory.descriptor
                    _ = cbranch_set_attribute(descriptor, "noted", "user.note", "kept", 4)
                    chmod(directory.path + "/closed", 0)
                    chmod(directory.path + "/locked", 0)
                }
            ) { oracle in
                defer {
                    chmod(oracle.path + "/locked", 0o700)
                    chmod(oracle.path + "/closed", 0o600)
                }
                let child = try await oracle.child(
                    "echo 1 >> noted; touch -d @77.5 old; chmod 751 old; mkdir new; chmod 000 new; echo s > sealed; chmod 0 sealed"
                )
                try await oracle.commit(child)
                var value = [UInt8](repeating: 0, count: 10)
                let length = cbranch_get_attribute(
                    oracle.directory.directory.descriptor, "noted", "user.note", &value, value.count)
                #expect(length == 4 && oracle.directory.text("noted") == "n\n1\n")
                #expect(oracle.directory.signature("closed")?.mode == 0)
                #expect(oracle.directory.signature("locked")?.mode == 0)
                #expect(
                    oracle.directory.signature("old").map { [$0.modified, Int64($0.mode)] } == [77_500_000_000, 0o751])
                #expect(oracle.directory.signature("new")?.mode == 0)
                #expect(oracle.directory.signature("sealed")?.mode == 0)
                chmod(oracle.path + "/sealed", 0o600)
                #expect(oracle.directory.text("sealed") == "s\n")
            }
        }

        /// Group 30: any bytes are a name, in the workspace and above it.
        @Test(arguments: ["plain", "a:b", "c,d", "e\\f", "-g h", "upperdir=x", "näme\nline", "%41\"'$HOME`"])
        func anyNameWillDo(_ parent: String) async throws {
            let outer = try TemporaryDirectory()
            mkdir(outer.path + "/" + parent, 0o700)
            try await Oracle.watch(["a": "0\n"], in: outer.path + "/" + parent) { oracle in
                let script = """
                    for n in 'new
                    line' 'c:o' 'c,o' 'b\\s' '-dash' ' ' '...' '..a' 'é' 'é' '*' '"' "'" '$(x)' '\\\\x00' '.wh.a' '#'; do
                        echo "$n" > "./$n"; mkdir "./d$n"; echo "$n" > "./d$n/in"
                    done
                    printf raw > "$(printf 'raw\\377\\001')"; mv a '-a'
                    """
                let plain = try TemporaryDirectory(["a": "0\n"])
                _ = await Oracle.outside("cd '\(plain.path)' && { \(script)\n}")
                let child = try await oracle.child(script)
                try await oracle.commit(child)
                let (wanted, found) = try (TreeModel(of: plain.directory), TreeModel(of: oracle.directory.directory))
                #expect(found == wanted)
                #expect(plain.names.count > 45)
            }
        }

        /// Group 31.
        @Test(arguments: [
            "touch a d", "cat a > t; cat t > a; rm t", "chmod 600 a; chmod 644 a", "echo x > n; rm n", "mv a t; mv t a",
            "true",
        ])
        func whatIsTheSameIsNoDifference(_ script: String) async throws {
            try await Oracle.watch(prepare: { chmod($0.path + "/a", 0o644) }) { oracle in
                let child = try await oracle.child(script)
                #expect(try await oracle.environment.difference(of: child) == "")
                try await oracle.commit(child)
                #expect(oracle.directory.text("a") == "0\n")
                #expect(oracle.directory.names == ["a", "d", "d/x"])
            }
        }
    }
}
