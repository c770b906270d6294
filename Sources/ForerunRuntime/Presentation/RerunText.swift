package import ForerunCore
package import ForerunStore

/// What making a run's decisions again came to, for people and for programs.
package struct RerunText {
    private let rerun: Rerun

    package init(_ rerun: Rerun) { self.rerun = rerun }

    /// The same decisions, others, or as far as could be read the same.
    package var status: ExitStatus {
        if rerun.difference != nil { return .different }
        return rerun.isSame && rerun.damage == nil ? .done : .failed
    }

    package var lines: [String] {
        var lines: [String] = []
        if let difference = rerun.difference {
            lines += Self.lines(difference)
        } else if rerun.parts > 0 {
            lines.append("the same decisions: \(counts)")
        }
        if let damage = rerun.damage { lines.append("not readable from \(damage)") }
        if rerun.isCut { lines.append("the file had become as large as it may be: the rest of the run is not in it") }
        if !rerun.isWhole, rerun.damage == nil, !rerun.isCut {
            lines.append("it breaks off: the run is still going on, or its process was killed")
        }
        if rerun.difference == nil, rerun.grantedOtherwise > 0 {
            lines.append(
                "for one run alone, slots would have been granted otherwise "
                    + "\(PresentedNumber.count(rerun.grantedOtherwise, "time")): other runs had them, or rules have changed"
            )
        }
        return lines
    }

    private var counts: String {
        let parts = rerun.parts > 1 ? ", in \(PresentedNumber.count(rerun.parts, "part"))" : ""
        return "\(PresentedNumber.count(rerun.events, "event")), "
            + "\(PresentedNumber.count(rerun.commands, "command"))\(parts)"
    }

    private static func lines(_ difference: Rerun.Difference) -> [String] {
        let time = difference.time.map { " at \(PresentedNumber.fixed($0, 6)) s" } ?? ""
        let event = difference.event.map { DecisionWords.line($0) } ?? "the run begins"
        var lines = ["other decisions in line \(difference.line)\(time): \(event)"]
        if difference.kinds.contains(.slots) { lines.append("  the core asks the scheduler for other slots than then") }
        if difference.kinds.contains(.calls) { lines.append("  the core judges other calls than then") }
        lines.append("  then \(PresentedNumber.count(difference.recordedCount, "command")), now:")
        let commands = DecisionWords.lines(difference.commands)
        return lines + (commands.isEmpty ? ["    nothing"] : commands.map { "    \($0)" })
    }

    /// A step, and below it what is commanded.
    package static func lines(_ step: Rerun.Step) -> [String] {
        ["\(PresentedNumber.fixed(step.time, 6)) s  \(DecisionWords.line(step.event))"]
            + DecisionWords.lines(step.commands).map { "    \($0)" }
    }

    // MARK: - For programs

    package var json: JSON {
        [
            "type": "rerun", "same": .bool(rerun.isSame && rerun.damage == nil), "parts": .int(rerun.parts),
            "events": .int(rerun.events), "commands": .int(rerun.commands), "whole": .bool(rerun.isWhole),
            "cut": .bool(rerun.isCut), "grantedOtherwise": .int(rerun.grantedOtherwise),
            "damage": rerun.damage.map { ["line": .int($0.line), "reason": .string($0.reason)] } ?? .null,
            "difference": rerun.difference.map(Self.json) ?? .null,
        ]
    }

    private static func json(_ difference: Rerun.Difference) -> JSON {
        [
            "line": .int(difference.line), "part": .int(difference.part), "time": .optional(difference.time),
            "event": difference.event.map { .string(DecisionWords.line($0)) } ?? .null,
            "in": .array(difference.kinds.map(\.rawValue).sorted().map { .string($0) }),
            "then": .int(difference.recordedCount),
            "now": .array(DecisionWords.lines(difference.commands).map { .string($0) }),
        ]
    }

    package static func json(_ step: Rerun.Step) -> JSON {
        [
            "type": "step", "line": .int(step.line), "part": .int(step.part), "time": .exactSeconds(step.time),
            "event": .string(DecisionWords.line(step.event)),
            "commands": .array(DecisionWords.lines(step.commands).map { .string($0) }),
        ]
    }
}

extension JSON {
    fileprivate static func exactSeconds(_ value: Double) -> JSON { .number(JSONNumber(value)) }
}
