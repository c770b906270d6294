import OrderedCollections

extension RunEvent {
    /// The event as one line of the event log: `type` first, speculative work marked by `lane` or `ahead`.
    package var json: JSON {
        switch self {
        case .asked(let work, let turn, let lane, let attempt):
            [
                "type": "answer.asked", "work": .int(work), "turn": .int(turn), "lane": .lane(lane),
                "attempt": .int(attempt),
            ]
        case .answered(let work, let lane, let seconds):
            ["type": "answer.finished", "work": .int(work), "lane": .lane(lane), "seconds": .seconds(seconds)]
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            [
                "type": "answer.failed", "turn": .int(turn), "kind": .string(failure.kind.description),
                "message": .string(failure.description), "attempt": .int(attempt), "of": .int(of),
                "wait": .optional(wait),
            ]
        case .fellBack(let fallback): fallback.json
        case .charged(let charge): charge.json
        case .turnTaken(let turn, let role, let answer, let usage, let isHit, let seconds):
            .taken(
                answer,
                [
                    "type": "turn.taken", "turn": .int(turn), "role": .string(role), "text": .string(answer.text),
                    "calls": .array(answer.calls.map(\.json)), "finish": .string(answer.finish.description),
                    "usage": usage?.json ?? .null, "ahead": .bool(isHit), "seconds": .seconds(seconds),
                ])
        case .predicted(let turn, let source, let rank, let calls, let probability, let confidence):
            [
                "type": "prediction", "turn": .int(turn), "source": .string(source), "rank": .int(rank),
                "calls": .array(calls.map(\.json)), "probability": .seconds(probability),
                "confidence": .optional(confidence),
            ]
        case .forked(let world, let from, let work):
            ["type": "branch.forked", "world": .int(world), "from": .int(from), "work": .int(work)]
        case .performed(let work, let call, let world, let lane, let effect):
            [
                "type": "call.started", "work": .int(work), "call": call.json, "world": .int(world),
                "lane": .lane(lane), "effect": effect.map { .string($0.rawValue) } ?? .null,
            ]
        case .callFinished(let work, let lane, let seconds, let isError):
            [
                "type": "call.finished", "work": .int(work), "lane": .lane(lane), "seconds": .seconds(seconds),
                "isError": .bool(isError),
            ]
        case .callTaken(let turn, let index, let call, let output, let isHit, let seconds, let effect, let work):
            [
                "type": "call.taken", "turn": .int(turn), "index": .int(index), "call": call.json,
                "output": .string(output.text), "isError": .bool(output.isError), "ends": .bool(output.endsEpisode),
                "ahead": .bool(isHit), "seconds": .seconds(seconds),
                "effect": effect.map { .string($0.rawValue) } ?? .null, "work": work.map { .int($0) } ?? .null,
            ]
        case .promoted(let work): ["type": "work.promoted", "work": .int(work)]
        case .cancelled(let work, let seconds):
            ["type": "work.cancelled", "work": .int(work), "seconds": .seconds(seconds)]
        case .committed(let world, let turn, let call):
            ["type": "branch.committed", "world": .int(world), "turn": .int(turn), "index": .int(call)]
        case .discarded(let world): ["type": "branch.discarded", "world": .int(world)]
        case .approvalRequested(let turn, let index, let call):
            ["type": "approval.requested", "turn": .int(turn), "index": .int(index), "call": call.json]
        case .approvalAnswered(let turn, let index, let granted):
            ["type": "approval.answered", "turn": .int(turn), "index": .int(index), "granted": .bool(granted)]
        case .messageAwaited(let turn): ["type": "message.awaited", "turn": .int(turn)]
        case .halted(let turn): ["type": "run.halted", "turn": .int(turn)]
        case .messageJoined(let turn, let text):
            ["type": "message.joined", "turn": .int(turn), "text": .string(text)]
        case .speculationSwitched(let turn, let change):
            [
                "type": "speculation.switched", "turn": .int(turn),
                "source": change.source.map { .string($0) } ?? .null, "on": .bool(change.isOn),
                "saved": .seconds(change.saved), "spent": .seconds(change.spent), "pause": .int(change.pause),
            ]
        }
    }
}

extension JSON {
    package static func int(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// Seconds (or any fraction) to a millionth.
    package static func seconds(_ value: Double) -> JSON {
        .number(JSONNumber((value * 1_000_000).rounded() / 1_000_000))
    }

    package static func optional(_ value: Double?) -> JSON { value.map { .seconds($0) } ?? .null }

    /// What the provider wants back is kept with the turn, or a resumed run could not go on from it.
    fileprivate static func taken(_ answer: Turn, _ event: JSON) -> JSON {
        guard let echo = answer.echo, case .object(var members) = event else { return event }
        members["echo"] = echo.json
        return .object(members)
    }

    fileprivate static func lane(_ lane: Lane) -> JSON { .string(lane.rawValue) }
}

extension Call {
    /// `{"name": …, "arguments": {…}}`, with the raw text where the arguments were no object.
    package var json: JSON {
        guard let malformed else { return ["name": .string(name), "arguments": arguments] }
        return ["name": .string(name), "malformed": .string(malformed)]
    }
}

extension Fallback {
    package var json: JSON {
        [
            "type": "model.replaced", "turn": .int(turn), "role": .string(role), "from": .string(from),
            "to": .string(to), "kind": .string(failure.kind.description), "message": .string(failure.description),
        ]
    }
}

extension Charge {
    package var json: JSON {
        [
            "type": "cost", "work": .int(work), "turn": .int(turn), "role": .string(role),
            "model": model.map { .string($0) } ?? .null, "outcome": .string(outcome.rawValue), "usage": usage.json,
            "money": money.map { .number(JSONNumber($0)) } ?? .null, "currency": currency.map { .string($0) } ?? .null,
            "pricesOf": pricesOf.map { .string($0) } ?? .null, "estimated": .bool(isEstimated),
        ]
    }
}

extension Usage {
    package var json: JSON {
        guard written > 0 else {
            return ["input": .int(input), "cached": .int(cached), "output": .int(output), "reasoning": .int(reasoning)]
        }
        return [
            "input": .int(input), "cached": .int(cached), "written": .int(written), "output": .int(output),
            "reasoning": .int(reasoning),
        ]
    }
}
