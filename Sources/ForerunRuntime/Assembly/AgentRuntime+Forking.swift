import ForerunCore
package import ForerunStore
import ForerunWorkspace

extension AgentRuntime {
    /// The request for a new run that begins with the first turns of another.
    ///
    /// - Parameters:
    ///   - turns: how many.
    ///   - task: what the user says after them; in place of the task where there are none.
    package static func fork(
        of run: RunName, at turns: Int, task: String?, settings: [ConfigurationAssignment], variables: [String: String]
    ) async throws(Complaint) -> RunRequest {
        let runs = try PastRuns(variables: variables)
        let log = try runs.hold(run, mayBeReadOnly: true)
        try settleWorkspace(try runs.record(of: run), variables, log)
        let record = try runs.record(of: run)
        let whole = record.resumption(isWorldKept: record.opened?["kept"]?.boolValue ?? true)
        let count = whole.map { $0.turns.prefix { $0.isComplete }.count } ?? 0
        guard turns <= count else {
            let end = record.damage.map { ", up to the damage at \($0)" } ?? ""
            throw Complaint(
                "the run \(run) has \(count) complete turn\(count == 1 ? "" : "s")\(end)",
                remedy: "Give --at 0 to --at \(count)", status: .usage)
        }
        var request = try repeated(record, run, settings, variables)
        request.task = task ?? request.task
        try restore(record, to: turns, run, request)
        guard turns > 0, var path = whole else { return request }
        path.turns = Array(path.turns.prefix(turns))
        path.messages = task.map { [$0] } ?? []
        path.abandoned = []
        path.elapsed = 0
        // What they cost, the other run has paid.
        for index in path.turns.indices { path.turns[index].usage = nil }
        path.wasted = .zero
        // A run of its own asks the first model again.
        path.fallbacks = []
        if task == nil, path.turns[turns - 1].answer.calls.isEmpty {
            throw Complaint(
                "turn \(turns) of \(run) is its last word", remedy: "Give a task to go on with, or an earlier turn",
                status: .usage)
        }
        request.continuing = ContinuedRun(
            run: run, kind: .forked(turns: turns), path: path, opened: record.opened, log: nil)
        return request
    }

    /// Takes back what the run changed in its workspace after a turn. That can be undone itself.
    private static func restore(
        _ record: RunRecord, to turns: Int, _ run: RunName, _ request: RunRequest
    ) throws(Complaint) {
        guard record.opened?["environment"]?.stringValue == "workspace" else { return }
        do throws(EnvironmentFailure) {
            let history = try UndoHistory.open(request.workspace, onSettled: RunLog.settling(request.variables))
            guard history.runs.contains(where: { $0.id == run.description }) else {
                guard record.turnOfWorld.values.contains(where: { $0 >= turns }), record.hasChanges else { return }
                throw EnvironmentFailure(
                    .unavailable, "what \(request.workspace) was like after turn \(turns) is not kept any more",
                    remedy: "Fork at the end: --at \(record.completeTurns)")
            }
            try history.undo(run.description) { world in
                // A change that no world stands for cannot be told from later ones.
                guard let world, let turn = record.turnOfWorld[world] else { return true }
                return turn >= turns
            }
        } catch {
            throw Complaint(error)
        }
    }
}
