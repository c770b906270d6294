package import ForerunCore
package import ForerunStore

/// An earlier run whose committed path another one goes on from.
package struct ContinuedRun: Sendable {
    package enum Kind: Sendable, Hashable {
        /// The same run, in the same log.
        case resumed
        /// A run of its own, from the first turns of the other.
        case forked(turns: Int)
    }

    package let run: RunName
    package let kind: Kind
    /// Where it goes on; `nil`: it had not come to its first question, and begins anew.
    package let path: Resumption?
    /// `run.opened` of the earlier run.
    package let opened: JSON?
    /// Keeps others from going on with it meanwhile.
    let log: HeldLog?

    /// What the actors were told; `nil`: what they are told now.
    var instructions: String? { opened?["roles"]?.arrayValue?.first?["instructions"]?.stringValue }

    /// What the user should know: calls that were not made again, models that are others now.
    func notes(_ assembly: Assembly) -> [String] {
        var notes: [String] = []
        if let path, let last = path.turns.last {
            for index in path.abandoned.sorted() where last.answer.calls.indices.contains(index) {
                notes.append(
                    "\(last.answer.calls[index].summary()) had been begun when the run was cut off: whether it took effect "
                        + "is unknown, and it is not made again")
            }
        }
        for before in opened?["roles"]?.arrayValue ?? [] {
            guard let name = before["name"]?.stringValue,
                let role = assembly.program.roles.first(where: { $0.name == name })
            else { continue }
            let (model, now) = (before["model"]?.stringValue ?? "", assembly.actors[name]?.model.id ?? "")
            if model != now {
                notes.append("\(name) was \(model) and is \(now) now")
            } else if before["digest"]?.stringValue != role.digest {
                notes.append("the tools or the sampling of \(name) are others than when the run began")
            }
        }
        return notes
    }

    /// The first line that it adds to the log of a run that goes on.
    func resumed(_ mode: SpeculationPolicy.Mode) -> JSON {
        [
            "type": "run.resumed", "version": .int(EventLog.version), "id": .string(run.description),
            "mode": .string(mode.rawValue), "turns": .int(path?.turns.count ?? 0),
            "calls": .array(path?.turns.last?.calls.map { .int($0.index) } ?? []),
            "unknown": .array(path?.abandoned.sorted().map { .int($0) } ?? []), "time": .seconds(path?.elapsed ?? 0),
        ]
    }
}
