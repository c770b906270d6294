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

    @Test func binsAreTenthsAndSumsAreThoseOfAll() throws {
        var all = ForecastScores()
        var sum = ForecastScores()
        for part in [[(0.05, false), (0.55, true)], [(0.5, false), (1, true)]] {
            var scores = ForecastScores()
            for (probability, came) in part {
                scores.add(probability, came: came)
                all.add(probability, came: came)
            }
            sum += scores
        }
        #expect(sum == all && sum.count == 4)
        #expect(sum.bins.map(\.count) == [1, 0, 0, 0, 0, 2, 0, 0, 0, 1])
        #expect(sum.bins[5].hits == 1 && sum.bins[1].mean == nil)
        #expect(abs(try #require(sum.bins[5].mean) - 0.525) < 1e-12)
    }

    @Test func whatIsNoProbabilityCountsAsTheNearest() {
        var scores = ForecastScores()
        for value: Double in [.nan, -1, -.infinity] { scores.add(value, came: false) }
        for value: Double in [2, .infinity] { scores.add(value, came: true) }
        #expect(scores.bins[0].count == 3 && scores.bins[9].count == 2)
        #expect(scores.brier == 0 && scores.calibrationError == 0)
    }
}
