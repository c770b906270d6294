import Testing

@testable import ForerunCore

struct CalibrationTests {
    private let read = Calibration.Key(source: "small", tool: "read", rank: 0)
    private let write = Calibration.Key(source: "small", tool: "write", rank: 0)

    private func calibration(_ key: Calibration.Key, hits: Int = 0, misses: Int = 0) -> Calibration {
        var calibration = Calibration()
        for _ in 0..<hits { calibration.record(key, hit: true) }
        for _ in 0..<misses { calibration.record(key, hit: false) }
        return calibration
    }

    @Test(arguments: [(0, 0.5), (1, 0.2), (2, 0.1), (3, 0.05), (50, 0.05)])
    func whatIsUnknownIsJudgedByItsRank(rank: Int, prior: Double) {
        let key = Calibration.Key(source: "small", tool: "read", rank: rank)
        #expect(abs(Calibration().probability(key) - prior) < 1e-12)
    }

    @Test func hitsRaiseAndMissesLower() {
        var rising = Calibration()
        var falling = Calibration()
        var last = (high: 0.5, low: 0.5)
        for _ in 0..<20 {
            rising.record(read, hit: true)
            falling.record(read, hit: false)
            let now = (high: rising.probability(read), low: falling.probability(read))
            #expect(now.high > last.high && now.high < 1)
            #expect(now.low < last.low && now.low > 0)
            last = now
        }
        #expect(last.high > 0.9)
        #expect(last.low < 0.1)
    }

    @Test func aToolIsShrunkToItsSourceAndASourceToThePrior() {
        let learned = calibration(read, hits: 10)
        let known = learned.probability(read)
        let unseen = learned.probability(write)
        #expect(known > unseen, "what a tool proved counts more than what its source did")
        #expect(unseen > 0.5, "a good source is trusted with a tool it never guessed")
        let otherRank = Calibration.Key(source: "small", tool: "read", rank: 1)
        let otherSource = Calibration.Key(source: "mined", tool: "read", rank: 0)
        #expect(learned.probability(otherRank) == Calibration().probability(otherRank))
        #expect(learned.probability(otherSource) == Calibration().probability(otherSource))
    }

    @Test func aTurnWithoutCallsIsAToolOfItsOwn() {
        let answer = Calibration.Key(source: "small", tool: "", rank: 0)
        var learned = calibration(answer, hits: 10)
        let high = learned.probability(answer)
        for _ in 0..<10 { learned.record(read, hit: false) }
        #expect(learned.probability(answer) < high, "the source got worse")
        #expect(learned.probability(answer) > learned.probability(read))
    }

    @Test func oldEvidenceFades() {
        var changed = calibration(read, hits: 500)
        #expect(changed.probability(read) > 0.97)
        for _ in 0..<35 { changed.record(read, hit: false) }
        #expect(abs(changed.probability(read) - 0.5) < 0.05, "half of 500 hits is forgotten after 35 misses")
        let short = calibration(read, hits: 60, misses: 35)
        #expect(abs(changed.probability(read) - short.probability(read)) < 0.2, "how long ago does not matter")
    }

    @Test func aSnapshotTellsEverything() throws {
        var learned = calibration(read, hits: 7, misses: 3)
        learned.record(Calibration.Key(source: "mined", tool: "", rank: 2), hit: true)
        learned.record(Calibration.Key(source: "mined", tool: "list", rank: 1), hit: false)
        let text = learned.snapshot.text
        let restored = Calibration(snapshot: try JSON(parsing: text))
        #expect(restored.snapshot.text == text)
        for key in learned.byTool.keys {
            #expect(abs(restored.probability(key) - learned.probability(key)) < 1e-5)
        }
        #expect(Calibration(snapshot: Calibration().snapshot) == Calibration())
    }

    @Test func ranksThatAreMadeUpDoNotFillTheMemory() {
        var learned = Calibration()
        for rank in 0..<5_000 { learned.record(.init(source: "odd", tool: "read", rank: rank), hit: false) }
        #expect(learned.byTool.count == Calibration.limit && learned.bySource.count == Calibration.limit)
    }

    @Test func aSnapshotTellsWhatASourceProvedLately() throws {
        var learned = Calibration()
        // Twenty tools that once did well, and one that does badly now.
        for number in 0..<20 {
            for _ in 0..<5 { learned.record(.init(source: "small", tool: "old \(number)", rank: 0), hit: true) }
        }
        for _ in 0..<100 { learned.record(read, hit: false) }
        let unseen = Calibration.Key(source: "small", tool: "new", rank: 0)
        #expect(learned.probability(unseen) < 0.3)
        let restored = Calibration(snapshot: try JSON(parsing: learned.snapshot.text))
        #expect(abs(restored.probability(unseen) - learned.probability(unseen)) < 1e-5)
        // Without it, as earlier versions wrote, the sum of the tools stands for the source.
        let rows = (learned.snapshot.arrayValue ?? []).filter { $0.arrayValue?[1].stringValue != nil }
        #expect(Calibration(snapshot: .array(rows)).probability(unseen) > 0.5)
    }

    @Test(
        arguments: [
            "null", "{}", "\"x\"", "3", "[null]", "[[]]", "[[\"small\",\"read\",0,1]]",
            "[[\"small\",\"read\",0,1,2,3]]",
            "[[\"small\",\"read\",-1,1,2]]", "[[\"small\",\"read\",0.5,1,2]]", "[[\"small\",\"read\",0,3,2]]",
            "[[\"small\",\"read\",0,-1,2]]", "[[\"small\",\"read\",0,\"1\",2]]", "[[1,\"read\",0,1,2]]",
            "[[\"small\",\"read\",0,0,1e999]]", "[[\"small\",\"read\",0,1e999,1e999]]",
            "[[\"small\",\"read\",0,1,1e300]]", "[[\"small\",null,0,3,2]]", "[[\"small\",false,0,1,2]]",
        ])
    func damagedRowsAreLeftOut(text: String) throws {
        #expect(Calibration(snapshot: try JSON(parsing: text)) == Calibration())
    }

    @Test func aDamagedRowDoesNotTakeOthersWithIt() throws {
        let learned = Calibration(snapshot: try JSON(parsing: #"[[], ["small","read",0,9,10], ["small"]]"#))
        #expect(learned.byTool.count == 1)
        #expect(learned.probability(read) > 0.8)
    }
}
