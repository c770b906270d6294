import ForerunCore
import ForerunStore

// What pages are told of the parts of a run. Members are short and always there.

extension RunTimeline.Span {
    func object(isLive: Bool) -> JSON {
        var members: [(String, JSON)] = [("work", .int(work))]
        switch subject {
        case .answer(let turn): members.append(("turn", .int(turn)))
        case .call(let call, let world): members += [("call", call.json), ("world", .int(world))]
        }
        let isOpen = isLive && fate == .open
        members += [
            ("start", .seconds(start)), ("end", isOpen ? .null : .seconds(end)), ("ahead", .bool(isAhead)),
            ("promoted", .optional(promoted)), ("fate", .string("\(fate)")), ("error", .bool(isError)),
        ]
        return JSON(members: members)
    }
}

extension RunTimeline.Branch {
    func object(isLive: Bool) -> JSON {
        let isOpen = isLive && fate == .lost
        return [
            "world": .int(world), "from": .int(parent), "work": .int(work), "start": .seconds(start),
            "end": isOpen ? .null : .seconds(end), "fate": isOpen ? "open" : .string(fate.rawValue),
        ]
    }
}

extension RunTimeline.Guess {
    func object(cameTrue: Bool?) -> JSON {
        [
            "turn": .int(turn), "source": .string(source), "rank": .int(rank), "time": .seconds(time),
            "calls": .array(calls.map(\.json)), "probability": .seconds(probability),
            "confidence": .optional(confidence), "cameTrue": cameTrue.map { .bool($0) } ?? .null,
        ]
    }
}

extension Resumption.TakenTurn {
    /// Bytes of an output that are told at once; the rest is asked for.
    private static let outputLimit = 2_000

    func object(number: Int, _ timeline: RunTimeline) -> JSON {
        [
            "turn": .int(number), "role": .string(role), "text": .string(answer.text), "seconds": .seconds(seconds),
            "ahead": .bool(isHit), "time": .optional(timeline.turnTimes[number]), "usage": usage?.json ?? .null,
            "messages": .array(messages.map { .string($0) }),
            "failures": .array((timeline.failures[number] ?? []).map { .string($0) }),
            "calls": .array(
                answer.calls.enumerated().map { index, call in
                    guard let taken = calls.first(where: { $0.index == index }) else { return ["call": call.json] }
                    let text = taken.output.text
                    // Of a large output, the log itself has the beginning only.
                    let isCut =
                        text.utf8.count > Self.outputLimit || abs(text.utf8.count - OutputFiles.headLimit) < 4
                    return [
                        "call": call.json, "error": .bool(taken.output.isError), "ahead": .bool(taken.isHit),
                        "seconds": .seconds(taken.seconds), "cut": .bool(isCut),
                        "output": .string(String(decoding: text.utf8.prefix(Self.outputLimit), as: UTF8.self)),
                    ]
                }),
        ]
    }
}
