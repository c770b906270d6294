import ForerunCore
import Glibc
import Testing

@testable import ForerunWorkspace

extension AdversarialTests {
    /// Groups 21 to 23: output, ends of commands, commands that cannot start.
    @Suite(.enabled(if: canBranch, "branches do not work here: see forerun doctor"))
    struct OutputTests {
        /// Group 21, with 100 MB in place of 10 GB.
        @Test(.enabled(if: AttackProgram.bytes != nil, "there is no C compiler"))
        func aFloodIsCutAndStopsNothing() async throws {
            try await Oracle.watch(options: WorkspaceOptions(outputLimit: 4000), programs: true) { oracle in
                let text = try await oracle.run("echo head; ./attack flood 100; echo; echo tail")
                #expect(text.utf8.count < 4200 && text.hasPrefix("head\nxxx") && text.hasSuffix("xxx\ntail\n"))
                let errors = try await oracle.run("./attack flood 20 >&2; echo tail >&2; exit 3")
                #expect(errors.utf8.count < 4200 && errors.hasSuffix("xtail\nexit status 3"))
            }
        }

        /// Group 21: bytes that are no text, cut anywhere.
        @Test func anyBytesBecomeText() async throws {
            for limit in [1000, 1001, 1002, 1003] {
                try await Oracle.watch(options: WorkspaceOptions(outputLimit: limit)) { oracle in
                    // A character of three bytes again and again: every cut but one in three is inside of one.
                    let text = try await oracle.run("yes '€€€€€€€' | tr -d '\\n' | head -c 30000")
                    #expect(text.hasPrefix("€€€") && text.hasSuffix("€€€"))
                    #expect(!text.contains("\u{FFFD}"), "\(limit)")
                    #expect(text.utf8.count < limit + 100)
                }
            }
            try await Oracle.watch { oracle in
                let text = try await oracle.run(
                    "printf 'a\\000b\\377c\\n'; head -c 1000 /dev/urandom | tr -d '\\n'; echo")
                #expect(text.hasPrefix("a\0b\u{FFFD}c\n"))
                // A model's transcript is JSON: the text must survive it.
                let back = try JSON(parsing: JSON.string(text).canonicalText)
                #expect(back.stringValue == text)
            }
        }

        /// Group 21: output that is closed early, or held open by what stays behind.
        @Test func closedAndHeldOutputEnds() async throws {
            try await Oracle.watch { oracle in
                for (command, wanted) in [
                    ("echo one; exec >&- 2>&-; sleep 0.2; true", "one\n"),
                    ("(sleep 100; : \(oracle.marker)) & echo one", "one\n"),
                    ("exec 3>&1; (exec 4>&3; sleep 100; : \(oracle.marker)) & echo two", "two\n"),
                    ("yes | head -1; echo $?", "y\n0\n"),
                ] {
                    let text = try await oracle.run(command)
                    #expect(text == wanted, "\(command)")
                }
            }
        }

        /// Group 22: commands that do not want to end. The time limit ends each of them with all that belongs to it.
        @Test(arguments: [
            "trap '' TERM HUP INT QUIT; while :; do sleep 1; done",
            "kill -STOP $$; echo never",
            "kill -STOP -1; sleep 100",
            "mkfifo f; cat f",
            "mkfifo f; exec 3> f",
            "(trap '' TERM; sleep 100) & (setsid sh -c 'trap \"\" TERM; sleep 100' &); wait; sleep 100",
            "sh -c 'kill -STOP $PPID'; sleep 100",
        ])
        func theTimeLimitEndsEverything(_ command: String) async throws {
            try await Oracle.watch { oracle in
                let child = try await oracle.fork()
                let call = Call(
                    "run_command", ["command": .string("\(command) # \(oracle.marker)"), "timeout_seconds": 1])
                let failure = await #expect(throws: CallFailure.self) {
                    try await oracle.environment.perform(call, in: child, context: CallContext())
                }
                #expect(failure?.kind == .timedOut)
                #expect(oracle.processes.allSatisfy { !$0.contains("sleep") && !$0.contains("STOP") })
            }
        }

        /// Group 23: as a shell would say it.
        @Test func whatCannotStartIsSaid() async throws {
            try await Oracle.watch(prepare: { directory in
                directory.write("plain", "no program\n")
                directory.write(
                    "foreign", "\u{7F}ELF\u{2}\u{1}\u{1}" + String(repeating: "\0", count: 11) + "\u{F3}", mode: 0o755)
                directory.write("gone", "#!/no/such/interpreter\n", mode: 0o755)
                directory.write("empty", "", mode: 0o755)
            }) { oracle in
                for (command, status) in [
                    ("no-such-program", 127), ("./no-such-program", 127), ("./plain", 126), ("./foreign", 126),
                    ("./gone", 127), ("/", 126),
                ] {
                    let text = try await oracle.run(command)
                    // Shells disagree on the interpreter that is missing.
                    let isRight =
                        text.hasSuffix("exit status \(status)") || (command == "./gone" && text.hasSuffix("126"))
                    #expect(isRight, "\(command): \(text)")
                }
                #expect(try await oracle.run("./empty") == "(no output)")
                for signal in [1, 2, 6, 9, 11, 15] {
                    let text = try await oracle.run("kill -\(signal) $$; sleep 5")
                    #expect(text == "exit status \(128 + signal)", "\(text)")
                }
            }
        }

        /// Group 23, without a shell: `forerun branch exec` starts programs itself.
        @Test func programsThatCannotStartAreNamed() async throws {
            try await Oracle.watch(prepare: { $0.write("plain", "no program\n") }) { oracle in
                for arguments in [["no-such-program"], ["./plain"], ["./no-such-program", "x"]] {
                    let world = try await oracle.fork()
                    let failure = await #expect(throws: CallFailure.self) {
                        try await oracle.environment.execute(arguments, in: world)
                    }
                    #expect(failure?.kind == .notStarted)
                    #expect(failure?.message.contains(arguments[0]) == true, "\(failure?.message ?? "")")
                }
            }
        }
    }
}
