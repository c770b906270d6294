import ForerunCore
import ForerunSpeculators
import Testing

struct TransitionModelTests {
    private func turn(_ name: String, _ argument: String) -> Turn {
        Turn(calls: [Call(name, ["path": .string(argument)])])
    }

    private func history(
        _ entries: [Transcript.Entry], role: String = "actor", view: ModelRequest.View = .whole
    ) -> TransitionHistory {
        TransitionHistory(
            ModelRequest(role: ModelRequest.Role(name: role), transcript: Transcript(entries), view: view))
    }

    /// Learns every turn of a run from what came before it.
    private func learn(_ entries: [Transcript.Entry], into model: inout TransitionModel) {
        for (index, entry) in entries.enumerated() {
            if case .turn(let turn) = entry { model.learn(turn, after: history(Array(entries[..<index]))) }
        }
    }

    private func run(_ turns: [Turn], task: String = "Mend it.") -> [Transcript.Entry] {
        [.message(task)]
            + turns.flatMap { turn in [.turn(turn)] + turn.calls.indices.map { .output(call: $0, Output("")) } }
    }

    @Test func nothingLearntNothingPredicted() {
        #expect(TransitionModel().predictions(after: history([.message("Hello")]), width: 3).isEmpty)
    }

    @Test func whatCameBeforeComesAgain() throws {
        var model = TransitionModel()
        let turns = [turn("list", "."), turn("read", "a"), turn("test", "all")]
        learn(run(turns), into: &model)
        for index in turns.indices {
            // Another task, so that only the kinds of events are the same.
            let so = history(run(Array(turns[..<index]), task: "Something else."))
            let best = try #require(model.predictions(after: so, width: 1).first)
            #expect(best.calls == turns[index].calls)
            #expect(best.probability > 0 && best.probability < 1)
        }
    }

    @Test func aLongerContextDecides() throws {
        var model = TransitionModel()
        for _ in 0..<5 {
            learn(run([turn("a", "1"), turn("x", "0"), turn("read", "after a")]), into: &model)
            learn(run([turn("b", "1"), turn("x", "0"), turn("read", "after b")]), into: &model)
        }
        for name in ["a", "b"] {
            let so = history(run([turn(name, "2"), turn("x", "0")], task: "new"))
            let predictions = model.predictions(after: so, width: 2)
            #expect(
                predictions.map(\.calls)
                    == [turn("read", "after \(name)"), turn("read", "after \(name == "a" ? "b" : "a")")].map(\.calls))
        }
    }

    @Test func anUnknownLongContextBacksOffToAShortOne() throws {
        var model = TransitionModel()
        learn(run([turn("a", "1"), turn("b", "1"), turn("edit", "x"), turn("test", "all")]), into: &model)
        let so = history(run([turn("q", "1"), turn("r", "1"), turn("edit", "y")], task: "new"))
        #expect(model.predictions(after: so, width: 3).map(\.calls) == [turn("test", "all").calls])
    }

    @Test func theStatusOfAnOutputIsPartOfTheContext() throws {
        var model = TransitionModel()
        let test = turn("test", "all")
        let begin: [Transcript.Entry] = [.message("go"), .turn(test)]
        let passed = begin + [.output(call: 0, Output("ok"))]
        let failed = begin + [.output(call: 0, Output("no", isError: true))]
        model.learn(turn("commit", "."), after: history(passed))
        model.learn(turn("read", "log"), after: history(failed))
        #expect(model.predictions(after: history(passed), width: 1).first?.calls == turn("commit", ".").calls)
        #expect(model.predictions(after: history(failed), width: 1).first?.calls == turn("read", "log").calls)
    }

    @Test func theArgumentsOfTheLastTurnDecideWhereKnown() throws {
        var model = TransitionModel()
        learn(run([turn("read", "a"), turn("read", "a.lock")]), into: &model)
        learn(run([turn("read", "b"), turn("read", "b.lock")]), into: &model)
        let so = history(run([turn("read", "a")], task: "new"))
        #expect(model.predictions(after: so, width: 1).first?.calls == turn("read", "a.lock").calls)
    }

    @Test func theSameTaskBeginsInTheSameWay() {
        var model = TransitionModel()
        learn(run([turn("read", "one")], task: "Task one"), into: &model)
        for _ in 0..<3 { learn(run([turn("read", "two")], task: "Task two"), into: &model) }
        #expect(
            model.predictions(after: history([.message("Task one")]), width: 1).first?.calls
                == turn("read", "one").calls)
    }

    @Test func theEndTakesItsShareAndIsNoGuess() throws {
        var model = TransitionModel()
        let so = history(run([turn("test", "all")]))
        for _ in 0..<9 { model.learn(Turn(text: "Done."), after: so) }
        model.learn(turn("commit", "."), after: so)
        let predictions = model.predictions(after: so, width: 3)
        #expect(predictions.map(\.calls) == [turn("commit", ".").calls])
        #expect(try #require(predictions.first).probability < 0.3)
    }

    @Test func newHabitsReplaceOldOnes() {
        var model = TransitionModel()
        let so = history([.message("go")])
        for _ in 0..<300 { model.learn(turn("old", "x"), after: so) }
        for _ in 0..<60 { model.learn(turn("new", "x"), after: so) }
        #expect(model.predictions(after: so, width: 1).first?.calls == turn("new", "x").calls)
    }

    @Test func equalArgumentsCountAsOneHoweverWritten() throws {
        var model = TransitionModel()
        let so = history([.message("go")])
        model.learn(Turn(calls: [Call("t", ["a": 1, "b": 2])]), after: so)
        model.learn(Turn(text: "Let me see.", calls: [Call("t", ["b": 2.0, "a": 1])]), after: so)
        #expect(model.predictions(after: so, width: 3).count == 1)
    }

    @Test func parallelCallsAreOneGuess() {
        var model = TransitionModel()
        let so = history([.message("go")])
        let both = Turn(calls: [Call("a", ["x": 1]), Call("b", ["y": nil])])
        model.learn(both, after: so)
        #expect(model.predictions(after: so, width: 3).map(\.calls) == [both.calls])
    }

    @Test func rolesDoNotMix() {
        var model = TransitionModel()
        model.learn(turn("a", "x"), after: history([.message("go")], role: "white"))
        #expect(model.predictions(after: history([.message("go")], role: "black"), width: 3).isEmpty)
    }

    @Test func unknownToolsAndMalformedCallsAreNoGuesses() {
        var model = TransitionModel()
        let so = history([.message("go")])
        model.learn(turn("gone", "x"), after: so)
        model.learn(Turn(calls: [Call("bad", malformed: "{")]), after: so)
        #expect(model.predictions(after: so, width: 3) { $0 == "bad" }.isEmpty)
    }

    @Test func shareSumsNeverExceedOne() {
        var model = TransitionModel()
        let so = history(run([turn("a", "1"), turn("b", "2")]))
        for index in 0..<40 { model.learn(turn("t", "\(index % 7)"), after: so) }
        let predictions = model.predictions(after: so, width: 100)
        #expect(predictions.count == 7)
        #expect(predictions.map(\.probability) == predictions.map(\.probability).sorted(by: >))
        #expect(predictions.map(\.probability).reduce(0, +) < 1)
    }

    @Test func memoryIsBounded() {
        var model = TransitionModel()
        for index in 0..<6_000 {
            model.learn(turn("t", "x"), after: history([.message("task \(index)")], role: "r\(index)"))
        }
        #expect(model.count <= 10_000)
        // The latest is still there.
        let last = history([.message("task 5999")], role: "r5999")
        #expect(!model.predictions(after: last, width: 1).isEmpty)
    }

    @Test func aRoleThatSeesOneEntryLearnsFromOneEntry() {
        let entries = run([turn("a", "1"), turn("b", "2")])
        #expect(history(entries, view: .lastEntry).events.isEmpty)
        #expect(history(entries).events == ["message", "a ok", "b ok"])
    }

    // MARK: Snapshots

    @Test func aSnapshotKeepsEverything() throws {
        var model = TransitionModel()
        for index in 0..<30 { learn(run([turn("a", "\(index % 4)"), turn("b", "ü\n")]), into: &model) }
        let text = model.snapshot.text
        let copy = try TransitionModel(snapshot: JSON(parsing: text))
        #expect(copy == model)
        #expect(copy.snapshot.text == text)
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"kind":"forerun.transitions","version":2}"#, #"{"kind":"forerun.transitions","version":1}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":1,"outcomes":["end"],"contexts":[["x",1,[[1,1]]]]}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":1,"outcomes":["end"],"contexts":[["x",1,[[0,-1]]]]}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":1,"outcomes":[7],"contexts":[["x",1,[[0,1]]]]}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":1,"outcomes":[],"contexts":["x"]}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":9223372036854775807,"outcomes":[],"contexts":[]}"#,
        #"{"kind":"forerun.transitions","version":1,"observations":1,"outcomes":["end"],"contexts":[["x",1,[[0,1e300]]]]}"#,
    ])
    func aSnapshotThatIsNoneIsRefused(_ text: String) throws {
        let snapshot = try JSON(parsing: text)
        #expect(throws: SnapshotError.self) { try TransitionModel(snapshot: snapshot) }
    }

    @Test func secretsAreNotKept() {
        var model = TransitionModel()
        let so = history([.message("My key is sk-live-51Hx9Q2eZvKYlo2C")])
        model.learn(Turn(calls: [Call("login", ["password": "hunter2"])]), after: so)
        model.learn(Turn(calls: [Call("mail", ["to": "jane.doe@example.org"])]), after: so)
        let text = model.snapshot.text
        for secret in ["hunter2", "jane", "sk-live", "login"] { #expect(!text.contains(secret)) }
        #expect(model.predictions(after: so, width: 3).isEmpty)
    }
}
