import Testing

@testable import ForerunSimulation

struct ReplayLawTests {
    @Test(arguments: [
        ("recorded", ReplayLaw.recorded), ("fixed:1.5", .fixed(1.5)), ("FIXED:0", .fixed(0)),
        ("exponential:2", .exponential(2)), ("lognormal:1.25,2.09", .logNormal(median: 1.25, p90: 2.09)),
    ])
    func lawsAreRead(text: String, law: ReplayLaw) throws {
        #expect(try ReplayLaw(parsing: text) == law)
        #expect(try ReplayLaw(parsing: law.description) == law)
    }

    @Test(arguments: [
        "", "fixed", "fixed:", "fixed:-1", "fixed:nan", "fixed:1,2", "fixed:1e9", "lognormal:1", "lognormal:0,1",
        "lognormal:2,1", "recorded:1", "gamma:2", "exponential:inf",
    ])
    func whatIsNoLawIsRefusedWithTheLaws(text: String) {
        let error = #expect(throws: ReplayError.self) { try ReplayLaw(parsing: text) }
        #expect(error?.isUsage == true && error?.remedy.contains("lognormal:MEDIAN,P90") == true)
        #expect(error?.message.contains("'\(text)'") == true)
    }

    @Test func quantilesAreThoseOfTheLaw() {
        let law = ReplayLaw.logNormal(median: 1.25, p90: 2.09)
        #expect(abs(law.seconds(0.5) - 1.25) < 1e-6)
        #expect(abs(law.seconds(0.9) - 2.09) < 1e-6)
        #expect(abs(ReplayLaw.exponential(2).seconds(0.5) - 2 * 0.693_147_180_56) < 1e-9)
        #expect(ReplayLaw.fixed(3).seconds(0.99) == 3)
        let draws = (0..<20_000).map { ReplayLaw.exponential(2).seconds(Draw(seed: 1).uniform(.init($0))) }
        #expect(abs(draws.reduce(0, +) / 20_000 - 2) < 0.05)
        for p in [0.001, 0.02, 0.3, 0.98] { #expect(abs(Normal.quantile(p) + Normal.quantile(1 - p)) < 1e-9) }
        #expect(abs(Normal.quantile(0.975) - 1.959_963_984_54) < 1e-8)
    }
}
