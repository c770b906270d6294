import ForerunCore
import ForerunRuntime
import Testing

/// What keys open, as it looks.
struct LiveViewPanelsTests {
    private static let read = Call("read_file", ["path": "src/a.c"])
    private static let test = Call("run_command", ["command": "make test"])

    /// Two turns: a guess that came true, one that did not, one that is open; what it took.
    private static let notices: [RunNotice] = [
        .event(.asked(work: 1, turn: 0, lane: .active, attempt: 1), time: 0),
        .event(
            .predicted(turn: 0, source: "small", rank: 0, calls: [read], probability: 0.82, confidence: nil), time: 0.1),
        .event(
            .predicted(turn: 0, source: "patterns", rank: 0, calls: [test], probability: 0.3, confidence: nil),
            time: 0.1),
        .event(.performed(work: 2, call: read, world: 0, lane: .shadow, effect: .readOnly), time: 0.2),
        .event(.performed(work: 3, call: test, world: 0, lane: .shadow, effect: .contained), time: 0.2),
        .event(.callFinished(work: 2, lane: .shadow, seconds: 0.5, isError: false), time: 0.7),
        .event(.answered(work: 1, lane: .active, seconds: 2), time: 2),
        .event(
            .turnTaken(
                turn: 0, role: "actor", answer: Turn(text: "", calls: [read]), usage: nil, isHit: false, seconds: 2),
            time: 2),
        .event(.charged(charge(1, .committed, "actor", 1000, 50)), time: 2),
        .event(.charged(charge(9, .guesses, "small", 400, 20)), time: 2),
        Samples.callTaken(read, work: 2, isHit: true, seconds: 0.5, at: 2),
        .event(.cancelled(work: 3, seconds: 1.8), time: 2),
        .event(.asked(work: 4, turn: 1, lane: .active, attempt: 1), time: 2),
        .event(
            .predicted(turn: 1, source: "small", rank: 0, calls: [test], probability: 0.6, confidence: nil), time: 2.5),
        .event(.performed(work: 5, call: test, world: 0, lane: .shadow, effect: .contained), time: 2.5),
    ]

    private static func charge(_ work: Int, _ outcome: Charge.Outcome, _ role: String, _ input: Int, _ output: Int)
        -> Charge
    {
        Charge(
            work: work, turn: 0, role: role, model: "mock/\(role)", outcome: outcome,
            usage: Usage(input: input, output: output), price: Price(input: 10, output: 100), isEstimated: false)
    }

    private func model(
        _ key: Character?, style: ViewStyle = ViewStyle(), width: Int = 80, height: Int = 24,
        also notices: [RunNotice] = []
    ) -> LiveViewModel {
        let facts = LiveFacts(limits: Limits(steps: 40, money: 1), extra: ExtraCostLimit(ratio: 0.25))
        var model = LiveViewModel(title: "coder full", style: style, facts: facts, hasKeys: true)
        for notice in Self.notices + notices {
            if case .event(_, let time) = notice { model.on(notice, at: time) } else { model.on(notice, at: 3) }
        }
        model.rates = [RateLevel(name: "mock/actor", remaining: 12, limit: 60, wholeIn: 20)]
        if let key { model.press(.character(key), width: width, height: height, at: 4) }
        return model
    }

    /// The rows with runs of spaces as two.
    private func shown(_ model: LiveViewModel, width: Int = 80, height: Int = 24) -> [String] {
        model.rows(width: width, height: height, at: 4).map { row in
            row.replacing(#/ {3,}/#, with: "  ").replacing(#/ +$/#, with: "")
        }
    }

    @Test func withoutAPanelEachRowSaysWhy() {
        #expect(
            shown(model(nil)) == [
                "coder full  ○  4.00 s",
                "▶ turn 2  asking  2.00 s",
                "└ run_command make test  60 % small  1.50 s",
                "hits 1/1 calls, 0/1 turns · missed 1 · guessed 3  ? keys",
                "used 1050 tokens, 0.0150 USD · 2 % of 1.0000 USD",
            ])
        #expect(
            shown(model(nil), width: 100).last
                == "used 1050 tokens, 0.0150 USD · 2 % of 1.0000 USD · in vain 420 tokens, 0.0060 USD")
    }

    @Test func detailsNameGuessesSourcesAndTools() {
        #expect(
            Array(shown(model("d")).dropFirst(3)) == [
                "── guesses, by turn, source and tool  d closes",
                "turn 2",
                "  ·  60 %  run_command make test  small",
                "turn 1",
                "  ✓  82 %  read_file src/a.c  small",
                "  ✗  30 %  run_command make test  patterns",
                "sources of guesses",
                "  patterns  0 of 1 came true, said 30 %  0.00 s used, 1.80 s in vain",
                "  small  1 of 2 came true, said 71 %  0.50 s used, 0.00 s in vain",
                "tools",
                "  read_file  1 of 1 call ahead  0.50 s used, 0.00 s in vain",
                "  run_command  0 of 0 calls ahead  0.00 s used, 1.80 s in vain",
                "hits 1/1 calls, 0/1 turns · missed 1 · guessed 3  ? keys",
                "used 1050 tokens, 0.0150 USD · 2 % of 1.0000 USD",
            ])
    }

    @Test func whatWasSwitchedOffIsSaidWithItsReason() {
        let change = Switchboard.Change(source: "patterns", isOn: false, saved: 0.2, spent: 3, pause: 16)
        var model = model("d", also: [.event(.speculationSwitched(turn: 0, change), time: 3)])
        let rows = shown(model, width: 110)
        #expect(rows.contains { $0.hasPrefix("✗ guesses of patterns: off for 16 turns, saved 0.20 s lately") })
        #expect(rows.contains { $0.contains("off: patterns") }, "\(rows)")
        #expect(model.takeScrolled().contains("off for 16 turns"))
    }

    @Test func theTimelineHasALaneForEachThatRuns() {
        #expect(
            Array(shown(model("t", style: ViewStyle(unicode: false)), width: 49).dropFirst(3))
                == [
                    "-- timeline  t closes",
                    "actor  ####################>>>>>>>>>>>>>>>>>>>>",
                    "calls",
                    "ahead 1  =====  >>>>>>>>>>>>>>>",
                    "ahead 2  ..................",
                    "  0.00 s  4.00 s",
                    "# used  = used, began ahead  - not used  . canc~",
                    "hits 1/1 calls, 0/1 turns - missed 1  ? keys",
                    "used 1050 tokens, 0.0150 USD - 2 % of 1.0000 USD",
                ])
    }

    @Test func costNamesRolesLimitsAndRates() {
        #expect(
            Array(shown(model("c")).dropFirst(3)) == [
                "── cost, limits, rate limits  c closes",
                "  actor asked in turn  1 request, 1000 in, 50 out  0.0150 USD",
                "  small guesses  1 request, 400 in, 20 out  0.0060 USD",
                "limits of the run",
                "  turns  1 of 40  █░░░░░░░░░░░░░░░░░░░",
                "  money  0.0150 USD of 1.0000 USD  █░░░░░░░░░░░░░░░░░░░",
                "limits of speculation",
                "  in vain  420 tokens, 0.0060 USD  at most 25 % of what the run costs",
                "rate limits",
                "  mock/actor  12 of 60 requests left, whole again in 20.…  ████████████████░░░░",
                "hits 1/1 calls, 0/1 turns · missed 1 · guessed 3  ? keys",
                "used 1050 tokens, 0.0150 USD · 2 % of 1.0000 USD",
            ])
    }

    @Test func theSameKeyClosesAndEscapeToo() {
        let open = shown(model("d")).count
        var model = model("d")
        model.press(.character("d"), width: 80, height: 24, at: 4)
        #expect(shown(model).count < open)
        model.press(.character("?"), width: 80, height: 24, at: 4)
        #expect(shown(model).contains { $0.contains("keys and marks") })
        model.press(.escape, width: 80, height: 24, at: 4)
        #expect(!shown(model).contains { $0.contains("keys and marks") })
        model.press(.character("q"), width: 80, height: 24, at: 4)
        #expect(shown(model).count < open, "q ends nothing and opens nothing")
    }

    @Test func whatDoesNotFitIsScrolled() {
        var model = model("d", height: 12)
        func press(_ key: ViewKey) { model.press(key, width: 80, height: 12, at: 4) }
        func place() -> String { shown(model, height: 12).first { $0.contains("── ") } ?? "" }
        #expect(place().contains("1 to 5 of 11"), "\(shown(model, height: 12))")
        press(.down)
        #expect(place().contains("2 to 6 of 11"))
        press(.end)
        #expect(place().contains("7 to 11 of 11"))
        press(.home)
        press(.up)
        #expect(place().contains("1 to 5 of 11"))
        press(.pageDown)
        #expect(place().contains("7 to 11 of 11"))
    }

    @Test(arguments: ["d", "t", "c", "?"] as [Character], [1, 5, 20, 40, 80, 200])
    func panelsFitAnyTerminal(key: Character, width: Int) {
        let long = Call(
            "run_command", ["command": "日本語 \u{1B}[2J\u{202E} and more words than any narrow terminal has room for"])
        let many = (10..<60).flatMap { number -> [RunNotice] in
            [
                .event(
                    .predicted(
                        turn: 1 + number % 3, source: "s\(number)\u{7}", rank: 0, calls: [long], probability: 0.5,
                        confidence: nil), time: 3),
                .event(.performed(work: number, call: long, world: number, lane: .shadow, effect: .contained), time: 3),
            ]
        }
        for height in [1, 2, 3, 6, 10, 24] {
            for style in [ViewStyle(), ViewStyle(unicode: false)] {
                let model = model(key, style: style, width: width, height: height, also: many)
                let rows = model.rows(width: width, height: height, at: 4)
                #expect(rows.count <= max(1, height - 1))
                for row in rows {
                    #expect(DisplayText.width(of: row) <= max(1, width - 1), "\(row)")
                    #expect(!row.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E }, "\(row)")
                }
            }
        }
    }
}
