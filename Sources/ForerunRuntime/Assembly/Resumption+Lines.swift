import ForerunCore

extension Resumption {
    /// The path as lines of an event log: those that a run would have written that took it in turn, marked as `inherited`.
    var lines: [JSON] {
        var lines: [JSON] = []
        func add(_ event: RunEvent) {
            lines.append(event.json.adding("inherited", true).adding("time", .seconds(elapsed)))
        }
        for (number, turn) in turns.enumerated() {
            for message in turn.messages { add(.messageJoined(turn: number, text: message)) }
            add(
                .turnTaken(
                    turn: number, role: turn.role, answer: turn.answer, usage: turn.usage, isHit: turn.isHit,
                    seconds: turn.seconds))
            for call in turn.calls where turn.answer.calls.indices.contains(call.index) {
                add(
                    .callTaken(
                        turn: number, index: call.index, call: turn.answer.calls[call.index], output: call.output,
                        isHit: call.isHit, seconds: call.seconds, effect: nil, work: nil))
            }
        }
        if isHalted { add(.halted(turn: turns.count)) }
        return lines
    }
}
