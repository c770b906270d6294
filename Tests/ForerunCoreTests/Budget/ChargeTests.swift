import Testing

@testable import ForerunCore

/// What requests take, told apart by what came of them.
struct ChargeTests {
    private func charges(_ stage: Stage) -> [Charge] {
        stage.events.compactMap { if case .charged(let charge) = $0 { charge } else { nil } }
    }

    @Test func answersAreChargedWhenItIsKnownWhatCameOfThem() throws {
        let stage = Stage(prices: ["actor": Price(input: 1, output: 2)])
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        // Asked ahead in vain: the guess was wrong.
        _ = stage.answer(4, text: "unneeded")
        #expect(charges(stage).isEmpty)
        _ = stage.answer(1, .read("b"))
        let committed = Charge(
            work: 1, turn: 0, role: "actor", model: "a/one", outcome: .committed, usage: Usage(input: 10, output: 1),
            price: Price(input: 1, output: 2), isEstimated: false)
        #expect(charges(stage).first == committed)
        #expect(committed.money == 12e-6)
        let question = stage.finish(6, "B").first { $0.hasPrefix("ask #") && !$0.hasSuffix("ahead") }
        let number = try #require(question?.split(separator: " ")[1].dropFirst())
        _ = stage.answer(try #require(Int(number)), text: "done")
        #expect(charges(stage).contains { $0.work == 4 && $0.outcome == .wasted && $0.usage.output == 1 })
    }

    @Test func answersThatWereAskedAheadAndUsedAreToldApart() throws {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        _ = stage.answer(4, text: "done")
        _ = stage.answer(1, .read("a"))
        #expect(charges(stage).map(\.outcome) == [.committed, .ahead])
        let ahead = try #require(charges(stage).last)
        #expect(ahead.work == 4 && ahead.turn == 1 && ahead.money == nil && ahead.currency == nil)
        #expect(RunEvent.charged(ahead).json["outcome"] == "ahead")
    }

    @Test func whatANobodyReportsIsEstimatedAndSaidToBe() {
        let stage = Stage(mode: .off)
        _ = stage.start()
        _ = stage.on(.answerFinished(WorkID(1), Answer(Turn(text: "done"))))
        #expect(charges(stage).map(\.isEstimated) == [true])
    }

    /// Servers that report no usage, and guesses that were overtaken.
    @Test func guessesAreEstimatedWhereNobodySays() {
        let stage = Stage(guesser: .endpoint("small"))
        _ = stage.start()
        _ = stage.on(.predictionEnded(WorkID(2), usage: nil))
        #expect(charges(stage).map(\.outcome) == [.guesses] && charges(stage)[0].isEstimated)
        #expect(charges(stage)[0].usage.output > 0 && charges(stage)[0].usage.output < 500)
        #expect(stage.tree.ledger.wasted != .zero)
    }

    /// One that has begun costs what those before it did, not the most that it might have cost.
    @Test func guessesThatWereOvertakenAreTakenForUsualOnes() throws {
        let stage = Stage(guesser: .endpoint("small"))
        _ = stage.start()
        _ = stage.on(.predictionEnded(WorkID(2), usage: Usage(input: 100, output: 20)))
        let next = stage.answer(1, .read("a")) + stage.finish(3, "A")
        let asked = try #require(next.first { $0.hasPrefix("predict #") })
        let number = try #require(Int(asked.split(separator: " ")[1].dropFirst()))
        _ = stage.on(.interrupted)
        let overtaken = try #require(charges(stage).first { $0.work == number })
        #expect(overtaken.usage == Usage(input: 100, output: 20) && overtaken.isEstimated)
    }

    @Test func guessersThatRefuseCostNothing() {
        let stage = Stage(guesser: .endpoint("small"))
        _ = stage.start()
        _ = stage.on(.predictionEnded(WorkID(2), usage: .zero))
        #expect(charges(stage).isEmpty && stage.tree.ledger.wasted == .zero)
    }

    @Test(arguments: [false, true])
    func questionsAheadCostWhatWasSaid(hasBegun: Bool) {
        let stage = Stage()
        _ = stage.start()
        _ = stage.guess(2, .read("a"))
        _ = stage.finish(3, "A")
        if hasBegun { _ = stage.stream(4, .text(String(repeating: "word ", count: 400))) }
        _ = stage.fail(4, ModelFailure(.rateLimited, "later"))
        #expect(charges(stage).map(\.outcome) == (hasBegun ? [.wasted] : []))
        #expect((stage.tree.ledger.wasted.tokens > 400) == hasBegun)
        #expect(stage.tree.ledger.reservedTotal == .zero)
    }

    /// The run ends while the actor is being asked.
    @Test func whatIsCutOffIsToldApart() {
        let stage = Stage()
        _ = stage.start()
        _ = stage.stream(1, .text(String(repeating: "word ", count: 400)))
        _ = stage.on(.woke(.timeLimit))
        #expect(charges(stage).map(\.outcome) == [.unfinished])
        #expect(charges(stage).allSatisfy { $0.isEstimated && $0.usage.output >= 400 })
        #expect(stage.tree.ledger.usage == .zero)
    }

    @Test func writtenInputHasAPriceOfItsOwn() {
        let price = Price(input: 1, cached: 0.1, written: 1.25, output: 5)
        #expect(price.money(for: Usage(input: 100, cached: 40, written: 20, output: 10)) == (40 + 4 + 25 + 50) / 1e6)
        // Where nobody says what it costs, it costs what other input costs.
        #expect(Price(input: 2, output: 0).money(for: Usage(input: 100, written: 50)) == 200 / 1e6)
        #expect(Price(input: 2, output: 0).money(for: Usage(input: 10, cached: 20)) >= 0)
    }
}
