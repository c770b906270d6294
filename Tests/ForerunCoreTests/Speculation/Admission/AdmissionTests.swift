import ForerunTesting
import Testing

@testable import ForerunCore

struct AdmissionTests {
    /// A question that a turn of 4 seconds would be saved half of, for the cost of a turn.
    private func question(_ probability: Double, pressure: Double = 0, seconds: Double = 2) -> Offer {
        Offer(
            .answer, probability: probability, depth: 1, seconds: seconds, slotSeconds: 4, cost: 1, turnSeconds: 4,
            pressure: pressure, room: 1)
    }

    private func value(_ speed: SpeculationPolicy.Speed) -> ValueAdmission { ValueAdmission(speed: speed, depth: 8) }

    @Test func moreIsRiskedTheMoreTimeIsWorth() {
        // Break-even: p · 2 = (1 − p) · (rate · 4 + slotRate · 4).
        #expect(value(.thrifty).worth(question(0.6)) == nil)
        #expect(value(.thrifty).worth(question(0.7)) != nil)
        #expect(value(.balanced).worth(question(0.2)) == nil)
        #expect(value(.balanced).worth(question(0.3)) != nil)
        #expect(value(.fastest).worth(question(0.01)) == nil)
        #expect(value(.fastest).worth(question(0.05)) != nil)
    }

    @Test func whatComesTooLateIsWorthNothing() {
        #expect(value(.fastest).worth(question(1, seconds: 0)) == nil)
        #expect(value(.fastest).worth(question(0.9, seconds: 0.0001)) == nil)
    }

    @Test func whatIsLeftOfABudgetGoesToTheBest() {
        #expect(value(.fastest).worth(question(0.2, pressure: 0.8)) != nil)
        #expect(value(.fastest).worth(question(0.2, pressure: 1)) == nil)
        #expect(value(.fastest).worth(question(0.6, pressure: 1)) != nil)
        #expect(value(.fastest).worth(question(0.2, pressure: .infinity)) == nil)
    }

    @Test func theDenserGoesFirst() throws {
        var short = question(0.8)
        short.slotSeconds = 1
        let long = question(0.8)
        #expect(try #require(value(.balanced).worth(short)) > #require(value(.balanced).worth(long)))
    }

    /// A prediction costs what it costs, whether it comes true or not.
    @Test func predictionsPayInAnyCase() {
        var offer = Offer(.prediction, probability: 1, depth: 1, seconds: 0.1, slotSeconds: 0, cost: 1, turnSeconds: 4)
        #expect(value(.balanced).worth(offer) == nil)
        offer.cost = 0.05
        #expect(value(.balanced).worth(offer) != nil)
    }

    /// How long an answer has taken must not decide whether it is heard to its end.
    @Test func whatRunsGoesOnWhileItMayComeTrue() {
        #expect(value(.thrifty).keeps(probability: 0.02, depth: 1))
        #expect(!value(.thrifty).keeps(probability: 0.001, depth: 1))
    }

    /// Otherwise it would be started and ended in turns, for ever.
    @Test(arguments: SpeculationPolicy.Speed.allCases) func whatIsStartedIsKept(speed: SpeculationPolicy.Speed) {
        let rules: [any Admission] = [
            ValueAdmission(speed: speed, depth: 4), TiersAdmission(depth: 4),
            ThresholdAdmission(threshold: 0.1, depth: 4),
        ]
        var numbers = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            var offer = question(Double.random(in: 0...1, using: &numbers))
            // Small probabilities are where rules differ.
            if Bool.random(using: &numbers) { offer.probability *= 0.05 }
            offer.kind = [.answer, .execution, .prediction].randomElement(using: &numbers) ?? .answer
            offer.depth = Int.random(in: 0...6, using: &numbers)
            offer.seconds = Double.random(in: 0...4, using: &numbers)
            offer.cost = Bool.random(using: &numbers) ? 0 : Double.random(in: 0...1, using: &numbers)
            for rule in rules where rule.worth(offer) != nil {
                #expect(rule.keeps(probability: offer.probability, depth: offer.depth), "\(rule): \(offer)")
            }
        }
    }

    @Test func tiersStartTheCertainAtOnceAndTheLikelyOnSlack() {
        let tiers = TiersAdmission(depth: 4)
        #expect(tiers.worth(question(0.95)) != nil)
        #expect(tiers.worth(question(0.8)) == nil, "the last slot is for what is nearly certain")
        var roomy = question(0.8)
        roomy.room = 2
        #expect(tiers.worth(roomy) != nil)
        roomy.room = nil
        #expect(tiers.worth(roomy) != nil)
        roomy.probability = 0.69
        #expect(tiers.worth(roomy) == nil)
        roomy.depth = 5
        roomy.probability = 1
        #expect(tiers.worth(roomy) == nil)
    }

    @Test func theThresholdLooksAtNothingElse() {
        let threshold = ThresholdAdmission(threshold: 0.3, depth: 2)
        #expect(threshold.worth(question(0.3, seconds: 0)) == 0.3)
        #expect(threshold.worth(question(0.29)) == nil)
        #expect(!threshold.keeps(probability: 0.5, depth: 3))
    }

    @Test func aLimitFollowsTheSpeedUnlessItIsNamed() {
        #expect(SpeculationPolicy(speed: .thrifty).maxExtraCost.ratio == 0.25)
        #expect(SpeculationPolicy(speed: .fastest).maxExtraCost.ratio == 4)
        #expect(SpeculationPolicy(speed: .fastest, maxExtraCost: ExtraCostLimit(ratio: 0.1)).maxExtraCost.ratio == 0.1)
    }
}
