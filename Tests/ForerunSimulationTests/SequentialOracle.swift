import ForerunCore
import ForerunSimulation

/// The sequential agent, on its own: a plain loop that shares no code with the core.
///
/// With `seen` (versions of the outside), `stopped` (calls that the user stopped) and `joined` (messages) it plays what a run with other people in it met.
struct SequentialOracle {
    var transcript = Transcript([.message("task")])
    var state = [0, 0, 0, 0]
    var sent: [Call] = []
    /// When each turn was answered.
    var turnTimes: [Double] = []
    var failed = false

    init(_ scenario: Scenario, seen: [Place: Int], stopped: [Place: Output] = [:], joined: [Int: [String]]?) {
        let program = SimulationDriver.program(scenario)
        var digests = RequestDigests()
        var time = 0.0
        while transcript.turns < scenario.turns {
            let number = transcript.turns
            for text in joined?[number] ?? [] { transcript = transcript.appending(.message(text)) }
            guard case .ask(let request) = program.next(after: transcript) else { break }
            let digest = digests.digest(request)
            var answer = scenario.answer(digest, turn: number, attempt: 0)
            time += answer.seconds
            for attempt in 1..<3 where answer.fails {
                time += 0.5
                answer = scenario.answer(digest, turn: number, attempt: attempt)
                time += answer.seconds
            }
            guard !answer.fails else {
                failed = true
                return
            }
            turnTimes.append(time)
            transcript = transcript.appending(program.entry(for: answer.turn))
            var free = Array(repeating: time, count: scenario.toolSlots)
            for (index, call) in answer.turn.calls.enumerated() {
                guard let tool = SimulatedTool(call) else {
                    append("There is no tool `unheard`.", index, isError: true)
                    continue
                }
                if let output = stopped[Place(turn: number, index: index)] {
                    append(output.text, index, isError: true)
                    continue
                }
                let asks = scenario.needsApproval(call)
                let isBarrier = tool.effect != .readOnly || asks
                if isBarrier { free = Array(repeating: free.max()!, count: free.count) }
                if asks {
                    let person: [Draw.Part] = ["person", .init(number), .init(index)]
                    let begin = free[0] + scenario.law.sample(mean: 0.4, scenario.draw, person)
                    free = Array(repeating: begin, count: free.count)
                    if scenario.draw.uniform(person + ["yes"]) >= 0.7 {
                        append("The user denied this call.", index, isError: true)
                        continue
                    }
                }
                let slot = free.indices.min { free[$0] < free[$1] }!
                var done = false
                var failure = CallFailure.Kind.notStarted
                for attempt in 0..<3 where !done {
                    let outcome = scenario.tool(call, attempt: attempt)
                    free[slot] += outcome.seconds
                    failure = outcome.failure
                    let lost = outcome.fails && failure == .unknownOutcome
                    let effective = scenario.draw.uniform(["effect"] + Self.key(tool) + [.init(attempt)]) < 0.5
                    if tool.effect == .external, !outcome.fails || lost && effective { sent.append(call) }
                    done = !outcome.fails
                    if lost { break }
                }
                if done {
                    let version = seen[Place(turn: number, index: index)] ?? 0
                    let result = tool.act(on: state, version: version, scenario.draw)
                    state = result.state
                    append(result.output, index, isError: false)
                } else {
                    append("The call failed: \(failure): simulated", index, isError: true)
                }
                if isBarrier { free = Array(repeating: free[slot], count: free.count) }
            }
            time = free.max()!
            if answer.turn.calls.isEmpty, joined == nil, transcript.turns < scenario.turns || true, !scenario.isGame {
                let text = "go on \(transcript.turns)"
                time += scenario.seconds(0.7, "types", .init(transcript.turns))
                transcript = transcript.appending(.message(text))
            }
        }
        // Messages that joined after the last turn.
        for text in joined?[scenario.turns] ?? [] where transcript.turns == scenario.turns {
            transcript = transcript.appending(.message(text))
        }
    }

    private mutating func append(_ text: String, _ index: Int, isError: Bool) {
        transcript = transcript.appending(.output(call: index, Output(text, isError: isError)))
    }

    private static func key(_ tool: SimulatedTool) -> [Draw.Part] {
        [.init(tool.kind.rawValue), .init(tool.key), .init(tool.arg)]
    }
}

/// The place of a call.
struct Place: Hashable {
    let turn: Int
    let index: Int
}

/// Whether the versions of the outside that the transcript shows are those of some sequential run: instants that never
/// run backwards, and none before the cause of the read.
func isExplainable(_ scenario: Scenario, _ landmarks: [SimulationDriver.Landmark]) -> Bool {
    var instant = 0.0
    var group = 0.0
    var confirmed = 0.0
    for landmark in landmarks {
        switch landmark {
        case .turn(_, let time):
            group = max(instant, group)
            instant = group
            confirmed = time
        case .barrier(let time):
            group = max(instant, group, time)
            instant = group
        case .call(let taken):
            guard let tool = SimulatedTool(taken.call) else { continue }
            let isBarrier = tool.effect != .readOnly || scenario.needsApproval(taken.call)
            if isBarrier {
                group = max(instant, group)
                instant = group
            }
            if tool.readsOutside(scenario.others), let readAt = taken.readAt, !taken.output.isError {
                let version = scenario.version(tool.key, at: readAt)
                let changes = scenario.changes[tool.key]
                let first = version > 0 ? changes[version - 1] : 0
                let last = version < changes.count ? changes[version] : .infinity
                if max(instant, first) >= last { return false }
                if scenario.others == .notified, last <= confirmed, readAt < confirmed { return false }
                group = max(group, instant, first)
            }
            if isBarrier { instant = group }
            // What was stopped before it began has changed nothing.
            if tool.effect == .external, taken.output != .stopped {
                instant = taken.time
                group = taken.time
            }
        }
    }
    return true
}
