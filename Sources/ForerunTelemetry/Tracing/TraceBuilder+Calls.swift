import ForerunCore

extension TraceBuilder {
    mutating func performed(
        _ work: Int, _ call: Call, _ world: Int, _ lane: Lane, _ effect: Effect?, _ time: Double
    ) {
        var span = child(
            "execute_tool \(call.name)", .internal, time,
            [
                Key.operation: "execute_tool", Key.tool: .string(call.name), Key.toolType: "function",
                Key.toolDescription: facts.tools.first { $0.name == call.name }.map { .string($0.description) },
                Key.conversation: .string(facts.id), Key.effect: effect.map { .string($0.rawValue) },
                Key.world: .int(world), Key.lane: .string(lane.rawValue), Key.work: .int(work),
            ])
        if capturesContent {
            span.attributes[Key.callArguments] = .string(Content.cut(call.malformed ?? call.arguments.text))
        }
        works[work] = OpenWork(
            kind: .call, span: span, start: time, isAhead: lane == .shadow, world: effect == .contained ? world : nil)
        if lane == .shadow { measure(.started, .count(1), [Key.kind: "call"]) }
    }

    mutating func callTaken(
        _ turn: Int, _ index: Int, _ call: Call, _ output: Output, isHit: Bool, _ work: Int?, _ time: Double
    ) {
        remember(.output(call: index, output))
        if isHit { measure(.hits, .count(1), [Key.kind: "call"]) }
        let id = facts.callID(turn, index)
        guard let work else {
            // Nothing was performed: an unknown tool, wrong arguments, or the user said no.
            note(
                "forerun.call.refused", time,
                [
                    Key.tool: .string(call.name), Key.callID: .string(id), Key.turn: .int(turn),
                    Key.index: .int(index),
                ])
            return
        }
        // The output of one execution may be taken for several calls: the first names it.
        guard let open = works[work], open.span.attributes[Key.callID] == nil else { return }
        works[work]?.span.attributes.merge([
            Key.callID: .string(id), Key.turn: .int(turn), Key.index: .int(index),
        ])
        if capturesContent { works[work]?.span.attributes[Key.callResult] = .string(Content.cut(output.text)) }
        if output.isError { works[work]?.span.fail("tool_error", nil) }
        if isHit, open.isAhead {
            works[work]?.span.attributes[Key.saved] = .double((open.saved(at: time) * 1000).rounded())
        }
        end(work, time)
        decide(work, .hit)
    }
}
