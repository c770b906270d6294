import ForerunCore
package import ForerunLearning

/// What the logs of one domain say of latencies: where a run's own log is silent, and for work that was never done, draws
/// are taken from these.
package struct RecordedLatencies: Sendable {
    private(set) var answers: [Double] = []
    private(set) var calls: [Double] = []
    private(set) var callsByTool: [String: [Double]] = [:]
    /// Output tokens of turns, where the log counts them.
    private(set) var outputTokens: [Int] = []

    package init() {}

    package mutating func add(_ run: RecordedRun) {
        for case .turn(let turn) in run.steps {
            if let seconds = turn.seconds { answers.append(seconds) }
            if let usage = turn.usage { outputTokens.append(usage.output) }
            for call in turn.calls {
                guard let seconds = call.seconds else { continue }
                calls.append(seconds)
                callsByTool[call.call.name, default: []].append(seconds)
            }
        }
    }

    package mutating func sort() {
        answers.sort()
        calls.sort()
        outputTokens.sort()
        callsByTool = callsByTool.mapValues { $0.sorted() }
    }

    var medianOutputTokens: Int? { outputTokens.isEmpty ? nil : outputTokens[outputTokens.count / 2] }
}

/// What answers and calls of one replay take.
///
/// Each draw depends on the seed and on the work alone: the recorded turn, or the wrong request; the recorded call, or the
/// wrong one. So a run in turn and a speculative one meet the same latencies.
package struct ReplayLatencies: Sendable {
    /// Seconds that are assumed where no log says anything.
    package static let assumedAnswer = 2.0
    package static let assumedCall = 0.5

    let draw: Draw
    let actor: ReplayLaw
    let tool: ReplayLaw
    let recorded: RecordedLatencies

    package init(seed: UInt64, actor: ReplayLaw, tool: ReplayLaw, recorded: RecordedLatencies) {
        draw = Draw(seed: seed)
        self.actor = actor
        self.tool = tool
        self.recorded = recorded
    }

    /// - Parameters:
    ///   - turn: its place among the turns of the path.
    ///   - wrong: the digest of a request that is not on the path.
    func answer(_ path: ReplayPath, turn: Int, wrong: UInt64?) -> Double {
        var key: [Draw.Part] = ["answer", .init(path.key), .init(turn)]
        if let wrong { key.append(.init(wrong)) }
        let uniform = draw.uniform(key)
        guard actor == .recorded else { return actor.seconds(uniform) }
        if wrong == nil, let seconds = path.turns[turn].seconds { return seconds }
        return Self.quantile(recorded.answers, uniform) ?? Self.assumedAnswer
    }

    func call(_ call: Call, at occurrence: ReplayPath.Occurrence, in path: ReplayPath) -> Double {
        let key: [Draw.Part] = ["call", .init(path.key), .init(occurrence.turn), .init(occurrence.index)]
        return seconds(of: call, recorded: occurrence.seconds, draw.uniform(key))
    }

    /// - Parameter turn: the one that is awaited while the call is made.
    func wrongCall(_ call: Call, turn: Int, in path: ReplayPath) -> Double {
        let key: [Draw.Part] = [
            "call", .init(path.key), .init(turn), .init(call.name), .init(call.arguments.canonicalText),
        ]
        return seconds(of: call, recorded: nil, draw.uniform(key))
    }

    private func seconds(of call: Call, recorded own: Double?, _ uniform: Double) -> Double {
        guard tool == .recorded else { return tool.seconds(uniform) }
        return own ?? Self.quantile(recorded.callsByTool[call.name] ?? [], uniform)
            ?? Self.quantile(recorded.calls, uniform) ?? Self.assumedCall
    }

    private static func quantile(_ sorted: [Double], _ uniform: Double) -> Double? {
        sorted.isEmpty ? nil : sorted[min(sorted.count - 1, Int(uniform * Double(sorted.count)))]
    }
}
