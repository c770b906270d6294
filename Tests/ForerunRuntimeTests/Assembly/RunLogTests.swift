import Testing

@testable import ForerunCore
@testable import ForerunRuntime

struct RunLogTests {
    /// One event of every kind.
    private static let events: [RunEvent] = [
        .asked(work: 1, turn: 0, lane: .active, attempt: 0), .answered(work: 1, lane: .shadow, seconds: 0.25),
        .answerFailed(
            turn: 0, failure: ModelFailure(.rateLimited, "slow \"down\"", status: 429, requestID: "r"), attempt: 1,
            of: 4, wait: 0.5),
        .turnTaken(
            turn: 0, role: "actor", answer: Turn(text: "I look.\n", calls: [call, Call("read", malformed: "{\"a")]),
            usage: Usage(input: 10, cached: 2, output: 3, reasoning: 1), isHit: true, seconds: 1.5),
        .predicted(turn: 0, source: "small", rank: 1, calls: [call], probability: 0.2, confidence: nil),
        .forked(world: 3, from: 0, work: 3),
        .performed(work: 3, call: call, world: 3, lane: .shadow, effect: .contained),
        .callFinished(work: 3, lane: .active, seconds: 0.125, isError: true),
        .callTaken(
            turn: 0, index: 1, call: call, output: Output("größe\u{1b}", isError: true, endsEpisode: true),
            isHit: false,
            seconds: 0.5, effect: .contained, work: nil),
        .promoted(work: 3), .cancelled(work: 4, seconds: 2), .committed(world: 3, turn: 0, call: 1),
        .discarded(world: 4), .approvalRequested(turn: 0, call: 1, call),
        .approvalAnswered(turn: 0, call: 1, granted: false), .messageJoined(turn: 1, text: "hurry"),
        .speculationSwitched(
            turn: 9, Switchboard.Change(source: "small", isOn: false, saved: 0.5, spent: 2, pause: 16)),
        .fellBack(
            Fallback(turn: 1, role: "actor", from: "a/one", to: "b/two", failure: ModelFailure(.server, "down"))),
        .charged(
            Charge(
                work: 1, turn: 0, role: "actor", model: "a/one", outcome: .ahead, usage: Usage(input: 5, output: 2),
                price: Price(input: 1, output: 2), isEstimated: false)),
        .messageAwaited(turn: 2), .halted(turn: 2),
    ]

    private static let call = Call("read", ["path": "ä/b.txt", "limit": 3])

    /// Its place in ``events``. A new kind of event does not compile before it has one.
    private func place(_ event: RunEvent) -> Int {
        switch event {
        case .asked: 0
        case .answered: 1
        case .answerFailed: 2
        case .turnTaken: 3
        case .predicted: 4
        case .forked: 5
        case .performed: 6
        case .callFinished: 7
        case .callTaken: 8
        case .promoted: 9
        case .cancelled: 10
        case .committed: 11
        case .discarded: 12
        case .approvalRequested: 13
        case .approvalAnswered: 14
        case .messageJoined: 15
        case .speculationSwitched: 16
        case .fellBack: 17
        case .charged: 18
        case .messageAwaited: 19
        case .halted: 20
        }
    }

    private func lines(_ path: String) throws -> [JSON] {
        let text = try #require(try FileAccess.text(of: path))
        #expect(text.hasSuffix("\n"))
        return try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    }

    @Test func everyKindOfEventIsALine() throws {
        #expect(Self.events.map(place) == Array(0...20))
        let scene = try Scene()
        let log = try RunLog(variables: ["XDG_STATE_HOME": scene.root + "/state"])
        for (index, event) in Self.events.enumerated() { log.append(.event(event, time: Double(index) + 0.5)) }
        log.append(.text("shown, but no event", turn: 0))
        log.append(.withdrawn(turn: 0))
        #expect(log.close() == nil)
        let lines = try lines(log.path)
        #expect(lines.count == Self.events.count)
        for (index, (line, event)) in zip(lines, Self.events).enumerated() {
            #expect(line == event.json.adding("time", .seconds(Double(index) + 0.5)))
            #expect(line.text.hasPrefix("{\"type\":"))
            #expect(line["type"]?.stringValue?.isEmpty == false)
            #expect(line["time"]?.doubleValue == Double(index) + 0.5)
        }
        #expect(Set(lines.compactMap { $0["type"]?.stringValue }).count == Self.events.count)
    }

    @Test func noTwoKindsOfCallsLookTheSame() {
        let malformed = Call("read", malformed: "{\"a")
        #expect(malformed.json["malformed"] == "{\"a")
        #expect(malformed.json["arguments"] == nil)
        #expect(Self.call.json == ["name": "read", "arguments": ["path": "ä/b.txt", "limit": 3]])
    }

    @Test func theLogOfARunTellsAllOfIt() async throws {
        let scene = try AgentScene()
        let runtime = AgentRuntime()
        let run = try await runtime.prepare(try scene.request())
        let report = try await run.run()
        #expect(run.logFailure == nil)
        let lines = try lines(try #require(run.logPath))
        #expect(lines.first == run.started)
        #expect(lines.last == report.json)
        #expect(lines.last?["type"] == "run.completed")
        #expect(lines.last?["end"] == "finished")
        let types = lines.compactMap { $0["type"]?.stringValue }
        #expect(types.count { $0 == "turn.taken" } == 2)
        #expect(types.count { $0 == "call.taken" } == 1)
        #expect(types.count { $0 == "run.completed" } == 1)
        // Times never run backwards.
        let times = lines.compactMap { $0["time"]?.doubleValue }
        #expect(times == times.sorted())
        #expect(times.count == lines.count - 1)
    }
}
