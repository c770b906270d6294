import ForerunCore
import ForerunSpeculators
import Testing

@testable import ForerunLearning

struct MeasuredPredictorTests {
    /// A run that looks a user up, and then the order that it finds there.
    private static func run(_ number: Int) -> RecordedRun {
        let (user, order) = ("user_\(number + 100)", "W\(number + 1_000)")
        return RecordedRun(
            format: "test", id: "\(number)", statedEffects: ["find": "read", "get": "read"],
            steps: [
                .message("I am \(user)."),
                .turn(
                    RecordedTurn(calls: [
                        RecordedCall(
                            Call("find", ["user": .string(user)]), output: Output(#"{"order":"\#(order)","n":1}"#))
                    ])),
                .turn(
                    RecordedTurn(calls: [
                        RecordedCall(Call("get", ["order": .string(order)]), output: Output("fine"))
                    ])),
                .turn(RecordedTurn(text: "Done.")),
            ])
    }

    private static func score(_ predictor: some MeasuredPredictor, learning: Int = 20) -> PredictorScore {
        var predictor = predictor
        let tools = run(0).knownTools
        for number in 0..<learning { predictor.learn(run(number), tools) }
        var score = PredictorScore()
        for number in 500..<505 { score.add(run(number), tools, &predictor) }
        return score
    }

    @Test func simpleRulesCopyWhatTheyHaveSeenCopied() {
        let score = Self.score(SimplePredictor())
        #expect(score.decisions.count == 15 && score.decisions.firstShare == 1)
        #expect(score.calls[PredictorScore.reads]?.count == 10)
        #expect(score.calls[PredictorScore.reads]?.firstShare == 1)
    }

    @Test func callsMadeAlreadyAreNotGuessedBySimpleRules() {
        var predictor = SimplePredictor()
        for number in 0..<5 { predictor.learn(Self.run(number), []) }
        let call = Call("find", ["user": "user_900"])
        predictor.begin([])
        predictor.message("I am user_900.")
        #expect(predictor.guess().calls.first?.call == call)
        predictor.call(call)
        #expect(!predictor.guess().calls.contains { $0.call == call })
    }

    @Test func patternsDoAsWell() {
        let score = Self.score(PatternPredictor(expectedRuns: 20), learning: 40)
        #expect(score.decisions.firstShare == 1 && score.calls[PredictorScore.reads]?.firstShare == 1)
        #expect(score.reliability.count > 0)
    }

    @Test func theGraphFindsWhereArgumentsComeFrom() {
        let score = Self.score(GraphPredictor(), learning: 40)
        #expect(score.calls[PredictorScore.reads]?.firstShare == 1)
    }

    /// The first one claims to know, and is never right; the second one says little, and is always right.
    @Test func anEnsembleTrustsThoseWhoProvedThemselves() throws {
        let members: [(source: String, predictor: any MeasuredPredictor)] = [
            ("loud", LoudPredictor()), ("pattern", PatternPredictor(expectedRuns: 60)),
        ]
        let score = Self.score(EnsemblePredictor(members, expectedRuns: 60), learning: 60)
        #expect(score.calls[PredictorScore.reads]?.firstShare == 1)
        #expect(try #require(score.reliability.calibrationError) < 0.15)
    }

    /// One knows by heart what it has seen of a group, and is never right about others; the other one is right of three times
    /// two. Runs of groups that both have learnt would teach to trust the first one.
    @Test func anEnsembleIsTaughtByGroupsThatItsMembersDoNotKnow() {
        let members: [(source: String, predictor: any MeasuredPredictor)] = [
            ("fair", FairPredictor()), ("heart", HeartPredictor()),
        ]
        var ensemble = EnsemblePredictor(members, expectedRuns: 120)
        for number in 0..<120 { ensemble.learn(Self.groupRun(number, group: number % 12), []) }
        var together = PredictorScore()
        var alone = PredictorScore()
        var fair = FairPredictor()
        for number in 200..<260 {
            let run = Self.groupRun(number, group: number)
            together.add(run, [], &ensemble)
            alone.add(run, [], &fair)
        }
        #expect(alone.calls[PredictorScore.everything]?.firstShare == 2.0 / 3)
        #expect(together.calls[PredictorScore.everything] == alone.calls[PredictorScore.everything])
    }

    /// Two times of three the call says what the message says, otherwise what the group always says.
    private static func groupRun(_ number: Int, group: Int) -> RecordedRun {
        let value = number % 3 == 0 ? "group \(group)" : "message \(number)"
        let call = RecordedCall(Call("look", ["at": .string(value)]), output: Output("fine"))
        return RecordedRun(
            format: "test", id: "\(number)", group: "\(group)",
            steps: [.message("\(group) \(number)"), .turn(RecordedTurn(calls: [call]))])
    }

    private struct FairPredictor: MeasuredPredictor {
        var number = ""
        func guess() -> MeasuredGuess {
            MeasuredGuess(calls: [GuessedCall(Call("look", ["at": .string("message \(number)")]), probability: 0.6)])
        }
        mutating func message(_ text: String) { number = String(text.split(separator: " ")[1]) }
        func learn(_ run: RecordedRun, _ tools: [Tool]) {}
        func begin(_ tools: [Tool]) {}
        func said(_ text: String) {}
        func call(_ call: Call) {}
        func ended(_ turn: Turn) {}
        func output(_ output: Output, of call: Call) {}
    }

    /// Has the calls of every message that it has learnt, and a wrong one for any other.
    private struct HeartPredictor: MeasuredPredictor {
        var known: [String: Call] = [:]
        var group = ""
        func guess() -> MeasuredGuess {
            MeasuredGuess(calls: [GuessedCall(known[group] ?? Call("look", ["at": "wrong"]), probability: 0.6)])
        }
        mutating func learn(_ run: RecordedRun, _ tools: [Tool]) {
            let call = run.steps[1].calls[0].call
            if call.arguments["at"]?.stringValue?.hasPrefix("group") == true { known[run.group ?? ""] = call }
        }
        mutating func message(_ text: String) { group = String(text.split(separator: " ")[0]) }
        func begin(_ tools: [Tool]) {}
        func said(_ text: String) {}
        func call(_ call: Call) {}
        func ended(_ turn: Turn) {}
        func output(_ output: Output, of call: Call) {}
    }

    private struct LoudPredictor: MeasuredPredictor {
        func guess() -> MeasuredGuess {
            MeasuredGuess(calls: [GuessedCall(Call("find", ["user": "nobody"]), probability: 0.95)])
        }
        func learn(_ run: RecordedRun, _ tools: [Tool]) {}
        func begin(_ tools: [Tool]) {}
        func message(_ text: String) {}
        func said(_ text: String) {}
        func call(_ call: Call) {}
        func ended(_ turn: Turn) {}
        func output(_ output: Output, of call: Call) {}
    }

    @Test func whatARunTeachesEndsWithIt() {
        var predictor = PatternPredictor(learnsWithinRuns: true)
        let tools = Self.run(0).knownTools
        predictor.begin(tools)
        let untaught = predictor.guess()
        var score = PredictorScore()
        for number in 0..<3 { score.add(Self.run(number), tools, &predictor) }
        predictor.begin(tools)
        #expect(predictor.guess() == untaught)
        #expect(predictor.model.callCount == 0)
    }

    @Test func transitionsKnowWholeTurnsOnly() {
        // The users and orders are new: the tools are known, the calls are not.
        let score = Self.score(TransitionPredictor())
        #expect(score.decisions.count == 15 && score.decisions.threeShare == 1)
        #expect(score.calls[PredictorScore.reads]?.count == 10 && score.calls[PredictorScore.reads]?.three == 0)
        // What came before, word for word, is known.
        var predictor = TransitionPredictor()
        for _ in 0..<5 { predictor.learn(Self.run(1), []) }
        var again = PredictorScore()
        again.add(Self.run(1), [], &predictor)
        #expect(again.calls[PredictorScore.reads]?.firstShare == 1)
        // Within a turn nothing is.
        predictor.begin([])
        predictor.message("I am user_101.")
        #expect(!predictor.guess().calls.isEmpty)
        predictor.call(Call("find", ["user": "user_101"]))
        #expect(predictor.guess() == MeasuredGuess())
    }

    @Test func turnsThatBeginAlikeAreOneGuess() {
        var predictor = TransitionPredictor()
        for number in 0..<8 {
            // Two in four begin with a, each of them in a way of its own.
            let first = ["a", "b", "a", "c"][number % 4]
            let calls = [Call("find", ["user": .string(first)]), Call("get", ["order": .int(number)])]
            let turn = RecordedTurn(calls: calls.map { RecordedCall($0, output: Output("")) })
            predictor.learn(
                RecordedRun(format: "test", id: "\(number)", steps: [.message("go"), .turn(turn)]), [])
        }
        predictor.begin([])
        predictor.message("go")
        let calls = predictor.guess().calls
        #expect(Set(calls.map(\.call)).count == 3 && calls.count == 3)
        #expect(calls.first?.call == Call("find", ["user": "a"]))
        #expect(calls.map(\.probability).reduce(0, +) <= 1)
        #expect(calls[0].probability > 1.5 * calls[1].probability)
    }

    /// Says the same thing three times, and what is right after it.
    private struct StutteringPredictor: MeasuredPredictor {
        func guess() -> MeasuredGuess {
            MeasuredGuess(
                calls: ["a", "a", "a", "b"].map { GuessedCall(Call("find", ["user": .string($0)]), probability: 0.2) })
        }
        func learn(_ run: RecordedRun, _ tools: [Tool]) {}
        func begin(_ tools: [Tool]) {}
        func message(_ text: String) {}
        func said(_ text: String) {}
        func call(_ call: Call) {}
        func ended(_ turn: Turn) {}
        func output(_ output: Output, of call: Call) {}
    }

    @Test func whatIsSaidTwiceTakesOneRank() {
        var ensemble = EnsemblePredictor([("stuttering", StutteringPredictor())], expectedRuns: 0)
        ensemble.begin([])
        let calls = ensemble.guess().calls
        #expect(calls.map(\.call) == ["a", "b"].map { Call("find", ["user": $0]) })
        // As the second guess of its source, not as the fourth.
        #expect(calls[1].probability > 0.1 && calls[0].probability > calls[1].probability)
        let guesses = [("a", 0.2), ("b", 0.4), ("a", 0.3)].map { GuessedCall(Call($0), probability: $1) }
        #expect(guesses.merged == [("a", 0.5), ("b", 0.4)].map { GuessedCall(Call($0), probability: $1) })
    }
}
