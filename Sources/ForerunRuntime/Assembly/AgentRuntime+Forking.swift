import ForerunCore
package import ForerunStore

extension AgentRuntime {
    /// The request for a new run that begins with the first turns of another.
    ///
    /// - Parameters:
    ///   - turns: how many.
    ///   - task: what the user says after them; in place of the task where there are none.
    ///   - awaitsMessage: it is a conversation, and the user has the next word.
    ///   - takesBack: whether what the other run changed in its workspace after them is taken back, as the last thing before the
    ///     new run begins.
    package static func fork(
        of run: RunName, at turns: Int, task: String?, takesBack: Bool = true, settings: [ConfigurationAssignment],
        variables: [String: String], awaitsMessage: Bool = false
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
        if takesBack, record.opened?["environment"]?.stringValue == "workspace" {
            request.rewind = WorkspaceRewind(record, run, to: turns, request, runs, log)
        }
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
        path.waited = 0
        path.isHalted = awaitsMessage && !path.turns[turns - 1].answer.calls.isEmpty
        if task == nil, !awaitsMessage, path.turns[turns - 1].answer.calls.isEmpty {
            throw Complaint(
                "turn \(turns) of \(run) is its last word", remedy: "Give a task to go on with, or an earlier turn",
                status: .usage)
        }
        request.continuing = ContinuedRun(
            run: run, kind: .forked(turns: turns), path: path, opened: record.opened, log: nil)
        return request
    }
}
