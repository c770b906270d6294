import ForerunCore
import Testing

@testable import ForerunLearning

struct ClaudeCodeTests {
    private func line(
        _ id: String, _ parent: String?, _ role: String, _ content: String, session: String = "s1",
        message: String? = nil, extra: String = #""isSidechain":false"#
    ) -> String {
        let parent = parent.map { "\"\($0)\"" } ?? "null"
        let ids = message.map { #""id":"\#($0)","# } ?? ""
        return """
            {"type":"\(role)","uuid":"\(id)","parentUuid":\(parent),"sessionId":"\(session)","requestId":"r",\(extra),\
            "message":{\(ids)"role":"\(role)","content":\(content)}}

            """
    }

    private func use(_ id: String, _ name: String = "Read") -> String {
        #"[{"type":"tool_use","id":"\#(id)","name":"\#(name)","input":{}}]"#
    }

    private func result(_ id: String) -> String {
        #"[{"type":"tool_result","tool_use_id":"\#(id)","content":"of \#(id)"}]"#
    }

    @Test func linesOfOneAnswerAreOneTurn() throws {
        let run = try #require(try Imported(Fixture.claudeCode.text, as: "a.jsonl").runs.first)
        #expect(run.id == "s1")
        #expect(run.model == "claude-x")
        #expect(run.workingDirectory == "/home/me/app")
        #expect(run.messages == ["Fix the parser"])
        #expect(run.turns.map(\.text) == ["I look at it.", "Done."])
        #expect(run.turns[0].calls.map(\.call.name) == ["Read", "Grep"])
        #expect(run.turns[0].calls.map { $0.output?.text } == ["let a = 1", "src/p.swift:3"])
        #expect(run.turns[0].calls.map { $0.output?.isError } == [false, true])
    }

    @Test func parallelResultsOnSideBranchesAreKept() throws {
        let imported = try Imported(Fixture.claudeCode.text, as: "a.jsonl")
        #expect(imported.outputs == ["let a = 1", "src/p.swift:3"])
        #expect(imported.problems.isEmpty)
    }

    @Test func outputTokensAndToolTimesAreIgnored() throws {
        let run = try #require(try Imported(Fixture.claudeCode.text, as: "a.jsonl").runs.first)
        #expect(run.turns[0].usage == Usage(input: 105, cached: 90, output: 0))
        #expect(run.turns[0].calls.allSatisfy { $0.seconds == nil })
        #expect(run.turns[0].seconds == 4)
        #expect(run.turns[1].seconds == 2)
    }

    @Test func branchesThatWereGivenUpAreCountedNotRead() throws {
        let text =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1")
            + line("u2", "a1", "user", result("t1"))
            // The user went back and asked something else.
            + line("u3", nil, "user", #""two""#).replacing(#""parentUuid":null"#, with: #""parentUuid":"u1""#)
            + line("a2", "u3", "assistant", use("t2"), message: "m2") + line("u4", "a2", "user", result("t2"))
        let imported = try Imported(text, as: "a.jsonl")
        #expect(imported.outputs == ["of t2"])
        #expect(imported.runs[0].messages == ["one", "two"])
        #expect(imported.problems.counts == [.givenUp: 1])
    }

    @Test func severalSessionsInOneFileAreSeveralRuns() throws {
        let text =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1")
            + line("u2", "a1", "user", result("t1"), session: "s2")
            + line("u3", "u2", "user", #""two""#, session: "s2")
            + line("a2", "u3", "assistant", use("t2"), session: "s2", message: "m2")
        let imported = try Imported(text, as: "a.jsonl")
        #expect(imported.runs.map(\.id) == ["s1", "s2"])
        #expect(imported.names == ["Read", "Read"])
        // Its call is in the other session.
        #expect(imported.problems.counts == [.strayOutput: 1])
    }

    @Test func resumedSessionsRepeatNoCalls() throws {
        let scratch = try Scratch()
        let first =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1")
            + line("u2", "a1", "user", result("t1"))
        let copied = first.replacing(#""sessionId":"s1""#, with: #""sessionId":"s2""#)
        try scratch.write(first, to: "a.jsonl")
        try scratch.write(
            copied + line("a2", "u2", "assistant", use("t2"), session: "s2", message: "m2"), to: "b.jsonl")
        let imported = Imported([scratch.path])
        #expect(imported.runs.map(\.id) == ["s1", "s2"])
        #expect(imported.runs.map(\.callCount) == [1, 1])
        #expect(imported.problems.counts == [.repeated: 1])
    }

    @Test func subagentsAreRunsOfTheirOwn() throws {
        let side = #""isSidechain":true"#
        let text =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1", "Task"), message: "m1")
            // Replays an answer of the session, then works by itself.
            + line("x0", nil, "assistant", use("t1", "Task"), message: "m1", extra: side)
            + line("x1", "x0", "user", #""look""#, extra: side)
            + line("x2", "x1", "assistant", use("t2", "Grep"), message: "m2", extra: side)
            + line("x3", "x2", "user", result("t2"), extra: side) + line("u2", "a1", "user", result("t1"))
        let imported = try Imported(text, as: "a.jsonl")
        #expect(imported.runs.map(\.id) == ["s1", "s1/sidechain-1"])
        #expect(imported.runs.map { $0.steps.flatMap(\.calls).map(\.call.name) } == [["Task"], ["Grep"]])
        #expect(imported.runs[1].parent == "s1")
        #expect(imported.problems.counts == [.repeated: 1])
    }

    @Test func subagentsInFilesOfTheirOwnComeAfterTheirSession() throws {
        let scratch = try Scratch()
        let side = #""isSidechain":true,"agentId":"7f""#
        try scratch.write(
            line("x1", nil, "user", #""look""#, extra: side)
                + line("x2", "x1", "assistant", use("t2", "Grep"), message: "m2", extra: side),
            to: "p/s1/subagents/agent-7f.jsonl")
        try scratch.write(
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1"),
            to: "p/s1.jsonl")
        let imported = Imported([scratch.path])
        #expect(imported.runs.map(\.id) == ["s1", "s1/7f"])
    }

    @Test func badLinesAreCountedAndTheRestIsRead() throws {
        let text =
            line("u1", nil, "user", #""one""#) + "{oops\n" + line("a1", "lost", "assistant", use("t1"), message: "m1")
            + line("u2", "a1", "user", result("t1"))
        let imported = try Imported(text, as: "a.jsonl")
        #expect(imported.outputs == ["of t1"])
        #expect(imported.runs[0].messages == ["one"])
        #expect(imported.problems.counts == [.notJSON: 1])
        #expect(imported.problems.named.first?.line == 2)
    }

    @Test func notesOfTheProgramDoNotEndABranch() throws {
        let text =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1")
            + #"{"type":"progress","uuid":"p1","parentUuid":"u1","sessionId":"s1","data":{}}"# + "\n"
        #expect(try Imported(text, as: "a.jsonl").names == ["Read"])
    }

    @Test func compactedContextsGoOn() throws {
        let text =
            line("u1", nil, "user", #""one""#) + line("a1", "u1", "assistant", use("t1"), message: "m1")
            + #"{"type":"system","subtype":"compact_boundary","uuid":"c1","parentUuid":null,"logicalParentUuid":"a1","sessionId":"s1"}"#
            + "\n" + line("u2", "c1", "user", #""summary""#) + line("a2", "u2", "assistant", use("t2"), message: "m2")
        #expect(try Imported(text, as: "a.jsonl").calls.count == 2)
    }
}
