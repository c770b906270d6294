import ForerunCore
import ForerunStore
import Foundation

/// Logs of invented runs as a busy year leaves them: coding agents with a few turns or hundreds, guesses, work ahead that came
/// true or did not, outputs of all sizes. The same for the same seed.
struct SyntheticLogs: Sendable {
    /// SplitMix64 (Steele, Lea and Flood, 2014).
    private struct Numbers {
        var state: UInt64

        mutating func next(below limit: Int) -> Int {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
            return Int((value ^ (value >> 31)) % UInt64(limit))
        }

        /// 0 up to 1.
        mutating func share() -> Double { Double(next(below: 1 << 30)) / Double(1 << 30) }

        /// Log-normal, by the sum of twelve (Box and Muller need a logarithm more).
        mutating func spread(median: Double, sigma: Double) -> Double {
            let normal = (0..<12).reduce(0.0) { sum, _ in sum + share() } - 6
            return median * exp(sigma * normal)
        }
    }

    private static let words = [
        "parser", "buffer", "index", "token", "error", "return", "struct", "value", "column", "record", "module",
        "static", "import", "request", "response", "config", "timeout", "handler", "test", "assert", "failed",
        "passed", "warning", "branch", "commit", "merge", "cache", "queue", "worker", "schema", "field", "line",
    ]

    private static let tools = ["read_file", "run_command", "edit_file", "search_text", "list_directory", "write_file"]

    let seed: UInt64
    /// Text to cut outputs from: a mebibyte, with line feeds and some letters beyond ASCII.
    private let text: [UInt8]

    init(seed: UInt64) {
        self.seed = seed
        var numbers = Numbers(state: seed)
        var text = ""
        while text.utf8.count < 1 << 20 {
            text += "\(numbers.next(below: 900) + 1)\t"
            for _ in 0..<(3 + numbers.next(below: 9)) {
                text += Self.words[numbers.next(below: Self.words.count)]
                text += numbers.next(below: 6) == 0 ? "_\(numbers.next(below: 100_000)) " : " "
            }
            text += numbers.next(below: 40) == 0 ? "“größer” → 日本\n" : "{\"a\": 1}\n"
        }
        self.text = Array(text.utf8)
    }

    /// Writes the log of one run. - Returns: its size in bytes.
    @discardableResult
    func write(_ number: Int, in directory: RunStateDirectory) throws -> Int {
        var numbers = Numbers(state: seed &+ UInt64(number) &* 0x1234_5677)
        let name = Self.name(number)
        let folder = directory.directory(of: name)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var bytes: [UInt8] = []
        func line(_ event: JSON) {
            event.write(to: &bytes, sorted: false)
            bytes.append(UInt8(ascii: "\n"))
        }
        var time = 0.0
        func at(_ event: RunEvent) {
            guard case .object(let members) = event.json else { return }
            line(JSON(members: members.map { ($0.key, $0.value) } + [("time", .seconds(time))]))
        }
        let agent = ["coder", "shell", "reviewer"][numbers.next(below: 3)]
        line([
            "type": "run.started", "version": .int(EventLog.version), "id": .string(name.description),
            "agent": .string(agent), "mode": "full", "workspace": .string("/srv/project-\(numbers.next(below: 20))"),
            "task": .string(piece(&numbers, 120)), "log": .string(directory.eventsPath(of: name)),
            "request": ["agent": .string(agent), "set": [], "withheld": []], "time": 0,
        ])
        line([
            "type": "run.opened", "opening": [.string(piece(&numbers, 200))], "environment": "workspace",
            "branches": true, "kept": true,
            "roles": [["name": "actor", "model": "big/one", "instructions": .string(piece(&numbers, 2000))]],
        ])
        let turns = min(400, max(2, Int(numbers.spread(median: 9, sigma: 0.9))))
        var work = 0
        var saved = 0.0
        for turn in 0..<turns {
            work += 1
            let question = work
            at(.asked(work: question, turn: turn, lane: .active, attempt: 1))
            let isLast = turn == turns - 1
            let calls = isLast ? [] : (0..<(1 + numbers.next(below: 3))).map { _ in call(&numbers) }
            var ahead: [Int?] = calls.map { _ in nil }
            for guess in 0..<(2 + numbers.next(below: 5)) {
                time += 0.01
                let isRight = guess == 0 && numbers.next(below: 10) < 6
                let guessed = isRight ? calls : [call(&numbers)]
                at(
                    .predicted(
                        turn: turn, source: guess % 2 == 0 ? "model:small/one" : "patterns", rank: guess,
                        calls: guessed, probability: isRight ? 0.7 : 0.2, confidence: 0.5))
                for (index, call) in guessed.enumerated() {
                    work += 1
                    at(.forked(world: work, from: 0, work: work))
                    at(.performed(work: work, call: call, world: work, lane: .shadow, effect: .contained))
                    if isRight { ahead[index] = work }
                }
                if !isRight { at(.cancelled(work: work, seconds: 0.4)) }
                if !isRight { at(.discarded(world: work)) }
            }
            for work in ahead.compactMap(\.self) {
                at(.callFinished(work: work, lane: .shadow, seconds: 0.2, isError: false))
            }
            time += 0.5 + numbers.share()
            at(.answered(work: question, lane: .active, seconds: 1))
            at(.charged(charge(question, turn, .committed, &numbers)))
            at(.charged(charge(question + 1, turn, .guesses, &numbers)))
            at(
                .turnTaken(
                    turn: turn, role: "actor",
                    answer: Turn(
                        text: piece(&numbers, 60 + numbers.next(below: 500)), calls: calls,
                        finish: isLast ? .stop : .toolCalls),
                    usage: ForerunCore.Usage(input: 4000, cached: 3000, output: 300),
                    isHit: turn > 0 && numbers.next(below: 4) == 0,
                    seconds: 1))
            for (index, call) in calls.enumerated() {
                if ahead[index] == nil {
                    work += 1
                    at(.performed(work: work, call: call, world: 0, lane: .active, effect: .contained))
                    at(.callFinished(work: work, lane: .active, seconds: 0.2, isError: false))
                }
                let size = min(OutputFiles.limit, Int(numbers.spread(median: 700, sigma: 1.4)))
                saved += ahead[index] == nil ? 0 : 0.2
                at(.committed(world: ahead[index] ?? work, turn: turn, call: index))
                at(
                    .callTaken(
                        turn: turn, index: index, call: call,
                        output: Output(piece(&numbers, size), isError: numbers.next(below: 12) == 0),
                        isHit: ahead[index] != nil, seconds: 0.2, effect: .contained, work: ahead[index] ?? work))
                line(["type": "branch.landed", "world": .int(ahead[index] ?? work)])
            }
        }
        // Some were cut off.
        if numbers.next(below: 20) > 0 {
            line([
                "type": "run.completed", "end": "finished", "seconds": .seconds(time), "turns": .int(turns),
                "usage": ForerunCore.Usage(input: 4000 * turns, output: 300 * turns).json,
                "cost": .seconds(0.01 * Double(turns)),
                "speculation": [
                    "predicted": .int(turns * 4), "callHits": .int(turns), "turnHits": .int(turns / 4),
                    "savedSeconds": .seconds(saved), "wastedSeconds": .seconds(time / 3),
                    "wastedTokens": .int(turns * 900),
                    "extraCost": .seconds(0.002 * Double(turns)), "brier": 0.2, "switched": [],
                ],
                "digest": "0000",
            ])
        }
        try Data(bytes).write(to: URL(fileURLWithPath: directory.eventsPath(of: name)))
        return bytes.count
    }

    /// One every 53 minutes, from the beginning of a year on.
    static func name(_ number: Int) -> RunName {
        let minutes = number * 53
        let day = minutes / 1440
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let text =
            "2025\(two(day / 28 % 12 + 1))\(two(day % 28 + 1))-\(two(minutes / 60 % 24))\(two(minutes % 60))00-"
            + String(0x1_0000 | number & 0xFFFF, radix: 16).dropFirst()
        guard let name = RunName(text) else { fatalError("\(text) is no name of a run") }
        return name
    }

    private func piece(_ numbers: inout Numbers, _ size: Int) -> String {
        let start = numbers.next(below: text.count - size - 1)
        return String(decoding: text[start..<start + size], as: UTF8.self)
    }

    private func call(_ numbers: inout Numbers) -> Call {
        let tool = Self.tools[numbers.next(below: Self.tools.count)]
        let path = "src/\(Self.words[numbers.next(below: Self.words.count)])_\(numbers.next(below: 300)).c"
        switch tool {
        case "run_command": return Call(tool, ["command": .string("make -C \(path) test")])
        case "edit_file":
            return Call(
                tool,
                ["path": .string(path), "old": .string(piece(&numbers, 200)), "new": .string(piece(&numbers, 240))])
        case "write_file": return Call(tool, ["path": .string(path), "content": .string(piece(&numbers, 1500))])
        default: return Call(tool, ["path": .string(path)])
        }
    }

    private func charge(_ work: Int, _ turn: Int, _ outcome: Charge.Outcome, _ numbers: inout Numbers) -> Charge {
        Charge(
            work: work, turn: turn, role: outcome == .guesses ? "model:small/one" : "actor", model: "big/one",
            outcome: outcome, usage: ForerunCore.Usage(input: 3000 + numbers.next(below: 2000), output: 200),
            price: Price(input: 1, output: 5), isEstimated: false)
    }
}
