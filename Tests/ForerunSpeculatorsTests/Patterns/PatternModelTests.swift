import ForerunCore
import OrderedCollections
import Testing

@testable import ForerunSpeculators

struct PatternModelTests {
    private static let tools = PatternTools([
        Tool(name: "find", description: ""), Tool(name: "details", description: ""),
        Tool(name: "cancel", description: ""),
    ])

    /// A run that looks a user up and then all of their orders, one by one.
    private static func run(_ seed: Int) -> [PatternStep] {
        let orders = (1...3).map { "#W\(seed * 10 + 1_000 + $0)" }
        var steps: [PatternStep] = [.message("Hello, I am user_\(seed + 100), what about my orders?")]
        func call(_ call: Call, _ output: String) {
            steps += [.turn(Turn(calls: [call])), .output(call: 0, PatternOutput(Output(output)))]
        }
        call(
            Call("find", ["user": .string("user_\(seed + 100)")]),
            JSON.object(["orders": .array(orders.map { .string($0) })]).text)
        for order in orders { call(Call("details", ["order": .string(order)]), #"{"status":"done"}"#) }
        steps.append(.turn(Turn(text: "All is well.")))
        return steps
    }

    private static func model(runs: Int) -> PatternModel {
        var model = PatternModel()
        for seed in 0..<runs { model.learn(run(seed), tools) }
        return model
    }

    private static func index(_ steps: some Sequence<PatternStep>) -> RunIndex {
        var index = RunIndex()
        for step in steps { index.append(step) }
        return index
    }

    @Test func argumentsAreBoundToTheCurrentRun() throws {
        let model = Self.model(runs: 30)
        let steps = Self.run(777)
        let start = model.predict(Self.index(steps.prefix(1)), Self.tools, width: 3)
        #expect(start.guesses.first?.calls == [Call("find", ["user": "user_877"])])
        let next = model.predict(Self.index(steps.prefix(3)), Self.tools, width: 3)
        #expect(next.guesses.first?.calls == [Call("details", ["order": "#W8771"])])
        #expect(next.guesses.first?.why.map(\.reason) == ["orders[] in find, 1st of 3, not used yet"])
    }

    @Test func argumentsInAnotherOrderMakeNoOtherGuess() {
        var model = PatternModel()
        for seed in 0..<30 {
            let (user, kind) = (("user", JSON.string("user_\(seed + 100)")), ("kind", JSON.string("all")))
            let members = seed % 2 == 0 ? [user, kind] : [kind, user]
            model.learn(
                [
                    .message("Hello, I am user_\(seed + 100)."),
                    .turn(Turn(calls: [Call("find", JSON(members: members))])),
                    .output(call: 0, PatternOutput(Output("nothing"))), .turn(Turn(text: "Sorry.")),
                ], Self.tools)
        }
        let index = Self.index([.message("Hello, I am user_877.")])
        let guesses = model.predict(index, Self.tools, width: 3).guesses
        #expect(guesses.first?.calls == [Call("find", ["user": "user_877", "kind": "all"])])
        #expect(Set(guesses.map { $0.calls.map(\.json.canonicalText) }).count == guesses.count)
        #expect((guesses.first?.probability ?? 0) > 0.6)
    }

    @Test func listsAreGoneThroughInTurnAndThenNothingFollows() {
        let model = Self.model(runs: 30)
        let steps = Self.run(777)
        let second = model.predict(Self.index(steps.prefix(5)), Self.tools, width: 3)
        #expect(second.guesses.first?.calls == [Call("details", ["order": "#W8772"])])
        let third = model.predict(Self.index(steps.prefix(7)), Self.tools, width: 3)
        #expect(third.guesses.first?.calls == [Call("details", ["order": "#W8773"])])
        let last = model.predict(Self.index(steps.prefix(9)), Self.tools, width: 3)
        #expect(last.none > 0.5)
        #expect(last.ranked.first == .some(nil))
        #expect(third.none < 0.5)
    }

    @Test func callsOfOneTurnAreGuessedTogether() {
        let tools = Self.tools
        var model = PatternModel()
        func both(_ seed: Int) -> [PatternStep] {
            let ids: [JSON] = [.string("#W\(seed + 1_000)"), .string("#W\(seed + 5_000)")]
            return [
                .message("list"), .turn(Turn(calls: [Call("find", ["user": "me"])])),
                .output(call: 0, PatternOutput(Output(JSON.object(["orders": .array(ids)]).text))),
                .turn(Turn(calls: ids.map { Call("details", ["order": $0]) })),
            ]
        }
        for seed in 0..<60 { model.learn(both(seed), tools) }
        let index = Self.index(both(900).prefix(3))
        let whole = model.predict(index, tools, width: 1)
        #expect(whole.guesses.first?.calls.map(\.arguments) == [["order": "#W1900"], ["order": "#W5900"]])
        let first = model.predict(index, tools, width: 1, wholeTurns: false)
        #expect(first.guesses.first?.calls.count == 1)
    }

    @Test func withNothingLearntSchemasAndNamesAreUsed() {
        let tools = PatternTools([
            Tool(
                name: "details", description: "",
                parameters: ["type": "object", "properties": ["order_id": [:]], "required": ["order_id"]])
        ])
        let index = Self.index([
            .message("go"), .turn(Turn(calls: [Call("list")])),
            .output(call: 0, PatternOutput(Output(#"{"order_id":"A7"}"#))),
        ])
        let prediction = PatternModel().predict(index, tools, width: 2)
        #expect(prediction.guesses.first?.calls == [Call("details", ["order_id": "A7"])])
        #expect(prediction.none == 0.5)
    }

    @Test func learningTheSameMakesTheSameBytes() throws {
        let model = Self.model(runs: 40)
        let bytes = model.snapshot()
        #expect(bytes == Self.model(runs: 40).snapshot())
        let restored = try PatternModel(snapshot: bytes)
        #expect(restored.snapshot() == bytes)
        let index = Self.index(Self.run(777).prefix(3))
        #expect(
            restored.predict(index, Self.tools, width: 3).guesses.map(\.calls)
                == model.predict(index, Self.tools, width: 3).guesses.map(\.calls))
        #expect(restored.predict(index, Self.tools, width: 3).none == model.predict(index, Self.tools, width: 3).none)
    }

    @Test func damagedSnapshotsAreRefused() throws {
        let bytes = Self.model(runs: 2).snapshot()
        for cut in [0, 10, 60, bytes.count / 2, bytes.count - 1] {
            #expect(throws: SnapshotError.self) { try PatternModel(snapshot: Array(bytes.prefix(cut))) }
        }
        for place in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
            var damaged = bytes
            damaged[place] ^= 0x40
            #expect(throws: SnapshotError.self) { try PatternModel(snapshot: damaged) }
        }
    }

    /// Speed must change nothing: room that was used before, copies and restored models predict the same.
    @Test func predictionsDoNotDependOnHowTheyAreComputed() throws {
        let model = Self.model(runs: 30)
        let restored = try PatternModel(snapshot: model.snapshot())
        var room = PatternRoom()
        for seed in 700..<706 {
            let steps = Self.run(seed)
            for count in 1...steps.count {
                let index = Self.index(steps.prefix(count))
                let fresh = model.predict(index, Self.tools, width: 3)
                let reused = model.predict(index, Self.tools, width: 3, &room)
                let other = restored.predict(index, Self.tools, width: 3)
                for prediction in [reused, other] {
                    #expect(prediction.none == fresh.none && prediction.ranked == fresh.ranked)
                    #expect(prediction.guesses.map(\.calls) == fresh.guesses.map(\.calls))
                    #expect(prediction.guesses.map(\.probability) == fresh.guesses.map(\.probability))
                    #expect(prediction.guesses.map(\.why) == fresh.guesses.map(\.why))
                }
                let sum = fresh.guesses.reduce(fresh.none) { $0 + $1.givenCalls * (1 - fresh.none) }
                #expect(fresh.guesses.allSatisfy { (0...1).contains($0.probability) } && sum < 1.2)
            }
        }
    }

    @Test func partsCanBeLeftOut() {
        func guess(without parts: PatternParts) -> Call? {
            var model = PatternModel()
            model.omitted = parts
            for seed in 0..<30 { model.learn(Self.run(seed), Self.tools) }
            return model.predict(Self.index(Self.run(777).prefix(3)), Self.tools, width: 1).guesses.first?.calls.first
        }
        #expect(guess(without: []) == Call("details", ["order": "#W8771"]))
        #expect(guess(without: .choice)?.name == "details")
        #expect(guess(without: .lateBinding)?.arguments["order"] != "#W8771")
    }

    @Test func snapshotsOfOlderVersionsAreRefused() {
        var bytes = Array("forerun.patterns".utf8)
        bytes += [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        var digest = StableDigest()
        digest.update(bytes)
        let error = #expect(throws: SnapshotError.self) { try PatternModel(snapshot: bytes + digest.bytes) }
        #expect(error?.description.contains("learn again") == true)
    }

    @Test func aSnapshotKeepsItsLimitAndTheBestKnownFeatures() throws {
        let model = Self.model(runs: 40)
        let whole = model.snapshot().count
        let small = model.snapshot(limit: whole / 2)
        #expect(small.count <= whole / 2)
        let prediction = try PatternModel(snapshot: small).predict(
            Self.index(Self.run(777).prefix(3)), Self.tools, width: 3)
        #expect(prediction.guesses.contains { $0.calls.first == Call("details", ["order": "#W8771"]) })
    }

    @Test func valuesOfOneRunAreNotKept() {
        var model = Self.model(runs: 2)
        let personal: [PatternStep] = [
            .message("go"),
            .turn(
                Turn(calls: [
                    Call("cancel", ["mail": "ada@example.org", "name": "Ada", "id": "user_4711", "why": "late"])
                ])),
            .turn(
                Turn(calls: [
                    Call("cancel", ["mail": "ada@example.org", "name": "Ada", "id": "user_4711", "why": "late"])
                ])),
        ]
        model.learn(personal, Self.tools)
        func isKept(_ text: String) -> Bool { Bytes.contains(Array(text.utf8), in: model.snapshot()) }
        #expect(isKept("late"))
        #expect(!isKept("ada@example.org") && !isKept("Ada") && !isKept("user_4711"))
        for _ in 0..<3 { model.learn(personal, Self.tools) }
        #expect(isKept("Ada") && isKept("user_4711") && !isKept("ada@example.org"))
    }

    @Test func calibrationFollowsWhatComes() {
        var calibrator = PatternCalibrator()
        #expect(abs(calibrator.calibrated(0.3, rank: 0) - 0.3) < 1e-9)
        for round in 0..<2_000 { calibrator.learn(0.9, rank: 0, came: round % 2 == 0) }
        #expect(abs(calibrator.calibrated(0.9, rank: 0) - 0.5) < 0.1)
        #expect(abs(calibrator.calibrated(0.3, rank: 1) - 0.3) < 1e-9)
    }
}
