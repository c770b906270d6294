import ForerunCore
import FoundationEssentials
import Testing

@testable import ForerunStore

/// What can be read of a log, whole or damaged.
@Suite(.serialized) struct RunRecordTests {
    private static let head = [
        #"{"type":"run.started","version":2,"id":"20261121-093012-4f2a","agent":"coder","task":"Do it.","time":0}"#,
        #"{"type":"run.opened","opening":["You are here.","Do it."],"branches":true,"kept":true,"roles":[],"time":0}"#,
    ]

    private static func turn(_ number: Int, _ calls: String = "[]", time: Double = 1) -> String {
        #"{"type":"turn.taken","turn":\#(number),"role":"actor","text":"t\#(number)","calls":\#(calls),"finish":"stop","#
            + #""usage":{"input":10,"cached":0,"output":2,"reasoning":0},"ahead":false,"seconds":0.5,"time":\#(time)}"#
    }

    private static let write = #"{"name":"write","arguments":{"path":"a"}}"#

    private static func output(_ turn: Int, _ index: Int, _ text: String = "made") -> String {
        #"{"type":"call.taken","turn":\#(turn),"index":\#(index),"call":\#(write),"output":"\#(text)","isError":false,"#
            + #""ends":false,"ahead":true,"seconds":0.1,"effect":"contained","work":3,"time":1}"#
    }

    private static func committed(_ world: Int, _ turn: Int, _ index: Int) -> String {
        #"{"type":"branch.committed","world":\#(world),"turn":\#(turn),"index":\#(index),"time":1}"#
    }

    private static func landed(_ world: Int) -> String { #"{"type":"branch.landed","world":\#(world)}"# }
    private static func takenBack(_ world: Int) -> String { #"{"type":"branch.takenBack","world":\#(world)}"# }

    private static func resumed(_ turns: Int, _ calls: [Int]) -> String {
        #"{"type":"run.resumed","version":2,"id":"20261121-093012-4f2a","turns":\#(turns),"calls":\#(calls),"time":1}"#
    }

    private func record(_ lines: [String]) throws -> RunRecord {
        var record = RunRecord()
        for (number, line) in lines.enumerated() {
            record.add(EventLogReader.Item(Array(line.utf8)[...]), line: number + 1)
        }
        record.finish()
        return record
    }

    private func path(_ lines: [String], isWorldKept: Bool = true) throws -> Resumption {
        try #require(try record(lines).resumption(isWorldKept: isWorldKept))
    }

    // MARK: - The committed path

    @Test func whatHasLandedCounts() throws {
        let lines =
            Self.head + [
                Self.turn(0, "[\(Self.write),\(Self.write)]"), Self.committed(3, 0, 0), Self.output(0, 0),
                Self.landed(3), Self.committed(4, 0, 1), Self.output(0, 1), Self.turn(1),
            ]
        let path = try path(lines)
        #expect(path.turns.count == 1)
        #expect(path.turns[0].calls.map(\.index) == [0])
        #expect(path.opening == ["You are here.", "Do it."])
        #expect(path.firstNumber == 5)
        #expect(try self.path(lines + [Self.landed(4)]).turns.count == 2)
        // A game is made again of its calls, so that all of them count.
        #expect(try self.path(lines, isWorldKept: false).turns.count == 2)
    }

    @Test func commitsLandInOrder() throws {
        let lines =
            Self.head + [
                Self.turn(0, "[\(Self.write)]"), Self.committed(3, 0, 0), Self.output(0, 0),
                Self.turn(1, "[\(Self.write)]"), Self.committed(5, 1, 0), Self.output(1, 0), Self.landed(5),
            ]
        #expect(try path(lines).turns.last?.calls.count == 1)
        #expect(try path(lines.dropLast() + [Self.takenBack(5)]).turns.map(\.calls.count) == [0])
        #expect(try path(lines.dropLast() + [Self.landed(3), Self.takenBack(5)]).turns.map(\.calls.count) == [1, 0])
    }

    @Test func aLineSaysWhereTheRunGoesOn() throws {
        let lines =
            Self.head + [
                Self.turn(0, "[\(Self.write)]"), Self.committed(3, 0, 0), Self.output(0, 0, "first"), Self.turn(1),
                Self.resumed(1, []), Self.committed(9, 0, 0), Self.output(0, 0, "second"), Self.landed(9),
                Self.turn(1, time: 3),
            ]
        let record = try record(lines)
        #expect(record.damage == nil)
        #expect(record.resumptions == 1)
        let transcript = try #require(record.resumption(isWorldKept: true)).transcript { .turn($0) }
        #expect(transcript.turns == 2)
        #expect(transcript.entries.contains(.output(call: 0, Output("second"))))
    }

    @Test func whatTheUserSaidIsNotLost() throws {
        let said = #"{"type":"message.joined","turn":1,"text":"hurry","time":1}"#
        let lines =
            Self.head + [
                Self.turn(0, "[\(Self.write)]"), Self.committed(3, 0, 0), Self.output(0, 0), said, Self.turn(1),
            ]
        #expect(try path(lines).messages == ["hurry"])
        #expect(try path(lines, isWorldKept: false).turns[1].messages == ["hurry"])
    }

    @Test func whatTheUserSaidOutlivesTwoKillsInARow() throws {
        func joined(_ text: String) -> String { #"{"type":"message.joined","turn":1,"text":"\#(text)","time":1}"# }
        // The first that went on was killed before, and the second between what it told again.
        let cut = Self.head + [Self.turn(0), joined("one"), joined("two"), Self.resumed(1, []), Self.resumed(1, [])]
        for lines in [cut, cut + [joined("one")], cut + [joined("one"), Self.resumed(1, []), joined("one")]] {
            let record = try record(lines)
            #expect(record.messages == ["one", "two"])
            #expect(try path(lines).messages == ["one", "two"])
            #expect(record.lastMessages?.texts == ["one", "two"])
        }
        let answered = try record(cut + [joined("one"), joined("two"), joined("three"), Self.turn(1)])
        #expect(answered.turns.last?.messages == ["one", "two", "three"])
        #expect(answered.messages == [])
    }

    @Test func callsThatLeftTheirBranchAreNotMadeAgain() throws {
        func started(_ work: Int, _ lane: String, _ effect: String) -> String {
            #"{"type":"call.started","work":\#(work),"call":\#(Self.write),"world":0,"lane":"\#(lane)","effect":"\#(effect)","time":1}"#
        }
        let turn = Self.turn(0, "[\(Self.write),\(Self.write)]")
        #expect(try path(Self.head + [turn, started(3, "active", "external")]).abandoned == [0])
        #expect(try path(Self.head + [turn, started(3, "active", "contained")]).abandoned == [])
        #expect(try path(Self.head + [turn, started(3, "shadow", "external")]).abandoned == [])
        #expect(
            try path(Self.head + [turn, started(3, "active", "external"), Self.output(0, 0)]).abandoned == [1],
            "equal calls are one here; the log does not say which was begun")
        let inPlace = Self.head[1].replacing(#""branches":true"#, with: #""branches":false"#)
        #expect(try path([Self.head[0], inPlace, turn, started(3, "active", "contained")]).abandoned == [0])
    }

    /// Where a run goes on with branches, or without them, counts for what comes after.
    @Test func theLastOpeningSaysWhetherThereAreBranches() throws {
        func opened(_ branches: Bool) -> String { #"{"type":"run.reopened","branches":\#(branches),"time":1}"# }
        let inPlace = Self.head[1].replacing(#""branches":true"#, with: #""branches":false"#)
        let begun =
            #"{"type":"call.started","work":3,"call":\#(Self.write),"world":0,"lane":"active","effect":"contained","time":1}"#
        let turn = Self.turn(0, "[\(Self.write)]")
        // Begun without branches, gone on with them: what has not landed is cut, what was begun is made again.
        let held = [Self.head[0], inPlace, turn, Self.resumed(1, []), opened(true)]
        #expect(try path(held + [begun]).abandoned == [])
        #expect(try path(held + [begun, Self.committed(3, 0, 0), Self.output(0, 0)]).turns[0].calls.isEmpty)
        // The other way round.
        let direct = Self.head + [turn, Self.resumed(1, []), opened(false)]
        #expect(try path(direct + [begun]).abandoned == [0])
        #expect(try path(direct + [begun, Self.committed(3, 0, 0), Self.output(0, 0)]).turns[0].calls.count == 1)
    }

    @Test func aRunThatLacksTurnsOfTheOneItBeginsWithIsKnown() throws {
        let fork = Self.head[0].replacing(
            #""time":0"#, with: #""forkOf":{"id":"20261121-093012-beef","turns":2},"time":0"#)
        let turns = [Self.turn(0), Self.turn(1, "[\(Self.write)]"), Self.output(1, 0)]
        for count in turns.indices {
            #expect(try record([fork, Self.head[1]] + turns.prefix(count)).lacksInheritedTurns)
        }
        #expect(try !record([fork, Self.head[1]] + turns).lacksInheritedTurns)
        #expect(try !record([fork, Self.head[1]] + turns + [Self.turn(2, "[\(Self.write)]")]).lacksInheritedTurns)
        #expect(try !record(Self.head).lacksInheritedTurns)
    }

    @Test func whatWasPaidAndWhoWasReplacedIsKnownWhereARunGoesOn() throws {
        func cost(_ turn: Int, _ outcome: String, _ money: String) -> String {
            #"{"type":"cost","work":9,"turn":\#(turn),"role":"actor","model":"a/q","outcome":"\#(outcome)","#
                + #""usage":{"input":10,"cached":0,"output":2,"reasoning":0},"money":\#(money),"time":1}"#
        }
        let failure = ModelFailure(.quotaExhausted, "no money")
        let fallback = Fallback(turn: 1, role: "actor", from: "a/q", to: "a/r", failure: failure)
        let path = try path(
            Self.head + [
                cost(0, "committed", "0.5"), Self.turn(0), cost(1, "wasted", "0.25"), fallback.json.text,
                cost(1, "guesses", "0.125"), cost(1, "ahead", "2"), Self.turn(1), Self.turn(2),
            ])
        #expect(path.turns.map(\.cost?.money) == [0.5, 2, nil])
        #expect(path.turns.map { $0.cost == nil } == [false, false, true])
        #expect(path.wasted.money == 0.375 && path.wasted.tokens == 24)
        #expect(path.fallbacks == [fallback])
        // One price that is not known makes the sum unknown.
        #expect(try self.path(Self.head + [cost(0, "wasted", "null")]).wasted.money == nil)
    }

    // MARK: - Damage

    private static let whole =
        head + [
            turn(0, "[\(write)]"), committed(3, 0, 0), output(0, 0), landed(3), turn(1, time: 2),
            #"{"type":"run.completed","end":"finished","seconds":2,"turns":2}"#,
        ]

    @Test func aWholeLogHasNoDamage() throws {
        let record = try record(Self.whole)
        #expect(record.damage == nil)
        #expect(record.isFinished)
        #expect(record.completeTurns == 2)
    }

    @Test func everyCutIsReadUpToIt() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let text = Array(Self.whole.map { $0 + "\n" }.joined().utf8)
        for count in 0...text.count {
            try Data(text.prefix(count)).write(to: URL(filePath: temporary.directory.eventsPath(of: run)))
            let record = try RunRecord(run, in: temporary.directory)
            #expect(record.damage == nil, "after \(count) bytes")
            let lines = text.prefix(count).count { $0 == 10 }
            #expect(record.turns.count == (lines < 3 ? 0 : lines < 7 ? 1 : 2))
        }
    }

    @Test func aSpoiltLineIsNamed() throws {
        for line in Self.whole.indices.dropLast() {
            var lines = Self.whole
            lines[line] = String(lines[line].dropLast(7))
            let record = try record(lines)
            #expect(record.damage?.line == line + 1)
            #expect(record.turns.count == (line <= 2 ? 0 : line <= 6 ? 1 : 2))
        }
    }

    @Test func tornLinesOfKilledWritersAreNoDamage() throws {
        let torn = #"{"type":"call.take"#
        let lines = Self.whole.dropLast(2) + [torn]
        #expect(try record(lines + [Self.resumed(1, [0]), Self.turn(1, time: 3)]).damage == nil)
        #expect(try record(lines + [Self.turn(1, time: 3)]).damage?.line == 7)
    }

    @Test func logsThatAreMixedAreNamed() throws {
        let other = Self.head[0].replacing("4f2a", with: "beef")
        #expect(try record(Self.head + [Self.turn(0), other]).damage?.reason.contains("20261121-093012-beef") == true)
        #expect(try record(Self.head + [Self.turn(0), Self.turn(0)]).damage?.line == 4)
        #expect(try record(Self.head + [Self.turn(1)]).damage?.line == 3)
        #expect(try record(Self.head + [Self.output(0, 0)]).damage?.line == 3)
        #expect(try record(Self.head + [Self.turn(0, time: 5), Self.turn(1, time: 2)]).damage?.line == 4)
        let record = try record(Self.head + [Self.turn(0), #"{"time":3}"#, Self.turn(1)])
        #expect(record.damage?.description == "line 4: it has no type")
        #expect(record.turns.count == 1)
    }

    @Test func whereARunGoesOnOnlyATornLineIsHealed() throws {
        let (torn, on) = (#"{"type":"call.take"#, [Self.resumed(1, [0]), Self.turn(1, time: 3)])
        // What stands there of another run, or of a later version, heals nothing and cuts nothing.
        for (old, new, reason) in [
            ("4f2a", "beef", "20261121-093012-beef"), (#""version":2"#, #""version":3"#, "version 3"),
        ] {
            let foreign = on[0].replacing(old, with: new)
            let record = try record(Self.whole + [foreign, on[1]])
            #expect(record.damage?.line == Self.whole.count + 1)
            #expect(record.damage?.reason.contains(reason) == true)
            #expect(record.turns.count == 2 && record.resumptions == 0 && record.isFinished)
            #expect(try self.record(Self.whole.dropLast(2) + [torn, foreign, on[1]]).damage?.line == 7)
        }
        // Damage stays damage.
        let spoilt = try record(Self.whole.dropLast(2) + [torn, Self.turn(1, time: 2)] + on)
        #expect(spoilt.damage?.line == 7 && spoilt.turns.count == 1 && spoilt.resumptions == 0)
    }

    @Test func laterVersionsAreNotGuessedAt() throws {
        let record = try record(
            [Self.head[0].replacing(#""version":2"#, with: #""version":3"#)] + Self.whole.dropFirst())
        #expect(record.damage?.reason.contains("version 3") == true)
        #expect(record.turns.isEmpty)
        #expect(record.resumption(isWorldKept: true) == nil)
    }

    @Test(arguments: [
        (#"{"type":"run.resumed","turns":-5,"calls":[],"time":1}"#, "“turns” cannot be -5"),
        (#"{"type":"run.resumed","turns":1,"calls":[0,-1],"time":1}"#, "“calls” cannot be -1"),
        (#"{"type":"call.started","work":9223372036854775807,"time":1}"#, "“work” cannot be 9223372036854775807"),
        (#"{"type":"branch.committed","world":9223372036854775807,"time":1}"#, "“world” cannot be"),
        (#"{"type":"branch.committed","world":1.5,"time":1}"#, "“world” cannot be 1.5"),
        (#"{"type":"call.started","work":1,"time":1e300}"#, "“time” cannot be 1e300"),
        (#"{"type":"call.started","work":1,"time":1e9000}"#, "“time” cannot be 1e9000"),
        (#"{"type":"prediction","turn":0,"probability":1e300,"time":1}"#, "“probability” cannot be"),
        (#"{"type":"run.completed","end":"finished","seconds":-1}"#, "“seconds” cannot be -1"),
        (#"{"type":"run.completed","speculation":{"savedSeconds":1e99}}"#, "“savedSeconds” cannot be 1e99"),
        (#"{"type":"turn.taken","usage":{"input":9223372036854775807}}"#, "“input” cannot be"),
        (#"{"type":"turn.taken","echo":{"model":"m","parts":[{"calls":-1}]}}"#, "“calls” cannot be -1"),
    ])
    func numbersThatCannotBeAreDamage(line: String, reason: String) throws {
        let record = try record(Self.head + [Self.turn(0), line, Self.turn(1)])
        #expect(record.damage?.line == 4)
        #expect(record.damage?.reason.hasPrefix(reason) == true, "\(record.damage?.reason ?? "no damage")")
        #expect(record.turns.count == 1)
        #expect(record.resumption(isWorldKept: true)?.turns.count == 1)
    }

    @Test func numbersOfOthersAreTheirOwnAffair() throws {
        let call = #"{"name":"write","arguments":{"turn":-5,"time":1e300,"work":[9223372036854775807]}}"#
        let started = Self.head[0].replacing(
            #""task""#, with: #""request":{"set":[{"key":"x","value":{"seconds":-1}}]},"task""#)
        let again = #"{"type":"branch.forked","world":8,"from":-24,"work":8,"time":1}"#
        let unknown = #"{"type":"something.new","hash":9223372036854775807,"delta":-1e300,"time":1}"#
        let turn = Self.turn(0, "[\(call)]").replacing(#""cached":0"#, with: #""cached":-1"#)
        #expect(try record([started, Self.head[1], unknown, again, turn]).damage == nil)
    }

    @Test func unknownLinesArePassedOver() throws {
        #expect(try record(Self.head + [#"{"type":"something.new","time":1}"#, Self.turn(0)]).damage == nil)
    }

    // MARK: - Large outputs

    @Test func largeOutputsLieInFilesOfTheirOwn() throws {
        let temporary = try TemporaryRuns()
        let run = try temporary.directory.makeRun()
        let files = OutputFiles(of: run, in: temporary.directory)
        let text = String(repeating: "größe\u{1b} ", count: 5_000)
        let name = try files.keep(text)
        #expect(try files.keep(text) == name)
        #expect(try files.text(name) == text)
        let path = temporary.directory.directory(of: run) + "/outputs/" + name
        #expect(try mode(of: path) == 0o600)
        let line = Self.output(0, 0).replacing(#""time":1"#, with: #""outputFile":"\#(name)","time":1"#)
        var record = RunRecord()
        for (number, line) in (Self.head + [Self.turn(0, "[\(Self.write)]"), line]).enumerated() {
            record.add(.event(try JSON(parsing: line)), line: number + 1, outputs: files)
        }
        #expect(record.turns.first?.calls.first?.output.text == text)
        try Data("something else".utf8).write(to: URL(filePath: path))
        #expect(throws: StoreError.self) { try files.text(name) }
        #expect(throws: StoreError.self) { try files.text("../events.jsonl") }
    }
}
