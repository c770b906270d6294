import Testing

@testable import ForerunCore

struct ForecastScoresTests {
    @Test func nothingGivenIsNoScore() {
        #expect(ForecastScores().brier == nil)
        #expect(ForecastScores().calibrationError == nil)
    }

    @Test func errorsAreThoseOfTheDefinitions() throws {
        var scores = ForecastScores()
        scores.add(0.75, came: true)
        scores.add(0.25, came: true)
        scores.add(0.25, came: false)
        #expect(scores.count == 3)
        let brier = try #require(scores.brier)
        #expect(abs(brier * 3 - 0.6875) < 1e-12)
        // Of the two in one bin 0.5 were expected, and one came.
        let error = try #require(scores.calibrationError)
        #expect(abs(error * 3 - 0.75) < 1e-12)
    }

    @Test func certaintyHasABin() {
        var scores = ForecastScores()
        scores.add(1, came: true)
        scores.add(0, came: false)
        #expect(scores.brier == 0 && scores.calibrationError == 0)
    }
}
