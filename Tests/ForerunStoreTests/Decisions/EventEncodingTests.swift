import ForerunTesting
import Testing

@testable import ForerunCore
@testable import ForerunStore

/// Every event of the core comes back from a file of decisions as it went in.
struct EventEncodingTests {
    /// Its place in ``EventDraw/event(_:)``. A new kind of event does not compile before it has one.
    private func place(_ event: Event) -> Int {
        switch event {
        case .started: 0
        case .predictionsArrived: 1
        case .predictionEnded: 2
        case .answerStreamed(_, .text): 3
        case .answerStreamed(_, .callStarted): 4
        case .answerStreamed(_, .callSealed): 5
        case .answerStreamed(_, .reasoning), .answerStreamed(_, .logprobs): -1
        case .answerFinished: 6
        case .answerFailed: 7
        case .callFinished: 8
        case .callFailed: 9
        case .callTainted: 10
        case .branchReady: 11
        case .branchFailed: 12
        case .committed: 13
        case .commitFailed: 14
        case .recordFailed: 15
        case .workEnded: 16
        case .granted: 17
        case .revoked: 18
        case .worldChangedByOthers: 19
        case .messageArrived: 20
        case .messagesEnded: 21
        case .approvalAnswered: 22
        case .woke(.retry): 23
        case .woke(.timeLimit): 24
        case .halted: 25
        case .speculationSwitched: 26
        case .interrupted: 27
        }
    }

    @Test func everyKindOfEventComesBack() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var draw = EventDraw(seed: seed)
        for round in 0..<60 {
            for kind in 0..<EventDraw.kinds {
                let event = draw.event(kind)
                #expect(place(event) == kind)
                let again = try Self.again(event)
                #expect(whole(again) == whole(event), "seed \(seed), round \(round)")
            }
        }
    }

    /// All members, also those that are left out where people read them.
    private func whole(_ event: Event) -> String {
        var text = ""
        dump(event, to: &text)
        return text
    }

    @Test func setsComeBackWhole() throws {
        let paths = Footprint.resources(["a", "b/", "c\n", "\u{0}"])
        let result = CallResult(Output("x"), reads: paths, writes: .resources([]))
        guard case .callFinished(_, let again) = try Self.again(.callFinished(WorkID(1), result)) else {
            Issue.record("another event")
            return
        }
        #expect(again == result)
        let guess = Prediction(Turn(text: "x"), outputs: [0: Output("a"), 3: Output("b", isError: true)], rank: 1)
        guard case .predictionsArrived(_, let guesses) = try Self.again(.predictionsArrived(WorkID(1), [guess])) else {
            Issue.record("another event")
            return
        }
        #expect(guesses == [guess])
    }

    @Test func oddNumbersComeBack() throws {
        for value in [
            0.1, 1e-300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -0.0, .infinity, -.infinity,
            123_456_789.123_456_7,
        ] {
            let guess = Prediction(Turn(text: "x"), confidence: value, rank: 0)
            guard case .predictionsArrived(_, let guesses) = try Self.again(.predictionsArrived(WorkID(1), [guess]))
            else {
                Issue.record("another event")
                return
            }
            #expect(guesses.first?.confidence?.bitPattern == value.bitPattern, "\(value)")
        }
    }

    /// What the core sees of a long text is the same: its size, how it begins, and what it is equal to.
    @Test func longTextsKeepWhatTheCoreSees() throws {
        let long = String(repeating: "größe ", count: 400)
        let other = long.dropLast() + "!"
        for text in [long, String(other), "\0" + long, String(repeating: "\u{1F600}", count: 300)] {
            let encoded = SizedText.encoded(text)
            #expect(encoded.utf8.count < 200)
            let decoded = try SizedText.decoded(encoded)
            #expect(decoded.utf8.count == text.utf8.count)
            #expect(
                decoded.utf8.prefix(CommandDigest.headLimit).elementsEqual(text.utf8.prefix(CommandDigest.headLimit)))
            #expect(try SizedText.decoded(SizedText.encoded(text)) == decoded)
        }
        #expect(try SizedText.decoded(SizedText.encoded(long)) != SizedText.decoded(SizedText.encoded(String(other))))
        let edge = String(repeating: "x", count: SizedText.limit)
        for text in ["", "\0", "\0=", "\0 1", edge] { #expect(try SizedText.decoded(SizedText.encoded(text)) == text) }
        let call = Call("write_file", ["path": "a", "content": .string(long), "more": [["x": .string(long)]]])
        guard
            case .answerStreamed(_, .callSealed(_, let sealed)) = try Self.again(
                .answerStreamed(WorkID(1), .callSealed(index: 0, call)))
        else {
            Issue.record("another event")
            return
        }
        #expect(Transcript([.turn(Turn(calls: [sealed]))]).size == Transcript([.turn(Turn(calls: [call]))]).size)
        #expect(sealed.arguments["content"] == sealed.arguments["more"]?.arrayValue?.first?["x"])
        #expect(sealed.arguments["path"] == "a" && sealed.arguments["content"] != .string(long))
    }

    /// What a file claims of a text costs no memory beyond reason.
    @Test(arguments: ["\0", "\0x", "\0 ", "\010", "\0-5 0123456789abcdef x", "\099999999999999 0123456789abcdef x"])
    func textsThatMakeNoSenseAreNamed(_ text: String) {
        #expect(throws: DecisionFault.self) { try SizedText.decoded(text) }
    }

    private static func again(_ event: Event) throws -> Event {
        var bytes = DecisionBytes()
        bytes.raw("[")
        bytes.event(event, isAsStreamed: false)
        bytes.raw("]")
        var row = try DecisionRow(JSON(parsing: bytes.bytes))
        let again = try Event(&row) { _ in nil }
        #expect(row.isAtEnd)
        return again
    }
}

/// Events of any content.
private struct EventDraw {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static let kinds = 28

    mutating func event(_ kind: Int) -> Event {
        switch kind {
        case 0: .started
        case 1: .predictionsArrived(work(), (0..<number(4)).map { _ in prediction() })
        case 2: .predictionEnded(work(), usage: maybe { $0.usage() })
        case 3: .answerStreamed(work(), .text(text()))
        case 4: .answerStreamed(work(), .callStarted(index: number(9), name: text()))
        case 5: .answerStreamed(work(), .callSealed(index: number(9), call()))
        case 6:
            .answerFinished(work(), Answer(turn(), usage: maybe { $0.usage() }, secondsAlone: maybe { $0.double() }))
        case 7: .answerFailed(work(), modelFailure())
        case 8:
            .callFinished(
                work(),
                CallResult(
                    output(), reads: footprint(), writes: footprint(), isTainted: bool(), reachedOutside: bool()))
        case 9:
            .callFailed(
                work(),
                CallFailure(callFailureKind(), text()))
        case 10: .callTainted(work())
        case 11: .branchReady(world())
        case 12: .branchFailed(work(), environmentFailure())
        case 13: .committed(world())
        case 14: .commitFailed(world(), environmentFailure())
        case 15: .recordFailed(environmentFailure())
        case 16: .workEnded(work())
        case 17: .granted
        case 18: .revoked(work())
        case 19: .worldChangedByOthers(footprint())
        case 20: .messageArrived(text(), isUrgent: bool())
        case 21: .messagesEnded
        case 22: .approvalAnswered(ApprovalID(turn: number(99), index: number(9)), bool())
        case 23: .woke(.retry(work()))
        case 24: .woke(.timeLimit)
        case 25: .halted
        case 26: .speculationSwitched(isOn: bool())
        default: .interrupted
        }
    }

    // MARK: - Parts

    private mutating func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    private mutating func bool() -> Bool { Bool.random(using: &random) }
    private mutating func double() -> Double { Double.random(in: 0...1e6, using: &random) }
    private mutating func work() -> WorkID { WorkID(number(100_000)) }
    private mutating func world() -> WorldID { WorldID(number(200) - 100) }

    private mutating func maybe<Value>(_ body: (inout Self) -> Value) -> Value? { bool() ? body(&self) : nil }

    private mutating func text() -> String {
        let pieces = ["a", "\"", "\\", "\n", "\u{0}", "\u{1b}", "größe", "e\u{301}", "\u{1F600}", "\u{2028}", " ", "="]
        return (0..<number(7)).map { _ in pieces[number(pieces.count)] }.joined()
    }

    private mutating func usage() -> Usage {
        Usage(input: number(9_999), cached: number(99), written: number(99), output: number(999), reasoning: number(9))
    }

    private mutating func json(_ depth: Int = 0) -> JSON {
        switch number(depth > 2 ? 4 : 6) {
        case 0: .null
        case 1: .bool(bool())
        case 2: .number(bool() ? JSONNumber(number(1 << 40)) : JSONNumber(double()))
        case 3: .string(text())
        case 4: .array((0..<number(3)).map { _ in json(depth + 1) })
        default: JSON(members: (0..<number(3)).map { ("\($0)" + text(), json(depth + 1)) })
        }
    }

    private mutating func call() -> Call {
        let arguments = JSON(members: (0..<number(3)).map { ("\($0)" + text(), json()) })
        return Call(text(), arguments, malformed: maybe { $0.text() })
    }

    private mutating func turn() -> Turn {
        let echo = maybe { random in
            Echo(
                model: random.text(),
                parts: (0..<random.number(3)).map { _ in
                    .init(calls: random.number(3), text: random.number(99), json: random.text())
                })
        }
        let finish = [FinishReason.stop, .toolCalls, .length, FinishReason(text())][number(4)]
        return Turn(text: text(), calls: (0..<number(3)).map { _ in call() }, finish: finish, echo: echo)
    }

    private mutating func output() -> Output { Output(text(), isError: bool(), endsEpisode: bool()) }

    private mutating func prediction() -> Prediction {
        Prediction(
            turn(), outputs: bool() ? [number(4): output()] : [:], confidence: maybe { $0.double() }, rank: number(9))
    }

    private mutating func footprint() -> Footprint {
        [.nothing, .everything, .resources([text()]), .resources([])][number(4)]
    }

    private mutating func callFailureKind() -> CallFailure.Kind {
        let kinds = [CallFailure.Kind.notStarted, .connection, .timedOut, .unknownOutcome, .cancelled]
        return kinds[number(kinds.count)]
    }

    private mutating func modelFailure() -> ModelFailure {
        ModelFailure(
            ModelFailure.Kind.all[number(ModelFailure.Kind.all.count)], text(), status: maybe { $0.number(600) },
            requestID: maybe { $0.text() }, retryAfter: maybe { $0.double() }, mayRetry: maybe { $0.bool() },
            remedy: maybe { $0.text() })
    }

    private mutating func environmentFailure() -> EnvironmentFailure {
        let codes = [EnvironmentFailure.Code.unavailable, .noSpace, .conflict, .failed]
        return EnvironmentFailure(codes[number(codes.count)], text(), remedy: maybe { $0.text() })
    }
}
