import ForerunCore
import ForerunRuntime
import Testing

struct PlainLinesTests {
    private let call = Call("read_file", ["path": "src/a.c"])

    @Test func textAndLinesAreToldApart() {
        var lines = PlainLines(ViewStyle(), canAsk: false)
        #expect(lines.pieces(for: .text("Hello", turn: 0)) == [.text("Hello")])
        // A line of ours never continues a line of the actor's.
        #expect(lines.pieces(for: Samples.turn(0, at: 1)) == [.text("\n"), .line("turn 1  1.00 s")])
        #expect(
            lines.pieces(for: Samples.callTaken(call, work: 1, isHit: true, at: 2))
                == [.line("  ✓ read_file src/a.c  1.00 s  ahead")])
        #expect(
            lines.pieces(for: Samples.callTaken(call, work: 2, isHit: false, isError: true, at: 2))
                == [.line("  ✗ read_file src/a.c  1.00 s  out")])
        #expect(lines.pieces(for: .event(.cancelled(work: 3, seconds: 1), time: 2)) == [])
        #expect(lines.pieces(for: Samples.turn(1, isHit: true, at: 3)) == [.line("turn 2  1.00 s  ahead  1 cancelled")])
        #expect(lines.pieces(for: .text("End.\n", turn: 1)) == [.text("End.\n")])
        #expect(lines.pieces(for: .finished(Samples.report())) == [])
    }

    @Test func failedAttemptsSayHowLongToWait() {
        var lines = PlainLines(ViewStyle(), canAsk: false)
        let failure = ModelFailure(.rateLimited, "slow\ndown", status: 429)
        #expect(
            lines.pieces(for: .event(.answerFailed(turn: 0, failure: failure, attempt: 1, of: 4, wait: 2), time: 1))
                == [.line("  turn 1: rate limited (HTTP 429): slow down; again in 2.00 s (attempt 1 of 4 failed)")])
        #expect(
            lines.pieces(for: .event(.answerFailed(turn: 0, failure: failure, attempt: 4, of: 4, wait: nil), time: 1))
                == [.line("  turn 1: rate limited (HTTP 429): slow down; given up after attempt 4")])
        #expect(
            lines.pieces(for: .withdrawn(turn: 0)) == [.line("  turn 1 broke off: what was shown of it does not count")]
        )
    }

    @Test func denialsSayWhy() {
        var lines = PlainLines(ViewStyle(), canAsk: false)
        _ = lines.pieces(
            for: .event(.approvalRequested(turn: 0, call: 0, Call("run_command", ["command": "make it"])), time: 1))
        #expect(
            lines.pieces(for: .event(.approvalAnswered(turn: 0, call: 0, granted: false), time: 1))
                == [.line("  denied run_command make it: nobody can be asked (no terminal)")])
    }
}
