extension RunEvent {
    /// The event as an object of the event log.
    package var json: JSON { .object { write(to: &$0) } }

    /// Adds the members of the event: `type` first, speculative work marked by `lane` or `ahead`.
    package func write(to line: inout JSONLine) {
        switch self {
        case .asked(let work, let turn, let lane, let attempt):
            line.add("type", plain: "answer.asked")
            line.add("work", work)
            line.add("turn", turn)
            line.add("lane", lane.rawValue)
            line.add("attempt", attempt)
        case .answered(let work, let lane, let seconds):
            line.add("type", plain: "answer.finished")
            line.add("work", work)
            line.add("lane", lane.rawValue)
            line.add("seconds", seconds: seconds)
        case .answerFailed(let turn, let failure, let attempt, let of, let wait):
            line.add("type", plain: "answer.failed")
            line.add("turn", turn)
            line.add("kind", failure.kind.description)
            line.add("message", failure.description)
            line.add("attempt", attempt)
            line.add("of", of)
            line.add("wait", seconds: wait)
        case .fellBack(let fallback): fallback.write(to: &line)
        case .charged(let charge): charge.write(to: &line)
        case .turnTaken(let turn, let role, let answer, let usage, let isHit, let seconds):
            line.add("type", plain: "turn.taken")
            line.add("turn", turn)
            line.add("role", role)
            line.add("text", answer.text)
            line.add(calls: answer.calls)
            line.add("finish", answer.finish.description)
            line.add(usage)
            line.add("ahead", isHit)
            line.add("seconds", seconds: seconds)
            // What the provider wants back is kept with the turn, or a resumed run could not go on from it.
            if let echo = answer.echo { line.add("echo", echo.json) }
        case .predicted(let turn, let source, let rank, let calls, let probability, let confidence):
            line.add("type", plain: "prediction")
            line.add("turn", turn)
            line.add("source", source)
            line.add("rank", rank)
            line.add(calls: calls)
            line.add("probability", seconds: probability)
            line.add("confidence", seconds: confidence)
        case .forked(let world, let from, let work):
            line.add("type", plain: "branch.forked")
            line.add("world", world)
            line.add("from", from)
            line.add("work", work)
        case .performed(let work, let call, let world, let lane, let effect):
            line.add("type", plain: "call.started")
            line.add("work", work)
            line.add(call)
            line.add("world", world)
            line.add("lane", lane.rawValue)
            line.add("effect", effect?.rawValue)
        case .callFinished(let work, let lane, let seconds, let isError):
            line.add("type", plain: "call.finished")
            line.add("work", work)
            line.add("lane", lane.rawValue)
            line.add("seconds", seconds: seconds)
            line.add("isError", isError)
        case .callTaken(_, _, _, let output, _, _, _, _): writeTaken(output.text, to: &line)
        case .promoted(let work):
            line.add("type", plain: "work.promoted")
            line.add("work", work)
        case .cancelled(let work, let seconds):
            line.add("type", plain: "work.cancelled")
            line.add("work", work)
            line.add("seconds", seconds: seconds)
        case .committed(let world, let turn, let call):
            line.add("type", plain: "branch.committed")
            line.add("world", world)
            line.add("turn", turn)
            line.add("index", call)
        case .discarded(let world):
            line.add("type", plain: "branch.discarded")
            line.add("world", world)
        case .approvalRequested(let turn, let index, let call):
            line.add("type", plain: "approval.requested")
            line.add("turn", turn)
            line.add("index", index)
            line.add(call)
        case .approvalAnswered(let turn, let index, let granted):
            line.add("type", plain: "approval.answered")
            line.add("turn", turn)
            line.add("index", index)
            line.add("granted", granted)
        case .messageAwaited(let turn):
            line.add("type", plain: "message.awaited")
            line.add("turn", turn)
        case .halted(let turn):
            line.add("type", plain: "run.halted")
            line.add("turn", turn)
        case .messageJoined(let turn, let text):
            line.add("type", plain: "message.joined")
            line.add("turn", turn)
            line.add("text", text)
        case .speculationSwitched(let turn, let change):
            line.add("type", plain: "speculation.switched")
            line.add("turn", turn)
            line.add("source", change.source)
            line.add("on", change.isOn)
            line.add("saved", seconds: change.saved)
            line.add("spent", seconds: change.spent)
            line.add("pause", change.pause)
        }
    }

    /// Adds the members of an output on the path with other words for its text: a large one is kept elsewhere.
    package func writeTaken(_ text: String, to line: inout JSONLine) {
        guard
            case .callTaken(let turn, let index, let call, let output, let isHit, let seconds, let effect, let work) =
                self
        else { return }
        line.add("type", plain: "call.taken")
        line.add("turn", turn)
        line.add("index", index)
        line.add(call)
        line.add("output", text)
        line.add("isError", output.isError)
        line.add("ends", output.endsEpisode)
        line.add("ahead", isHit)
        line.add("seconds", seconds: seconds)
        line.add("effect", effect?.rawValue)
        line.add("work", work)
    }
}

extension JSON {
    package static func int(_ value: Int) -> JSON { .number(JSONNumber(value)) }

    /// Seconds (or any fraction) to a millionth.
    package static func seconds(_ value: Double) -> JSON {
        .number(JSONNumber((value * 1_000_000).rounded() / 1_000_000))
    }

    package static func optional(_ value: Double?) -> JSON { value.map { .seconds($0) } ?? .null }
}

extension JSONLine {
    fileprivate mutating func add(_ call: Call) { add("call") { call.write(to: &$0) } }

    fileprivate mutating func add(calls: [Call]) { add("calls", objects: calls) { $0.write(to: &$1) } }

    fileprivate mutating func add(_ usage: Usage?) {
        guard let usage else { return addNull("usage") }
        add("usage") { usage.write(to: &$0) }
    }
}

extension Call {
    /// `{"name": …, "arguments": {…}}`, with the raw text where the arguments were no object.
    package var json: JSON {
        guard let malformed else { return ["name": .string(name), "arguments": arguments] }
        return ["name": .string(name), "malformed": .string(malformed)]
    }

    fileprivate func write(to line: inout JSONLine) {
        line.add("name", name)
        if let malformed { line.add("malformed", malformed) } else { line.add("arguments", arguments) }
    }
}

extension Fallback {
    package var json: JSON { .object { write(to: &$0) } }

    fileprivate func write(to line: inout JSONLine) {
        line.add("type", plain: "model.replaced")
        line.add("turn", turn)
        line.add("role", role)
        line.add("from", from)
        line.add("to", to)
        line.add("kind", failure.kind.description)
        line.add("message", failure.description)
    }
}

extension Charge {
    package var json: JSON { .object { write(to: &$0) } }

    fileprivate func write(to line: inout JSONLine) {
        line.add("type", plain: "cost")
        line.add("work", work)
        line.add("turn", turn)
        line.add("role", role)
        line.add("model", model)
        line.add("outcome", outcome.rawValue)
        line.add(usage)
        if let money { line.add("money", JSON.number(JSONNumber(money))) } else { line.addNull("money") }
        line.add("currency", currency)
        line.add("pricesOf", pricesOf)
        line.add("estimated", isEstimated)
    }
}

extension Usage {
    package var json: JSON { .object { write(to: &$0) } }

    fileprivate func write(to line: inout JSONLine) {
        line.add("input", input)
        line.add("cached", cached)
        if written > 0 { line.add("written", written) }
        line.add("output", output)
        line.add("reasoning", reasoning)
    }
}
