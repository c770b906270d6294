import ForerunCore
import ForerunRuntime
import Testing

struct LiveViewModelTests {
    private let call = Call("read_file", ["path": "src/a.c"])

    private func model(_ notices: [RunNotice], style: ViewStyle = ViewStyle()) -> LiveViewModel {
        var model = LiveViewModel(title: "coder full", style: style)
        for notice in notices {
            if case .event(_, let time) = notice { model.on(notice, at: time) } else { model.on(notice, at: 0) }
        }
        return model
    }

    private var aheadOfTurnOne: [RunNotice] {
        [
            .event(.asked(work: 1, turn: 0, lane: .active, attempt: 1), time: 0),
            .event(
                .predicted(turn: 0, source: "s", rank: 0, calls: [call], probability: 0.5, confidence: nil), time: 0.1),
            .event(.performed(work: 2, call: call, world: 0, lane: .shadow, effect: .contained), time: 0.1),
            .event(.callFinished(work: 2, lane: .shadow, seconds: 0.2, isError: false), time: 0.3),
            .event(.asked(work: 3, turn: 1, lane: .shadow, attempt: 1), time: 0.3),
            .event(
                .performed(
                    work: 4, call: Call("run_command", ["command": "make test"]), world: 5, lane: .shadow,
                    effect: .contained),
                time: 0.4),
        ]
    }

    @Test func oneRowForTheActorAndOneForEachBranch() {
        let rows = model(aheadOfTurnOne).rows(width: 60, height: 24, at: 1)
        #expect(
            rows.allSatisfy { $0.count <= 59 } && rows.dropLast().allSatisfy { $0.count == 59 },
            "what is at the right end is aligned")
        #expect(
            rows.map { $0.replacing(#/ {3,}/#, with: "  ") } == [
                "coder full  1.00 s",
                "▶ turn 1  asking  1.00 s",
                "├ read_file src/a.c  50 % s  ready  0.20 s",
                "├ asks turn 2 ahead  0.70 s",
                "└ run_command make test  as said  0.60 s",
                "hits 0/0 calls, 0/0 turns · missed 0 · guessed 1",
            ])
    }

    @Test func hitsAndMissesAreShownAsTheyHappen() {
        let model = model(
            aheadOfTurnOne + [
                Samples.turn(0, seconds: 1, at: 1), Samples.callTaken(call, work: 2, isHit: true, seconds: 0.2, at: 1),
                .event(.promoted(work: 3), time: 1), .event(.cancelled(work: 4, seconds: 0.6), time: 1),
            ])
        let rows = model.rows(width: 80, height: 24, at: 1.2)
        #expect(rows.contains { $0.hasPrefix("├ read_file src/a.c") && $0.hasSuffix("✓ hit") })
        #expect(rows.contains { $0.hasPrefix("├ asks turn 2 ahead") && $0.hasSuffix("✓ hit") })
        #expect(rows.contains { $0.hasPrefix("└ run_command make test") && $0.hasSuffix("✗ missed") })
        #expect(rows.contains { $0.hasPrefix("▶ turn 2  asking") && $0.hasSuffix("0.90 s") })
        #expect(rows.last == "hits 1/1 calls, 0/1 turns · missed 1 · guessed 1")
        // After a moment only what still runs is there.
        #expect(model.rows(width: 80, height: 24, at: 3).count == 3)
    }

    @Test func answersAheadEndWithTheirTurn() {
        let model = model(
            aheadOfTurnOne + [
                .event(.asked(work: 6, turn: 2, lane: .shadow, attempt: 1), time: 0.5), Samples.turn(0, at: 1),
                .event(.asked(work: 7, turn: 1, lane: .active, attempt: 1), time: 1.1),
            ])
        let rows = model.rows(width: 80, height: 24, at: 1.2)
        #expect(rows.contains { $0.contains("asks turn 2 ahead") && $0.hasSuffix("✗ missed") })
        #expect(rows.contains { $0.contains("asks turn 3 ahead") && $0.hasSuffix("0.70 s") })
    }

    @Test func savedTimeCountsAgainstWorkInTurn() {
        // Asked ahead: two seconds of answer, taken half a second after the turn before.
        let model = model([Samples.turn(0, seconds: 1, at: 1), Samples.turn(1, isHit: true, seconds: 2, at: 1.5)])
        #expect(model.rows(width: 80, height: 24, at: 1.5)[0].hasSuffix("1.50 s  saved 1.50 s"))
    }

    @Test func waitingSaysWhatForAndHowLong() {
        let failure = ModelFailure(.rateLimited, "slow down", status: 429)
        let model = model([.event(.answerFailed(turn: 0, failure: failure, attempt: 1, of: 4, wait: 4), time: 1)])
        let row = model.rows(width: 100, height: 24, at: 2)[1]
        #expect(row.contains("rate limited (HTTP 429): slow down"))
        #expect(row.hasSuffix("again in 3.00 s"))
    }

    @Test func completeLinesScrollByAndTheLastOneStays() {
        var model = model([.text("one\ntw", turn: 0)])
        #expect(model.takeScrolled() == "one\n")
        #expect(model.takeScrolled() == "")
        #expect(model.rows(width: 40, height: 24, at: 0)[0] == "tw")
        model.on(.text("o\nthree", turn: 0), at: 0)
        model.on(.finished(Samples.report()), at: 1)
        #expect(model.takeScrolled() == "two\nthree\n")
    }

    @Test(arguments: [1, 2, 10, 40, 80, 200], [1, 2, 3, 5, 24])
    func rowsFitAnyTerminal(width: Int, height: Int) {
        let long = Call(
            "run_command", ["command": "日本語 and quite some more words than any narrow terminal has room for"])
        let many = (10..<40).map {
            RunNotice.event(.performed(work: $0, call: long, world: $0, lane: .shadow, effect: .contained), time: 0)
        }
        let model = model(aheadOfTurnOne + many + [.text(String(repeating: "long text ", count: 40), turn: 0)])
        let rows = model.rows(width: width, height: height, at: 1)
        #expect(rows.count <= max(1, height - 1))
        for row in rows { #expect(DisplayText.width(of: row) <= max(1, width - 1), "\(row)") }
        if height >= 24 { #expect(rows.contains { $0.contains("more") } || width < 20) }
    }

    @Test func withoutUnicodeAllIsASCII() {
        let rows = model(
            aheadOfTurnOne + [.event(.cancelled(work: 4, seconds: 1), time: 0.5)],
            style: ViewStyle(color: false, unicode: false)
        ).rows(width: 20, height: 24, at: 0.6)
        #expect(rows.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "\(rows)")
    }

    @Test func coloursTakeNoRoom() {
        let plain = model(aheadOfTurnOne).rows(width: 50, height: 24, at: 1)
        let painted = model(aheadOfTurnOne, style: ViewStyle(color: true)).rows(width: 50, height: 24, at: 1)
        #expect(painted != plain)
        #expect(painted.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") } == plain)
    }

    @Test func wordsOfModelsCannotCommandTheTerminal() {
        var model = model([.text("a\u{1B}[2Jb\n", turn: 0)])
        #expect(model.takeScrolled() == "a[2Jb\n")
    }
}
