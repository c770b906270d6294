import Foundation
import Testing

@testable import ForerunCore

struct LogarithmTests {
    @Test(arguments: [1e-300, 1e-4, 0.03, 0.5, 0.7071, 1, 1.4142, 2, 2.718281828, 1000, 1e300])
    func naturalLogarithmsAreThoseOfTheSystem(value: Double) {
        #expect(abs(Logarithm.natural(value) - log(value)) <= 1e-13 * max(1, abs(log(value))))
    }

    @Test(arguments: [-600, -6.5, -1, -1e-9, 0, 0.3466, 1, 6, 56.25, 600])
    func powersAreThoseOfTheSystem(value: Double) {
        #expect(abs(Logarithm.exponential(value) / exp(value) - 1) < 1e-12)
    }

    @Test func whatIsTooSmallIsNothing() { #expect(Logarithm.exponential(-5000) == 0) }

    @Test func claimsBecomeOddsAndBack() {
        let claims = [0.5, 0.2, 0.1]
        for (claim, back) in zip(claims, LogOdds.probabilities(LogOdds.against(none: claims))) {
            #expect(abs(claim - back) < 1e-9)
        }
    }

    @Test func claimsOfMoreThanAllAreScaled() {
        let probabilities = LogOdds.probabilities(LogOdds.against(none: [0.9, 0.9]))
        #expect(probabilities[0] == probabilities[1])
        #expect(probabilities[0] > 0.4 && probabilities.reduce(0, +) < 1)
        #expect(LogOdds.against(none: [1]) == [LogOdds.against(none: [0.97])[0]])
        #expect(LogOdds.against(none: [0])[0] == -LogOdds.limit)
    }
}
