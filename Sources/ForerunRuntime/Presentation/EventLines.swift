package import ForerunCore

/// What `--json` prints of a run: one JSON object a line.
///
/// The first line is `run.started` (of a run that goes on, `run.resumed`), the last one `run.completed`, or `comparison` where two runs were compared.
package struct EventLines: Sendable {
    /// Which half of a comparison is shown; `nil`: there are no halves.
    package var side: Comparison.Side?

    package init() {}

    /// The object of a notice. That of `.finished` is the last of its run.
    ///
    /// - Parameter time: seconds since the run began, for what does not say so itself.
    package func object(for notice: RunNotice, at time: Double) -> JSON {
        let object: JSON =
            switch notice {
            case .event(let event, let time): event.json.adding("time", .seconds(time))
            case .fact(let fact): fact
            case .warning(let text): ["type": "note", "text": .string(text)]
            case .text(let text, let turn):
                ["type": "answer.text", "turn": .int(turn), "text": .string(text), "time": .seconds(time)]
            case .withdrawn(let turn): ["type": "answer.withdrawn", "turn": .int(turn), "time": .seconds(time)]
            case .finished(let report): report.json
            }
        return tagged(object)
    }

    /// Something to know before the run starts.
    package func note(_ text: String) -> JSON { tagged(["type": "note", "text": .string(text)]) }

    /// What changed in the workspace.
    package func diff(_ text: String) -> JSON { ["type": "diff", "text": .string(text)] }

    package func tagged(_ object: JSON) -> JSON {
        side.map { object.adding("side", .string($0.rawValue)) } ?? object
    }
}
