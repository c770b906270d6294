import ForerunCore
import Testing

@testable import ForerunLearning

struct CodexTests {
    @Test func itemsBecomeTurns() throws {
        let run = try #require(try Imported(Fixture.codex.text, as: "r.jsonl").runs.first)
        #expect(run.id == "0196")
        #expect(run.model == "gpt-x")
        #expect(run.workingDirectory == "/home/me/app")
        #expect(run.messages == ["Find the bug"])
        #expect(
            run.turns.map { $0.calls.map(\.call.name) } == [["shell", "exec_command"], ["apply_patch"], ["shell"]])
        #expect(run.turns[0].text == "Looking.")
        #expect(run.turns[0].usage == Usage(input: 900, cached: 800, output: 50, reasoning: 20))
        #expect(run.turns[0].calls[0].call.arguments["workdir"] == "/home/me/app")
    }

    @Test func timesComeFromOutputsOrElseFromLines() throws {
        let calls = try Imported(Fixture.codex.text, as: "r.jsonl").calls
        #expect(calls.map(\.seconds) == [0.2, 0.1, 0.5, 0.2])
        #expect(calls.map { $0.output?.isError } == [false, true, false, false])
        #expect(calls[3].output?.text == "a.c")
        #expect(try Imported(Fixture.codex.text, as: "r.jsonl").runs[0].turns[0].seconds == 2)
    }

    @Test func readsAndSearchesAreFoundInCommands() throws {
        let calls = try Imported(Fixture.codex.text, as: "r.jsonl").calls.map(\.call)
        #expect(calls.map(CanonicalOperation.init) == [.grep, .read, .edit, .list])
    }

    @Test func oldestFilesLackTheWrapper() throws {
        let run = try #require(try Imported(Fixture.codexOldest.text, as: "r.jsonl").runs.first)
        #expect(run.id == "5973")
        #expect(run.steps.count == 3)
        #expect(run.turns[0].calls[0].output?.text == "a\nb")
    }

    @Test func printedEventsHaveAnotherShape() throws {
        let run = try #require(try Imported(Fixture.codexExec.text, as: "r.jsonl").runs.first)
        #expect(run.id == "th1")
        #expect(run.turns.map { $0.calls.map(\.call.name) } == [["shell_command"], ["docs__search"], []])
        #expect(run.turns[0].calls[0].output == Output("a.c\n", isError: true))
        #expect(run.turns[1].calls[0].output == Output("found"))
    }

    @Test func forkedSessionsRepeatNoCalls() throws {
        let scratch = try Scratch()
        let head =
            #"{"timestamp":"2026-04-02T10:00:00Z","type":"session_meta","payload":{"id":"0200","forked_from_id":"0196","cwd":"/x"}}"#
        let more =
            #"{"timestamp":"2026-04-02T10:00:01Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{}","call_id":"c9"}}"#
        try scratch.write(Fixture.codex.text, to: "rollout-1.jsonl")
        try scratch.write("\(head)\n\(Fixture.codex.text)\(more)\n", to: "rollout-2.jsonl")
        let imported = Imported([scratch.path])
        #expect(imported.runs.map(\.id) == ["0196", "0200"])
        #expect(imported.runs[1].parent == "0196")
        #expect(imported.runs.map(\.callCount) == [4, 1])
        #expect(imported.problems.counts == [.repeated: 4])
    }

    @Test func compactionRepeatsNothing() throws {
        let compacted =
            #"{"timestamp":"2026-04-01T11:00:00Z","type":"compacted","payload":{"message":"So far","replacement_history":[{"type":"function_call","name":"shell","arguments":"{}","call_id":"c1"}]}}"#
        let imported = try Imported(Fixture.codex.text + compacted + "\n", as: "r.jsonl")
        #expect(imported.calls.count == 4)
        #expect(imported.runs[0].messages == ["Find the bug", "So far"])
    }
}

struct GeminiCLITests {
    @Test func laterMessagesReplaceEarlierOnes() throws {
        let run = try #require(try Imported(Fixture.gemini.text, as: "s.jsonl").runs.first)
        #expect(run.id == "g1")
        #expect(run.steps.count == 3)
        #expect(run.turns[0].calls.map { $0.output } == [Output("a.txt"), Output("File not found", isError: true)])
        #expect(run.turns[0].usage == Usage(input: 100, cached: 40, output: 15, reasoning: 5))
        #expect(run.turns[0].calls[0].seconds == 1)
        #expect(run.turns[1].text == "One file.")
    }

    @Test func rewindingTakesBackTheMessageAndAllAfterIt() throws {
        let more =
            #"{"$rewindTo":"b"}"# + "\n"
            + #"{"id":"d","timestamp":"2026-03-01T10:01:00Z","type":"user","content":"Again"}"# + "\n"
        let imported = try Imported(Fixture.gemini.text + more, as: "s.jsonl")
        #expect(imported.runs[0].messages == ["What is here?", "Again"])
        #expect(imported.calls.isEmpty)
        #expect(imported.problems.counts == [.givenUp: 2])
    }

    @Test func rewindingToAnUnknownMessageTakesBackAll() throws {
        let imported = try Imported(Fixture.gemini.text + #"{"$rewindTo":"zz"}"# + "\n", as: "s.jsonl")
        #expect(imported.runs.isEmpty)
        #expect(imported.problems.counts == [.givenUp: 2])
    }

    @Test func changesApplyInTheirOrder() throws {
        let more =
            #"{"$set":{"sessionId":"g2","messages":[{"id":"a","timestamp":"2026-03-01T10:00:00Z","type":"user","content":"Changed"}]}}"#
        let imported = try Imported(Fixture.gemini.text + more + "\n", as: "s.jsonl")
        #expect(imported.runs[0].id == "g2")
        #expect(imported.runs[0].messages == ["Changed"])
        #expect(imported.calls.count == 2)
    }

    @Test func olderFilesAreOneDocument() throws {
        let run = try #require(try Imported(Fixture.geminiOld.text, as: "s.json").runs.first)
        #expect(run.id == "g0")
        #expect(run.turns[0].calls[0].call.arguments == ["pattern": "f(o"])
    }

    @Test func subagentsNameTheirSession() throws {
        let scratch = try Scratch()
        try scratch.write(Fixture.gemini.text, to: "chats/parent/child.jsonl")
        #expect(Imported([scratch.path]).runs.map(\.parent) == ["parent"])
    }
}

struct GooseTests {
    @Test func linesBeforeTheDatabase() throws {
        let run = try #require(try Imported(Fixture.goose.text, as: "20250801_101010.jsonl").runs.first)
        #expect(run.id == "20250801_101010")
        #expect(run.workingDirectory == "/home/me/app")
        #expect(run.messages == ["List it"])
        #expect(run.turns.map(\.text) == ["Sure.", "One file."])
        #expect(run.turns[0].calls[1].call.malformed == "Invalid arguments")
    }

    @Test func partsForTheUserOnlyAreLeftOut() throws {
        let calls = try Imported(Fixture.goose.text, as: "x.jsonl").calls
        #expect(calls.map(\.output) == [Output("a.txt"), Output("Invalid arguments", isError: true)])
        #expect(calls[0].seconds == 1)
    }
}

struct PiTests {
    @Test func entriesBecomeTurns() throws {
        let run = try #require(try Imported(Fixture.pi.text, as: "s.jsonl").runs.first)
        #expect(run.id == "9c")
        #expect(run.turns[0].usage == Usage(input: 110, cached: 100, output: 5))
        #expect(run.turns[0].seconds == 2)
        #expect(run.turns[0].calls[0].seconds == 0.04)
    }

    @Test func theLatestEntryTellsTheBranch() throws {
        let more = """
            {"type":"branch_summary","id":"00000005","parentId":"00000001","timestamp":"2026-02-01T10:01:00Z","summary":"s"}
            {"type":"message","id":"00000006","parentId":"00000005","timestamp":"2026-02-01T10:01:01Z","message":{"role":"user","content":"Read b"}}
            {"type":"message","id":"00000007","parentId":"00000006","timestamp":"2026-02-01T10:01:02Z","message":{"role":"assistant","content":[{"type":"toolCall","id":"k2","name":"grep","arguments":{"pattern":"b"}}]}}
            {"type":"label","id":"00000008","parentId":"00000002","timestamp":"2026-02-01T10:01:03Z","label":"here"}

            """
        let imported = try Imported(Fixture.pi.text + more, as: "s.jsonl")
        #expect(imported.runs[0].messages == ["Read a", "Read b"])
        #expect(imported.names == ["grep"])
        #expect(imported.problems.counts == [.givenUp: 1])
    }
}

struct OpenCodeTests {
    @Test func timesAreExactAndGenerationsAreTurns() throws {
        let run = try #require(try Imported(Fixture.openCodeExport.text, as: "e.json").runs.first)
        #expect(run.id == "ses_1")
        #expect(run.parent == "ses_0")
        #expect(run.messages == ["Read it"])
        #expect(run.turns.map { $0.calls.map(\.call.name) } == [["read"], ["bash", "grep"]])
        #expect(run.turns[0].calls[0].seconds == 0.25)
        #expect(run.turns[1].calls.map(\.output) == [Output("failed", isError: true), nil])
        #expect(run.turns[0].usage == Usage(input: 113, cached: 100, output: 7, reasoning: 2))
    }

    @Test func theOldTreeOfFilesIsOneRunASession() throws {
        let scratch = try Scratch()
        try scratch.write(
            #"{"id":"ses_1","directory":"/x","title":"t","time":{"created":1}}"#, to: "storage/session/p/ses_1.json")
        try scratch.write(
            #"{"id":"msg_1","role":"user","sessionID":"ses_1","time":{"created":1754042410000}}"#,
            to: "storage/message/ses_1/msg_1.json")
        try scratch.write(
            #"{"id":"msg_2","role":"assistant","modelID":"m","time":{"created":1754042411000}}"#,
            to: "storage/message/ses_1/msg_2.json")
        try scratch.write(#"{"id":"prt_1","type":"text","text":"Go"}"#, to: "storage/part/msg_1/prt_1.json")
        try scratch.write(
            #"{"type":"tool","callID":"k","tool":"read","state":{"status":"completed","input":{"filePath":"a"},"output":"A","time":{"start":1754042412000,"end":1754042412500}}}"#,
            to: "storage/part/msg_2/prt_2.json")
        try scratch.write("{oops", to: "storage/part/msg_2/prt_3.json")
        let imported = Imported([scratch.path])
        #expect(imported.runs.map(\.id) == ["ses_1"])
        #expect(imported.runs[0].messages == ["Go"])
        #expect(imported.calls.map(\.seconds) == [0.5])
        #expect(imported.problems.counts == [.notJSON: 1])
    }
}

struct BenchmarkFormatTests {
    @Test func commandsInTextAreCalls() throws {
        let run = try #require(try Imported(Fixture.miniText.text, as: "a.traj.json").runs.first)
        #expect(run.group == "astropy-1")
        #expect(run.workingDirectory == "/testbed")
        #expect(
            run.steps.flatMap(\.calls).map(\.call.arguments) == [["command": "ls -la\ncat a.py"], ["command": "false"]])
        #expect(run.steps.flatMap(\.calls).map { $0.output?.isError } == [false, true])
        #expect(run.messages == ["Fix it", "Please provide EXACTLY ONE action"])
    }

    @Test func commandsOfFunctionsAreTheSameCalls() throws {
        let run = try #require(try Imported(Fixture.miniFunction.text, as: "a.json").runs.first)
        #expect(
            run.steps.flatMap(\.calls).map(\.call) == [
                Call("bash", ["command": "ls"]), Call("bash", ["command": "pwd"]),
            ])
        #expect(run.steps.flatMap(\.calls).map(\.seconds) == [0.25, 0.5])
        #expect(run.turns.map(\.seconds) == [2.5, 1.25])
    }

    @Test func stepsOfSWEAgentAreCallsOfItsShell() throws {
        let run = try #require(try Imported(Fixture.sweAgent.text, as: "a.traj").runs.first)
        #expect(run.messages == ["Solve the issue"])
        #expect(run.turns.map(\.calls.count) == [1, 0, 1])
        #expect(run.turns[0].calls[0].seconds == 0.25)
        #expect(run.turns[2].calls[0].output?.isError == true)
    }

    @Test func trialsOfOneCustomerAreOneGroup() throws {
        let imported = try Imported(Fixture.tau.text, as: "gpt-4o-airline.json")
        #expect(imported.runs.map(\.group) == ["customer mia_1", "customer mia_1"])
        #expect(Set(imported.runs.map(\.id)).count == 2)
        #expect(imported.calls.map { $0.output?.isError } == [false, true])
        #expect(imported.runs.allSatisfy { $0.messages == ["I am mia_1"] })
    }

    @Test func callsOfTheSimulatedUserAreLeftOut() throws {
        let imported = try Imported(Fixture.tau2.text, as: "telecom.json")
        let run = try #require(imported.runs.first)
        #expect(run.agent == "telecom")
        #expect(run.model == "gpt-x")
        #expect(run.group == "task telecom [mms]off")
        #expect(imported.names == ["get_customer_by_phone"])
        #expect(run.messages == ["My phone is off", "Done"])
        #expect(run.turns[1].seconds == 1.5)
        #expect(imported.problems.counts == [.usersCalls: 1])
    }
}

struct MessageListTests {
    @Test func idsThatBeginAnewAreNotMixedUp() throws {
        let run = try #require(try Imported(Fixture.openAI.text, as: "c.json").runs.first)
        #expect(run.turns.map { $0.calls.map { $0.output?.text } } == [["one", "two"], ["three"], ["four"]])
        #expect(run.tools.map(\.name) == ["f"])
        #expect(run.model == "gpt-x")
        #expect(run.turns[0].calls[1].call.malformed == "{broken")
        #expect(run.turns[1].calls[0].call == Call("f"))
    }

    @Test func blocksAreCallsAndOutputs() throws {
        let run = try #require(try Imported(Fixture.anthropic.text, as: "c.json").runs.first)
        #expect(run.turns[0].calls.map(\.output) == [Output("one"), Output("two", isError: true)])
        #expect(run.messages == ["go", "and go on"])
    }

    @Test func aListALineIsARunALine() throws {
        let imported = try Imported(Fixture.anthropicLines.text, as: "c.jsonl")
        #expect(imported.names == ["f", "g"])
        #expect(Set(imported.runs.map(\.id)).count == 2)
    }

    @Test func aMessageALineIsOneRun() throws {
        let text = #"{"role":"user","content":"a"}"# + "\n" + #"{"role":"assistant","content":"b"}"# + "\n"
        #expect(try Imported(text, as: "c.jsonl").runs.map(\.steps.count) == [2])
    }

    @Test func documentsBehindOneAnotherAreRuns() throws {
        let imported = try Imported(Fixture.anthropic.text + "\n" + Fixture.anthropic.text, as: "c.json")
        #expect(imported.runs.count == 2)
        #expect(Set(imported.runs.map(\.id)).count == 2)
    }

    @Test func outputsWithoutACallAreNamed() throws {
        let text = #"[{"role":"user","content":"a"},{"role":"tool","tool_call_id":"x","content":"b"}]"#
        #expect(try Imported(text, as: "c.json").problems.counts == [.strayOutput: 1])
    }
}

struct OwnFormatTests {
    @Test func trajectoriesAreReadWhole() throws {
        let imported = try Imported(Fixture.traces.text, as: "t.jsonl")
        let run = try #require(imported.runs.first)
        #expect(run.id == "tau/1/0")
        #expect(run.group == "retail:mia")
        #expect(run.statedEffects == ["get_order": "read"])
        #expect(run.tools.map(\.name) == ["get_order", "bare"])
        // Calls of one generation stay together, wherever results come between.
        #expect(run.turns.map(\.calls.count) == [2, 0])
        #expect(run.turns[0].seconds == 1.5)
        #expect(run.turns[0].usage == Usage(input: 100, cached: 90, output: 5))
        #expect(run.turns[0].calls.map(\.seconds) == [0.5, nil])
        #expect(run.turns[0].calls[1].output == nil)
        #expect(imported.runs[1].turns[0].calls[0].output == Output("Error: none", isError: true))
    }

    @Test func ownLogsGiveWhatWasCommitted() throws {
        let run = try #require(try Imported(Fixture.eventLog.text, as: Fixture.eventLog.name).runs.first)
        #expect(run.id == "20261121-093012-4f2a")
        #expect(run.agent == "coder")
        #expect(run.messages == ["Fix it", "and hurry"])
        #expect(run.turns[0].calls[0] == RecordedCall(Call("read", ["path": "a"]), output: Output("A"), seconds: 0.01))
        #expect(run.turns[0].calls[1].call.malformed == "{oops")
        #expect(run.turns.map(\.seconds) == [1.25, 0.5])
        #expect(run.statedEffects == ["read": "readOnly"])
    }

    @Test func aRunThatWasGoneOnWithIsReadOnce() throws {
        let lines = Fixture.eventLog.text.split(separator: "\n").map(String.init)
        let last = try #require(lines.lastIndex { $0.contains("turn.taken") })
        // Cut off after the last turn, and gone on with from the one before.
        let resumed = #"{"type":"run.resumed","version":2,"turns":1,"calls":[0,1],"time":3}"#
        let message = try #require(lines.firstIndex { $0.contains("message.joined") })
        let text = (lines[...last] + [resumed] + lines[message...]).joined(separator: "\n") + "\n"
        let whole = try #require(try Imported(Fixture.eventLog.text, as: "r/events.jsonl").runs.first)
        let again = try Imported(text, as: "r/events.jsonl")
        #expect(again.runs.first?.steps == whole.steps)
        #expect(again.problems.counts == [:])
    }

    @Test func numbersThatCannotBeAreNamed() throws {
        let resumed = #"{"type":"run.resumed","version":2,"turns":-9223372036854775808,"calls":[],"time":3}"# + "\n"
        let usage = #"{"type":"turn.taken","turn":9,"calls":[],"usage":{"input":9223372036854775807},"time":3}"# + "\n"
        let whole = try Imported(Fixture.eventLog.text, as: "r/events.jsonl")
        let imported = try Imported(Fixture.eventLog.text + resumed + usage, as: "r/events.jsonl")
        #expect(imported.problems.counts == [.unknownShape: 2])
        #expect(imported.runs.map(\.steps) == whole.runs.map(\.steps))
    }

    @Test func laterVersionsAreNamed() throws {
        let text = Fixture.eventLog.text.replacing(#""version":1"#, with: #""version":9"#)
        #expect(try Imported(text, as: "r/events.jsonl").problems.counts == [.unknownVersion: 1])
    }
}
