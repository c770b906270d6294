import ForerunCore
import ForerunStore
import Foundation
import Glibc
import Testing

/// `forerun chat`, between pipes.
struct ChatTests {
    /// A greeting, a turn that writes, and one that writes again.
    static let script = """
        models:
          actor:
            turns:
              - text: Hello.
              - calls: [{name: write_file, arguments: {path: b.txt, content: "1\\n"}}]
              - text: One is written.
              - calls: [{name: write_file, arguments: {path: b.txt, content: "2\\n"}}]
              - text: Two is written.
              - text: Goodbye.
        """

    static func directory(_ home: TemporaryHome) throws -> RunStateDirectory {
        try RunStateDirectory(environment: { home.variables[$0] })
    }

    static func records(_ home: TemporaryHome) throws -> [(name: RunName, record: RunRecord)] {
        let directory = try directory(home)
        return try directory.runs().map { ($0, try RunRecord($0, in: directory)) }
    }

    private func chat(
        _ lines: String, _ home: TemporaryHome, _ arguments: [String] = [], script: String = script
    ) async throws -> Program.Result {
        let (results, done) = AsyncStream.makeStream(of: Program.Result.self)
        try await withEndpoint(script) { flags in
            done.yield(try await Program.run(["chat", "coder"] + arguments + flags, in: home, input: .text(lines)))
        }
        for await result in results { return result }
        throw CancellationError()
    }

    @Test func eachLineIsAMessage() async throws {
        let home = try TemporaryHome()
        let result = try await chat("Write one.\n\nWrite \\\ntwo.\n", home, ["Hi."])
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output == "Hello.\nOne is written.\nTwo is written.\n")
        #expect(home.read("b.txt") == "2\n")
        let (name, record) = try #require(try Self.records(home).last)
        #expect(record.isConversation && record.isFinished && record.damage == nil)
        #expect(record.turns.map(\.messages) == [["Hi."], ["Write one."], [], ["Write \ntwo."], []])
        #expect(record.queued.isEmpty)
        #expect(result.error.contains("forerun chat --resume \(name)"))
        // All views know what it was about.
        let runs = try await Program.run(["runs"], in: home)
        #expect(runs.output.contains("finished") && runs.output.contains("Hi."), "\(runs.output)")
        let show = try await Program.run(["show", name.description], in: home)
        for words in ["you     Hi.", "you     Write one.", "Two is written."] { #expect(show.output.contains(words)) }
    }

    @Test func linesAreObjects() async throws {
        let home = try TemporaryHome()
        let lines = """
            {"type":"message","text":"Hi."}
            no message
            {"type":"message","text":"Write one."}
            {"type":"command","text":"/cosst"}

            """
        let result = try await chat(lines, home, ["--json"])
        #expect(result.status == 0, "\(result.error)")
        let objects = try result.lines.map { try JSON(parsing: $0) }
        let types = objects.compactMap { $0["type"]?.stringValue }
        #expect(types.first == "run.started" && types.last == "run.completed")
        #expect(objects[0]["conversation"]?.boolValue == true)
        #expect(types.count { $0 == "message.joined" } == 2 && types.contains("message.awaited"))
        let errors = objects.filter { $0["type"] == "error" }.compactMap { $0["remedy"]?.stringValue }
        #expect(errors.count == 2 && errors.contains { $0.contains("Did you mean /cost?") }, "\(errors)")
        #expect(objects.last?["end"] == "finished")
    }

    @Test func theLastMessageIsTakenBack() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Self.script) { flags in
            let running = try Running(["chat", "coder", "--json"] + flags, home, .silence)
            func say(_ text: String, awaiting count: Int) async throws {
                running.type(#"{"type":"\#(text.hasPrefix("/") ? "command" : "message")","text":"\#(text)"}"# + "\n")
                try await running.waitForOutput { $0.split(separator: "message.awaited").count > count }
            }
            // What is committed comes to the directory beside the wait for the person.
            func settles(on text: String?) async throws -> Bool {
                for _ in 0..<1_000 where home.read("b.txt") != text { try await Task.sleep(for: .milliseconds(20)) }
                return home.read("b.txt") == text
            }
            try await running.waitForOutput { $0.contains("message.awaited") }
            try await say("Hi.", awaiting: 2)
            try await say("Write one.", awaiting: 3)
            try await say("Write two.", awaiting: 4)
            #expect(try await settles(on: "2\n"))
            running.type(#"{"type":"command","text":"/diff last"}"# + "\n")
            try await running.waitForOutput { $0.contains(#"-1\n+2\n"#) }
            running.type(#"{"type":"command","text":"/diff"}"# + "\n")
            try await running.waitForOutput { $0.contains(#"@@\n+2\n"#) }
            try await say("/undo", awaiting: 5)
            #expect(try await settles(on: "1\n"))
            try await say("/undo", awaiting: 6)
            #expect(try await settles(on: nil))
            // Said again, the agent is where it was.
            try await say("Write one!", awaiting: 7)
            #expect(try await settles(on: "1\n"))
            running.type(#"{"type":"command","text":"/cost"}"# + "\n")
            try await running.waitForOutput { $0.contains("agent        ") && $0.contains("speculation  ") }
            running.type(#"{"type":"command","text":"/quit"}"# + "\n")
            let result = try await running.end()
            #expect(result.status == 0, "\(result.error)")
        }
        let records = try Self.records(home).map(\.record)
        #expect(
            records.map { $0.turns.map(\.messages) } == [
                [["Hi."], ["Write one."], [], ["Write two."], []], [["Hi."], ["Write one."], []],
                [["Hi."], ["Write one!"], []],
            ])
        #expect(records.allSatisfy { $0.isConversation && $0.damage == nil })
        #expect(records.dropFirst().allSatisfy { $0.forkOf != nil })
    }

    @Test func aConversationThatWasKilledGoesOn() async throws {
        let home = try TemporaryHome()
        let slow = """
            models:
              actor:
                turns:
                  - text: Hello.
                  - calls: [{name: run_command, arguments: {command: "echo 1 >> b.txt; [ -e ../go ] || [ -e go ] || sleep 60"}}]
                  - text: One is written.
                  - text: Two is not.
            """
        try await withEndpoint(slow) { flags in
            let running = try Running(["chat", "coder", "Hi.", "--json"] + flags, home, .silence)
            try await running.waitForOutput { $0.contains("Hello.") && $0.contains("message.awaited") }
            running.type(#"{"type":"message","text":"Write one."}"# + "\n")
            try await running.waitForOutput { $0.contains(#""type":"turn.taken","turn":1"#) }
            running.type(#"{"type":"message","text":"And two."}"# + "\n")
            try await running.waitForOutput { $0.contains(#""type":"message.queued","text":"And two.""#) }
            let (name, _) = try #require(try Self.records(home).last)
            let second = try await Program.run(["chat", "--resume", name.description], in: home)
            #expect(second.status == 1 && second.error.contains("still going on"), "\(second.error)")
            running.send(SIGKILL)
            _ = try await running.end()
            #expect(home.read("b.txt") == nil)
            try home.write("go", "")
            let wrong = try await Program.run(["resume", name.description], in: home)
            #expect(wrong.status == 2 && wrong.error.contains("forerun chat --resume \(name)"), "\(wrong.error)")
            let resumed = try await Program.run(["chat", "--resume"], in: home)
            #expect(resumed.status == 0, "\(resumed.error)")
            #expect(resumed.output == "One is written.\nTwo is not.\n")
            #expect(home.read("b.txt") == "1\n")
            let (_, record) = try #require(try Self.records(home).last)
            #expect(record.turns.map(\.messages) == [["Hi."], ["Write one."], [], ["And two."]])
            #expect(record.resumptions == 1 && record.queued.isEmpty && record.isFinished)
            // A conversation is never finished for good.
            let again = try await Program.run(["chat", "--resume", name.description], in: home, input: .text(""))
            #expect(again.status == 0, "\(again.error)")
        }
    }

    @Test func whatIsLikelyToBeReadIsReadWhileThePersonTypes() async throws {
        let home = try TemporaryHome()
        let script = """
            models:
              actor:
                latency: {law: fixed, mean: 0.2}
                turns:
                  - text: Hello.
                  - calls: [{name: read_file, arguments: {path: a.txt}}]
                  - text: It has two lines.
              small: {kind: speculator, of: actor, hit: 1}
            """
        try await withEndpoint(script) { flags in
            let running = try Running(
                [
                    "chat", "coder", "Hi.", "--json", "--speculator", "mock/small", "--set",
                    "endpoints.mock.concurrency=4",
                ] + flags, home,
                .silence)
            try await running.waitForOutput {
                $0.components(separatedBy: "message.awaited").dropFirst(2).last?.contains(#""type":"call.finished""#)
                    ?? false
            }
            running.type(#"{"type":"message","text":"What is in a.txt?"}"# + "\n")
            try await running.waitForOutput { $0.contains("It has two lines.") }
            running.type(#"{"type":"command","text":"/quit"}"# + "\n")
            let result = try await running.end()
            let taken = try result.lines.map { try JSON(parsing: $0) }.filter { $0["type"] == "call.taken" }
            #expect(taken.count == 1 && taken[0]["ahead"]?.boolValue == true)
            #expect(result.output.contains("before the message"))
        }
    }

    @Test func whatIsUrgentGivesUpTheAnswer() async throws {
        let home = try TemporaryHome()
        let script = """
            models:
              actor:
                turns: [{text: "A long answer that nobody waits for."}, {text: Short.}]
                fault: {kind: stall, after: 3, times: 1}
            """
        try await withEndpoint(script) { flags in
            let running = try Running(["chat", "coder", "Hi.", "--json"] + flags, home, .silence)
            // Given up sooner, the question might not even come to the server.
            try await running.waitForOutput { $0.contains("answer.text") }
            running.type(#"{"type":"message","text":"No.","now":true}"# + "\n")
            try await running.waitForOutput { $0.contains(#""type":"turn.taken","turn":0"#) }
            running.type(#"{"type":"command","text":"/quit"}"# + "\n")
            let result = try await running.end()
            #expect(result.status == 0, "\(result.error)")
        }
        let (_, record) = try #require(try Self.records(home).last)
        #expect(record.turns.map(\.messages) == [["Hi.", "No."]])
    }

    @Test func whatIsStoppedSaysSo() async throws {
        let home = try TemporaryHome()
        let script = Scripts.calling("run_command", "{command: touch made; sleep 60}")
        try await withEndpoint(script) { flags in
            let running = try Running(["chat", "coder", "Do it.", "--json"] + flags, home, .silence)
            try await running.waitForOutput { $0.contains("turn.taken") }
            running.type(#"{"type":"command","text":"/stop"}"# + "\n")
            try await running.waitForOutput {
                $0.contains("run.halted") && $0.components(separatedBy: "message.awaited").count > 2
            }
            #expect(home.read("made") == nil)
            running.send(SIGKILL)
            _ = try await running.end()
            // It stays stopped until there is a word.
            let resumed = try await Program.run(
                ["chat", "--resume", "--json"], in: home, input: .text(#"{"type":"message","text":"Go on."}"#))
            #expect(resumed.status == 0 && resumed.output.contains("That was it."), "\(resumed.error)")
        }
        let (_, record) = try #require(try Self.records(home).last)
        #expect(record.turns[0].calls.map(\.output) == [.stoppedHalfWay])
        #expect(record.turns.map(\.messages) == [["Do it."], ["Go on."]])
    }

    @Test func callsThatNeedAWordAreDenied() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.calling("run_command", "{command: touch made}")) { flags in
            let result = try await Program.run(["chat", "shell"] + flags, in: home, input: .text("Do it.\n"))
            #expect(result.status == 8, "\(result.error)")
        }
        #expect(home.read("made") == nil)
    }

    @Test func failuresEndItWithTheirCode() async throws {
        let home = try TemporaryHome()
        let failed = try await chat("Hi.\n", home, script: Scripts.failing("{kind: status, status: 401}"))
        #expect(failed.status == 4, "\(failed.status) \(failed.error)")
        let limited = try await chat("Write one.\n", try TemporaryHome(), ["Hi.", "--max-steps", "1"])
        #expect(limited.status == 5 && limited.output.contains("Hello."), "\(limited.status) \(limited.error)")
    }

    @Test(arguments: [
        (["chat"], 2, "name an agent"), (["chat", "nobody"], 3, "nobody"),
        (["chat", "--resume"], 1, "forerun chat AGENT"),
        (["chat", "--resume", "20200101"], 2, "forerun runs"), (["chat", "coder", "--last"], 2, "--resume"),
        (["chat", "chess"], 2, "nobody to talk to"), (["chat", "coder", "--json", "--quiet"], 2, "exclude"),
    ])
    func wrongUsage(arguments: [String], status: Int32, words: String) async throws {
        let result = try await Program.run(arguments, in: try TemporaryHome())
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains(words), "\(result.error)")
    }

    @Test func aRunIsNoConversation() async throws {
        let home = try TemporaryHome()
        try await withEndpoint(Scripts.answering) { flags in
            _ = try await Program.run(["run", "coder", "Do it."] + flags, in: home)
            let (name, _) = try #require(try Self.records(home).last)
            let result = try await Program.run(["chat", "--resume", name.description], in: home)
            #expect(result.status == 2 && result.error.contains("forerun resume"), "\(result.error)")
        }
    }
}
