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
