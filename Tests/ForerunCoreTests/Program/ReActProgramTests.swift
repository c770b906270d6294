import Testing

@testable import ForerunCore

struct ReActProgramTests {
    private let role = ModelRequest.Role(name: "actor")
    private let calls = [Call("read", ["of": "a"]), Call("read", ["of": "b"])]

    private func step(_ entries: [Transcript.Entry], isConversation: Bool = false) -> Step {
        ReActProgram(role: role, isConversation: isConversation).next(after: Transcript(entries))
    }

    private func asks(_ entries: [Transcript.Entry]) -> Bool {
        step(entries) == .ask(ModelRequest(role: role, transcript: Transcript(entries)))
    }

    @Test func itAsksAfterMessagesAndOutputs() {
        #expect(asks([]))
        #expect(asks([.message("task")]))
        let turn = Transcript.Entry.turn(Turn(calls: calls))
        #expect(asks([.message("task"), turn, .output(call: 0, Output("A")), .output(call: 1, Output("B"))]))
        #expect(asks([turn, .output(call: 0, Output("A")), .message("and c?")]))
    }

    @Test func itPerformsWhatATurnCalls() {
        #expect(step([.message("task"), .turn(Turn(text: "so", calls: calls))]) == .perform(calls))
    }

    @Test func anAnswerWithoutACallEndsIt() {
        #expect(step([.message("task"), .turn(Turn(text: "done"))]) == .finish)
        #expect(step([.message("task"), .turn(Turn())]) == .finish)
        #expect(step([.message("task"), .turn(Turn(text: "done"))], isConversation: true) == .awaitMessage)
    }

    @Test func anOutputMayEndTheEpisode() {
        let turn = Transcript.Entry.turn(Turn(calls: calls))
        let over = Transcript.Entry.output(call: 0, Output("over", endsEpisode: true))
        #expect(step([turn, over, .output(call: 1, Output("B"))]) == .finish)
        // Only outputs of the latest turn do.
        #expect(asks([turn, over, turn, .output(call: 0, Output("A")), .output(call: 1, Output("B"))]))
    }

    @Test func commentaryStaysOnlyWhereItIsKept() {
        let turn = Turn(text: "I look.", calls: calls)
        let dropping = ReActProgram(role: role, commentary: .drop)
        let keeping = ReActProgram(role: role, commentary: .keep)
        #expect(dropping.entry(for: turn) == .turn(Turn(calls: calls)))
        #expect(keeping.entry(for: turn) == .turn(turn))
        // The text of a final answer is no commentary.
        #expect(dropping.entry(for: Turn(text: "done")) == .turn(Turn(text: "done")))
        #expect(keeping.keepsCommentary)
        #expect(!dropping.keepsCommentary)
    }
}
