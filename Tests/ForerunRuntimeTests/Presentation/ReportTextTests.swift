import ForerunCore
import Testing

@testable import ForerunRuntime

struct ReportTextTests {
    @Test func aRunWithSpeculation() {
        let lines = ReportText(ViewStyle()).lines(Samples.report(), mode: .full, log: "/x/events.jsonl")
        #expect(
            lines == [
                "time    10.0 s, 5.00 s saved (in turn about 15.0 s)",
                "hits    5 of 9 calls (56 %), 1 of 4 turns (25 %)",
                "wasted  1.25 s of work, 812 tokens, 3 cancelled",
                "used    1000 tokens in (100 cached), 50 out",
                "log     /x/events.jsonl",
            ])
    }

    @Test func whatCameOfToolsAndSourcesIsNamed() {
        let call = Call("read_file", ["path": "a"])
        var progress = RunProgress()
        for turn in 0..<3 {
            progress.on(
                .event(
                    .predicted(
                        turn: turn, source: "small", rank: 0, calls: [call], probability: 0.75, confidence: nil),
                    time: Double(turn)))
            progress.on(
                .event(.performed(work: turn, call: call, world: 0, lane: .shadow, effect: .readOnly), time: 0))
            progress.on(
                .event(
                    .turnTaken(
                        turn: turn, role: "actor", answer: Turn(text: "", calls: [call]), usage: nil, isHit: false,
                        seconds: 1), time: Double(turn) + 1))
            progress.on(Samples.callTaken(call, work: turn, isHit: true, seconds: 0.5, at: Double(turn) + 1))
        }
        let text = ReportText(ViewStyle(), columns: 60)
        let lines = text.lines(Samples.report(), mode: .full, log: nil, progress)
        #expect(
            Array(lines[1...]) == [
                "         ▁▅█  saved, turn by turn",
                "hits     5 of 9 calls (56 %), 1 of 4 turns (25 %)",
                "wasted   1.25 s of work, 812 tokens, 3 cancelled",
                "tools    read_file: 3 of 3 calls (100 %) ahead, 1.50 s used,",
                "           0.00 s in vain",
                "guesses  small: 3 of 3 came true (100 %, said 75 %),",
                "           1.50 s used, 0.00 s in vain",
                "used     1000 tokens in (100 cached), 50 out",
            ])
        #expect(lines.allSatisfy { DisplayText.width(of: $0) <= 60 })
        #expect(text.lines(Samples.report(), mode: .off, log: nil, progress).count == 2)
    }

    @Test func aRunWithoutSpeculation() {
        let lines = ReportText(ViewStyle()).lines(Samples.report(), mode: .off, log: nil)
        #expect(lines == ["time  10.0 s", "used  1000 tokens in (100 cached), 50 out"])
    }

    @Test func aComparison() {
        let comparison = Comparison(
            sequential: Samples.report(seconds: 20), speculative: Samples.report(seconds: 13, sequential: 19.5),
            differences: [])
        #expect(
            ReportText(ViewStyle()).lines(comparison) == [
                "sequential   20.0 s",
                "speculative  13.0 s, ratio 0.65",
                "saved        7.00 s measured, 6.50 s estimated",
                "hits         5 of 9 calls (56 %), 1 of 4 turns (25 %)",
                "wasted       1.25 s of work, 812 tokens, 3 cancelled",
                "identical    yes",
            ])
    }

    @Test func differencesAreNamed() {
        let comparison = Comparison(
            sequential: Samples.report(), speculative: Samples.report(),
            differences: ["entry 3 of the transcript: a against b"])
        let lines = ReportText(ViewStyle()).lines(comparison)
        #expect(lines.suffix(2) == ["identical    no", "  entry 3 of the transcript: a against b"])
        #expect(ReportText(ViewStyle()).lines(Verification(differences: ["x"])) == ["verified  not identical", "  x"])
    }
}
