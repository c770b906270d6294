import ForerunCore
import Testing

@testable import ForerunStore

struct RunTallyTests {
    private static let read = Call("read_file", ["path": "a"])
    private static let test = Call("run_command", ["command": "make"])

    /// Two turns: one guessed by two sources, one by nobody.
    private static let log: [JSON] = [
        prediction(0, "small", [read], 0.5), prediction(0, "patterns", [test], 0.25),
        prediction(0, "patterns", [read], 0.75), started(2, read), started(3, test), finished(2, 0.5), started(4, read),
        cost("small", 100, 0.25), cost("patterns", 10, nil), taken(0, [read, test]),
        output(2, read, isHit: true, seconds: 0.5), cancelled(3, 1.5), output(5, test, isHit: false, seconds: 2),
        prediction(1, "small", [], 0.5), prediction(1, "small", [], 0.75), taken(1, []),
    ]

    private static func prediction(_ turn: Int, _ source: String, _ calls: [Call], _ probability: Double) -> JSON {
        RunEvent.predicted(
            turn: turn, source: source, rank: 0, calls: calls, probability: probability, confidence: nil
        ).json
    }

    private static func started(_ work: Int, _ call: Call) -> JSON {
        RunEvent.performed(work: work, call: call, world: 0, lane: .shadow, effect: .contained).json
    }

    private static func finished(_ work: Int, _ seconds: Double) -> JSON {
        RunEvent.callFinished(work: work, lane: .shadow, seconds: seconds, isError: false).json
    }

    private static func cancelled(_ work: Int, _ seconds: Double) -> JSON {
        RunEvent.cancelled(work: work, seconds: seconds).json
    }

    private static func taken(_ turn: Int, _ calls: [Call]) -> JSON {
        RunEvent.turnTaken(
            turn: turn, role: "actor", answer: Turn(text: "", calls: calls), usage: nil, isHit: false, seconds: 1
        ).json
    }

    private static func output(_ work: Int, _ call: Call, isHit: Bool, seconds: Double) -> JSON {
        RunEvent.callTaken(
            turn: 0, index: 0, call: call, output: Output("x", isError: !isHit), isHit: isHit, seconds: seconds,
            effect: .contained, work: work
        ).json
    }

    private static func cost(_ source: String, _ tokens: Int, _ money: Double?) -> JSON {
        let price = money.map { Price(input: $0 / Double(tokens) * 1_000_000, output: 0) }
        return RunEvent.charged(
            Charge(
                work: 9, turn: 0, role: source, model: nil, outcome: .guesses, usage: Usage(input: tokens, output: 0),
                price: price, isEstimated: false)
        ).json
    }

    private func tally(_ events: [JSON]) -> RunTally {
        var tally = RunTally()
        for event in events { tally.on(event) }
        tally.finish()
        return tally
    }

    @Test func callsCountByTool() {
        let tally = tally(Self.log)
        let read = tally.tools["read_file"]
        #expect(read?.calls == 1 && read?.hits == 1 && read?.errors == 0)
        #expect(read?.aheadSeconds == 0.5)
        #expect(read?.wastedSeconds == 0, "begun twice, and never over the second time")
        let command = tally.tools["run_command"]
        #expect(command?.calls == 1 && command?.hits == 0 && command?.errors == 1)
        #expect(command?.seconds == 2 && command?.wastedSeconds == 1.5)
    }

    /// An execution is its doing who thought it the most probable.
    @Test func guessesCountBySource() {
        let tally = tally(Self.log)
        let small = tally.sources["small"]
        #expect(small?.guesses == 2 && small?.hits == 1, "what it said twice counts once: \(small as Any)")
        #expect(small?.expected == 1.25)
        #expect(small?.aheadSeconds == 0 && small?.tokens == 100 && small?.money == 0.25)
        let patterns = tally.sources["patterns"]
        #expect(patterns?.guesses == 2 && patterns?.hits == 0)
        #expect(patterns?.aheadSeconds == 0.5 && patterns?.wastedSeconds == 1.5)
        #expect(patterns?.tokens == 10 && patterns?.money == nil, "a price is unknown")
    }

    @Test func whatWasGoingOnWhenARunWasCutOffWasInVain() {
        let events = [Self.started(2, Self.read), Self.finished(2, 0.5)]
        #expect(tally(events + [["type": "run.resumed"]]).tools["read_file"]?.wastedSeconds == 0.5)
        #expect(tally(events).tools["read_file"]?.wastedSeconds == 0.5)
    }

    @Test func sumsAreReadAsTheyAreWritten() throws {
        let tally = tally(Self.log)
        for tool in tally.tools.values {
            #expect(RunTally.Tool(json: JSON(members: tool.members)) == tool)
        }
        for source in tally.sources.values {
            #expect(RunTally.Source(json: JSON(members: source.members)) == source)
        }
        var sum = try #require(tally.sources["small"])
        sum.add(try #require(tally.sources["patterns"]))
        #expect(sum.guesses == 4 && sum.tokens == 110 && sum.money == nil)
    }
}
