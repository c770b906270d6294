package import ForerunCore

/// Why a snapshot cannot be used.
package struct SnapshotError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

extension TransitionModel {
    private static let version = 1
    /// No count is ever greater: nothing overflows or becomes infinite.
    private static let greatest = 1 << 40

    /// Everything that was learnt, to be kept for later runs. Equal models have equal snapshots.
    package var snapshot: JSON {
        var numbers: [String: Int] = [:]
        var outcomes: [JSON] = []
        var list: [JSON] = []
        for (name, context) in contexts.sorted(by: { $0.key < $1.key }) {
            var counts: [JSON] = []
            for (outcome, count) in context.counts.sorted(by: { $0.key < $1.key }) {
                if numbers[outcome] == nil {
                    numbers[outcome] = outcomes.count
                    outcomes.append(.string(outcome))
                }
                counts.append([.number(JSONNumber(numbers[outcome] ?? 0)), .number(JSONNumber(count))])
            }
            list.append([.string(name), .number(JSONNumber(context.lastSeen)), .array(counts)])
        }
        return [
            "kind": "forerun.transitions", "version": .number(JSONNumber(Self.version)),
            "observations": .number(JSONNumber(observations)), "outcomes": .array(outcomes), "contexts": .array(list),
        ]
    }

    /// - Throws: where `snapshot` is of another kind or version, or damaged. It is then best begun anew.
    package init(snapshot: JSON) throws(SnapshotError) {
        self.init()
        guard snapshot["kind"]?.stringValue == "forerun.transitions" else {
            throw SnapshotError(description: "no snapshot of a transition model")
        }
        guard let version = snapshot["version"]?.intValue, version == Self.version else {
            throw SnapshotError(
                description: "version \(snapshot["version"]?.text ?? "?") of the snapshot is not \(Self.version)")
        }
        guard let observations = snapshot["observations"]?.intValue, let list = snapshot["contexts"]?.arrayValue,
            let outcomes = snapshot["outcomes"]?.arrayValue?.map(\.stringValue)
        else { throw SnapshotError(description: "members are missing from the snapshot") }
        guard 0...Self.greatest ~= observations else {
            throw SnapshotError(description: "the snapshot counts what cannot be")
        }
        self.observations = observations
        for item in list {
            let damaged = SnapshotError(description: "a context of the snapshot is damaged")
            guard let fields = item.arrayValue, fields.count == 3, let name = fields[0].stringValue,
                let lastSeen = fields[1].intValue, let counts = fields[2].arrayValue
            else { throw damaged }
            var context = Context(lastSeen: lastSeen)
            for entry in counts {
                guard let pair = entry.arrayValue, pair.count == 2, let number = pair[0].intValue,
                    outcomes.indices.contains(number), let outcome = outcomes[number],
                    let count = pair[1].doubleValue, count > 0, count <= Double(Self.greatest)
                else { throw damaged }
                context.counts[outcome] = count
            }
            contexts[name] = context
        }
    }
}
