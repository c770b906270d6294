package import ForerunCore
package import ForerunStore

/// A recorded run as JSON lines: its summary, the turns, the guesses, the work, the branches.
package enum RunObjects {
    package static func lines(_ summary: RunSummary, _ timeline: RunTimeline) -> [JSON] {
        var lines = [summary.json.first("type", "run")]
        for message in timeline.record.opened?["opening"]?.arrayValue ?? [] {
            lines.append(["type": "message", "text": message])
        }
        for (number, turn) in timeline.record.turns.enumerated() {
            lines += turn.messages.map { ["type": "message", "text": .string($0)] } + [json(number, turn, timeline)]
        }
        lines += timeline.guesses.map { guess in
            [
                "type": "guess", "turn": .int(guess.turn), "source": .string(guess.source), "rank": .int(guess.rank),
                "calls": .array(guess.calls.map(\.json)), "probability": .seconds(guess.probability),
                "cameTrue": timeline.cameTrue(guess).map { .bool($0) } ?? .null, "time": .seconds(guess.time),
            ]
        }
        lines += timeline.spans.map(json)
        lines += timeline.branches.map { branch in
            [
                "type": "branch", "world": .int(branch.world), "from": .int(branch.parent), "work": .int(branch.work),
                "start": .seconds(branch.start), "end": .seconds(branch.end), "fate": .string(branch.fate.rawValue),
            ]
        }
        return lines
    }

    private static func json(_ number: Int, _ turn: Resumption.TakenTurn, _ timeline: RunTimeline) -> JSON {
        [
            "type": "turn", "turn": .int(number), "role": .string(turn.role), "text": .string(turn.answer.text),
            "seconds": .seconds(turn.seconds), "ahead": .bool(turn.isHit), "usage": turn.usage?.json ?? .null,
            "time": .optional(timeline.turnTimes[number]),
            "calls": .array(
                turn.answer.calls.enumerated().map { index, call in
                    let taken = turn.calls.first { $0.index == index }
                    return [
                        "call": call.json, "output": taken.map { .string($0.output.text) } ?? .null,
                        "isError": taken.map { .bool($0.output.isError) } ?? .null,
                        "ahead": taken.map { .bool($0.isHit) } ?? .null, "seconds": .optional(taken?.seconds),
                    ]
                }),
        ]
    }

    private static func json(_ span: RunTimeline.Span) -> JSON {
        var members: [(String, JSON)] = [("type", "work"), ("work", .int(span.work))]
        switch span.subject {
        case .answer(let turn): members.append(("turn", .int(turn)))
        case .call(let call, let world): members += [("call", call.json), ("world", .int(world))]
        }
        members += [
            ("start", .seconds(span.start)), ("end", .seconds(span.end)), ("ahead", .bool(span.isAhead)),
            ("promoted", .optional(span.promoted)), ("fate", .string("\(span.fate)")),
        ]
        return JSON(members: members)
    }
}

extension JSON {
    /// An object with one more member at its beginning.
    fileprivate func first(_ key: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self else { return self }
        return JSON(members: [(key, value)] + members.map { ($0.key, $0.value) })
    }
}
