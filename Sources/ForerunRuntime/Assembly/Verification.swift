package import ForerunCore
import ForerunWorkspace

/// Whether a finished run is one that the sequential agent could have produced.
package struct Verification: Sendable {
    package let differences: [String]
    package var isIdentical: Bool { differences.isEmpty }

    package var json: JSON {
        [
            "type": "verification", "identical": .bool(isIdentical),
            "differences": .array(differences.map { .string($0) }),
        ]
    }

    /// Plays a run again sequentially, with the committed answers and the outputs of its external calls: every request
    /// and the world must come out the same.
    static func replay(
        _ run: PreparedRun, _ report: RunReport, from snapshot: WorkspaceSnapshot?
    ) async throws(RunFailure) -> Verification {
        if run.assembly.workspace != nil, snapshot == nil {
            throw .environment(
                EnvironmentFailure(
                    .unavailable, "There is no copy of the workspace as it was", remedy: "Start the run with --verify"))
        }
        let copy = try await snapshot?.copy()
        var request = run.request
        request.keepsLog = false
        request.keepsSnapshot = false
        request.workspaceCopy = copy?.path
        let runtime = AgentRuntime()
        let again = try await runtime.prepareReplay(request, of: report)
        var second = await again.run()
        // It is cut off after as many turns, whichever limit the run had met.
        if case .limit = report.end, second.end == .limit(.steps) { second.end = report.end }
        withExtendedLifetime(copy) {}
        return Verification(differences: Difference.between(report, second))
    }
}
