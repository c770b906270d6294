import Testing

@testable import ForerunCore

struct EnsembleTests {
    /// What one source says of the candidates, by number: its rank is the place in the list.
    private struct Saying {
        var source: String
        var named: [(candidate: Int, confidence: Double?)]
    }

    private func ballot(_ sayings: [Saying], candidates: Int = 3, tool: String = "read") -> Ballot {
        var ballot = Ballot()
        for _ in 0..<candidates { _ = ballot.addCandidate(tool: tool) }
        for saying in sayings {
            ballot.hear(saying.source)
            for (rank, item) in saying.named.enumerated() {
                ballot.claim(item.candidate, by: saying.source, rank: rank, confidence: item.confidence)
            }
        }
        return ballot
    }

    /// A source of pseudo-random numbers (SplitMix64): the same in each run of the tests.
    private struct Dice {
        var state: UInt64 = 1
        mutating func roll() -> Double {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return Double((z ^ (z >> 31)) >> 11) / 9_007_199_254_740_992
        }
    }

    @Test func anUnknownSourceCountsByItsCountsAlone() {
        let said = ballot([Saying(source: "a", named: [(0, 0.99), (1, 0.01), (2, nil)])])
        for (probability, prior) in zip(Ensemble().probabilities(said), [0.5, 0.2, 0.1]) {
            #expect(abs(probability - prior) < 1e-9)
        }
        #expect(Ensemble().probabilities(Ballot()) == [])
    }

    @Test func agreementRaisesAndTheSumStaysBelowOne() {
        let alone = Ensemble().probabilities(ballot([Saying(source: "a", named: [(0, nil)])], candidates: 1))
        let both = Ensemble().probabilities(
            ballot(
                [Saying(source: "a", named: [(0, nil)]), Saying(source: "b", named: [(0, nil), (1, nil)])],
                candidates: 2))
        #expect(both[0] > alone[0])
        #expect(both.reduce(0, +) < 1)
    }

    @Test func whatASourceSaysLastOfACandidateCounts() {
        var said = ballot([Saying(source: "a", named: [(0, 0.5)])], candidates: 1)
        said.claim(0, by: "a", rank: 2, confidence: 0.1)
        #expect(said.candidates[0].claims.map(\.rank) == [2])
        #expect(abs(Ensemble().probabilities(said)[0] - 0.1) < 1e-9)
    }

    @Test func aStatedConfidenceCountsOnceItHasProvedItself() {
        var ensemble = Ensemble()
        var dice = Dice()
        var scores = ForecastScores()
        // It claims too much: what it states is the root of what is true.
        for round in 0..<2000 {
            let truth = dice.roll()
            let said = ballot([Saying(source: "a", named: [(0, truth.squareRoot())])], candidates: 1)
            let came = dice.roll() < truth
            if round >= 1000 { scores.add(ensemble.probabilities(said)[0], came: came) }
            ensemble.learn(said, came: came ? 0 : nil)
        }
        #expect(scores.calibrationError ?? 1 < 0.05)
        // 1/6 is the least possible, 1/4 what comes of counts alone.
        #expect(scores.brier ?? 1 < 0.185)
        let sure = ballot([Saying(source: "a", named: [(0, 0.99)])], candidates: 1)
        let unsure = ballot([Saying(source: "a", named: [(0, 0.2)])], candidates: 1)
        #expect(ensemble.probabilities(sure)[0] > 0.85 && ensemble.probabilities(unsure)[0] < 0.2)
    }

    @Test func aConfidenceThatMeansNothingComesToCountForNothing() {
        var ensemble = Ensemble()
        var dice = Dice()
        for _ in 0..<1000 {
            let said = ballot([Saying(source: "a", named: [(0, dice.roll())])], candidates: 1)
            ensemble.learn(said, came: dice.roll() < 0.5 ? 0 : nil)
        }
        for confidence in [0.1, 0.9] {
            let said = ballot([Saying(source: "a", named: [(0, confidence)])], candidates: 1)
            #expect(abs(ensemble.probabilities(said)[0] - 0.5) < 0.2)
        }
    }

    @Test func theMixIsAsGoodAsItsBestMember() {
        // One source knows, one talks at random; sometimes both name the same.
        var mixed = Ensemble()
        var alone = Ensemble()
        var dice = Dice()
        var losses = (mixed: 0.0, alone: 0.0)
        for round in 0..<1500 {
            let truth = 0.2 + 0.6 * dice.roll()
            let right = dice.roll() < truth
            let noise = dice.roll() < 0.3 ? 0 : 1
            let both = ballot(
                [Saying(source: "good", named: [(0, truth)]), Saying(source: "bad", named: [(noise, 0.9)])],
                candidates: 2)
            let one = ballot([Saying(source: "good", named: [(0, truth)])], candidates: 1)
            if round > 300 {
                let p = mixed.probabilities(both)[0] - (right ? 1 : 0)
                let q = alone.probabilities(one)[0] - (right ? 1 : 0)
                losses.mixed += p * p
                losses.alone += q * q
            }
            mixed.learn(both, came: right ? 0 : nil)
            alone.learn(one, came: right ? 0 : nil)
        }
        #expect(losses.mixed < losses.alone * 1.02, "\(losses)")
    }

    @Test func silenceOfAGoodSourceIsEvidence() {
        var ensemble = Ensemble()
        for round in 0..<300 {
            // What "good" names comes; what only "bad" names never does.
            let said = ballot(
                [Saying(source: "good", named: [(0, nil)]), Saying(source: "bad", named: [(1, nil)])], candidates: 2)
            ensemble.learn(said, came: round % 10 == 0 ? nil : 0)
        }
        let unheard = ballot([Saying(source: "bad", named: [(0, nil)])], candidates: 1)
        let against = ballot(
            [Saying(source: "bad", named: [(0, nil)]), Saying(source: "good", named: [])], candidates: 1)
        #expect(ensemble.probabilities(against)[0] < ensemble.probabilities(unheard)[0])
    }

    @Test func toolsDifferAndUnknownOnesFollowTheRest() {
        var ensemble = Ensemble()
        for _ in 0..<100 {
            ensemble.learn(ballot([Saying(source: "a", named: [(0, nil)])], candidates: 1, tool: "read"), came: 0)
            ensemble.learn(ballot([Saying(source: "a", named: [(0, nil)])], candidates: 1, tool: "write"), came: nil)
        }
        func probability(_ tool: String) -> Double {
            ensemble.probabilities(ballot([Saying(source: "a", named: [(0, nil)])], candidates: 1, tool: tool))[0]
        }
        #expect(probability("read") > 0.9)
        #expect(probability("write") < 0.1)
        #expect(abs(probability("send") - 0.5) < 0.25)
    }

    @Test func itsStateIsBounded() {
        var ensemble = Ensemble()
        for number in 0..<2000 {
            let said = ballot([Saying(source: "a", named: [(0, 1)])], candidates: 1, tool: "tool \(number)")
            ensemble.learn(said, came: nil)
        }
        #expect(ensemble.members["a"]?.byTool.count == Ensemble.toolLimit)
        #expect(ensemble.calibration.byTool.count <= Calibration.limit)
        let weights = ensemble.members["a"]?.weights
        #expect(abs(weights?.stated.value ?? .infinity) <= Ensemble.Weight.limit)
    }

    // MARK: - Snapshots

    @Test func aSnapshotTellsEverything() throws {
        var ensemble = Ensemble()
        for round in 0..<20 {
            let said = ballot(
                [Saying(source: "a", named: [(0, 0.7), (1, 0.2)]), Saying(source: "b", named: [(1, nil)])],
                candidates: 2, tool: round % 2 == 0 ? "read" : "")
            ensemble.learn(said, came: round % 3 == 0 ? nil : round % 2)
        }
        let text = ensemble.snapshot.text
        let restored = Ensemble(snapshot: try JSON(parsing: text))
        #expect(restored.snapshot.text == text)
        let said = ballot(
            [Saying(source: "a", named: [(0, 0.7)]), Saying(source: "b", named: [(1, nil)])], candidates: 2)
        for (a, b) in zip(ensemble.probabilities(said), restored.probabilities(said)) { #expect(abs(a - b) < 0.01) }
        #expect(Ensemble(snapshot: Ensemble().snapshot) == Ensemble())
    }

    @Test func snapshotsOfEarlierVersionsAreRead() {
        var calibration = Calibration()
        for _ in 0..<9 { calibration.record(.init(source: "a", tool: "read", rank: 0), hit: true) }
        let restored = Ensemble(snapshot: calibration.snapshot)
        #expect(restored.calibration.snapshot == calibration.snapshot)
        #expect(restored.members.isEmpty)
    }

    @Test(
        arguments: [
            "null", "{}", "7", #"{"version":3,"counts":[]}"#, #"{"version":2}"#,
            #"{"version":2,"counts":5,"sources":5}"#,
            #"{"version":2,"counts":[],"sources":[null,[],["a",[],[]],["a",[[1,1]],[]],["a",[[1],[1],[1],[1],[1],[1]],[]]]}"#,
            #"{"version":2,"counts":[],"sources":[["a",[[1e999,1],[1,1],[1,1],[1,1],[1,1],[1,1]],[]]]}"#,
        ])
    func damagedSnapshotsSayNothing(text: String) throws {
        #expect(Ensemble(snapshot: try JSON(parsing: text)) == Ensemble())
    }
}
