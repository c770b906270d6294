package import ForerunCore

/// Recorded runs of one kind, as measurements want them: without calls that only think, in an order that mixes their sources.
package struct EvaluationRuns: Sendable {
    package private(set) var runs: [RecordedRun] = []
    /// The tools that are described or called in any of them, by name.
    package private(set) var tools: [Tool] = []

    /// The tool whose calls are left out; a turn with no other calls is left out altogether.
    private static let thinking = "think"

    package init(_ paths: [String]) {
        var reader = TranscriptReader(paths)
        var found: [(digest: String, run: RecordedRun)] = []
        var known: [String: Tool] = [:]
        while var run = reader.next() {
            run.remove(Self.thinking)
            for tool in run.knownTools where known[tool.name] == nil || !tool.description.isEmpty {
                known[tool.name] = tool
            }
            found.append((StableDigest.hex(of: run.id.utf8), run))
        }
        runs = found.sorted { $0.digest < $1.digest }.map(\.run)
        tools = known.values.sorted { $0.name < $1.name }
    }
}

extension RecordedRun {
    fileprivate mutating func remove(_ thinking: String) {
        tools.removeAll { $0.name == thinking }
        steps = steps.compactMap { step in
            guard case .turn(var turn) = step else { return step }
            let thinks = turn.calls.contains { $0.call.name == thinking }
            turn.calls.removeAll { $0.call.name == thinking }
            return thinks && turn.calls.isEmpty ? nil : .turn(turn)
        }
    }
}
