import ForerunCore
import ForerunStore
import Testing

@testable import ForerunRuntime

struct RunCostsTests {
    private func costs(_ lines: String...) throws -> RunCosts {
        var costs = RunCosts(run: "a")
        for line in lines { costs.add(try JSON(parsing: line)) }
        costs.finish()
        return costs
    }

    private let charge =
        #"{"type":"cost","turn":1,"role":"actor","outcome":"committed","usage":{"input":5,"output":2}}"#

    /// An answer that was cut short is charged: its price is no secret.
    @Test func attemptsWithoutAnAnswerAreCounted() throws {
        let retried = try costs(#"{"type":"answer.failed","turn":1,"attempt":1}"#, charge)
        #expect(retried.failedAttempts == 1 && retried.total.requests == 1)
        let cutShort = try costs(charge, #"{"type":"answer.failed","turn":1,"attempt":1}"#)
        #expect(cutShort.failedAttempts == 0 && cutShort.total.requests == 1)
        let next = try costs(charge, #"{"type":"answer.failed","turn":2,"attempt":1}"#)
        #expect(next.failedAttempts == 1)
        // The run was cut off, and the turn is asked again.
        let again = try costs(
            charge, #"{"type":"turn.taken","turn":1}"#, #"{"type":"answer.failed","turn":1,"attempt":1}"#)
        #expect(again.failedAttempts == 1)
    }

    @Test func whatCannotBeReadIsSaid() throws {
        var book = CostBook()
        #expect(CostText.lines(book).isEmpty)
        book.leaveOut("20261121-093012-4f2a", "it has no log")
        #expect(CostText.lines(book) == ["left out: 20261121-093012-4f2a: it has no log"])
    }
}
