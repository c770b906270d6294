import ForerunCore
package import ForerunStore
import ForerunWorkspace

extension AgentRuntime {
    /// The request that goes on with a run from its last committed turn.
    ///
    /// What the run left half done in its workspace is finished or taken back first: the journal of the workspace says what
    /// has landed, and the log follows it.
    ///
    /// - Parameters:
    ///   - settings: what the user wants otherwise than it was.
    ///   - isConversation: whether the run should be one. A conversation goes on also where it came to its end.
    /// - Throws: ``Complaint`` where it cannot go on, with a remedy.
    package static func resumption(
        of run: RunName, settings: [ConfigurationAssignment], variables: [String: String],
        asConversation isConversation: Bool = false
    ) async throws(Complaint) -> RunRequest {
        let runs = try PastRuns(variables: variables)
        // Before it is read: nobody else goes on with the run meanwhile.
        let log = try runs.hold(run)
        try settleWorkspace(try runs.record(of: run), variables, log)
        let record = try runs.record(of: run)
        if let damage = record.damage {
            throw Complaint(
                "the log of \(run) is damaged at \(damage)",
                remedy:
                    "It can be read up to there: forerun fork \(run) --at \(record.completeTurns) begins a run from it",
                status: .failed)
        }
        if let fork = record.forkOf, record.lacksInheritedTurns {
            throw Complaint(
                "the run \(run) was cut off before it had all \(fork.turns) turns that it begins with",
                remedy: "Fork again: forerun fork \(fork.id) --at \(fork.turns)", status: .failed)
        }
        guard record.isConversation == isConversation else {
            throw Complaint(
                "the run \(run) is \(isConversation ? "no conversation" : "a conversation")",
                remedy: "Go on with it: forerun \(isConversation ? "resume" : "chat --resume") \(run)", status: .usage)
        }
        guard isConversation || !record.isFinished else {
            throw Complaint(
                "the run \(run) is finished",
                remedy: "forerun fork \(run) --at \(record.turns.count) \"TASK\" goes on from its end with a new task",
                status: .usage)
        }
        var request = try repeated(record, run, settings, variables)
        request.isConversation = isConversation
        var path = try path(of: record, run)
        // What came to a limit is not asked again before the user has a word in it.
        if isConversation, record.hasReachedLimit { path?.isHalted = true }
        request.continuing = ContinuedRun(
            run: run, kind: .resumed, path: path, opened: record.opened, log: log)
        request.queued = record.queued
        return request
    }

    /// Where a run can go on; `nil`: at its beginning.
    private static func path(of record: RunRecord, _ run: RunName) throws(Complaint) -> Resumption? {
        if let path = record.resumption(isWorldKept: record.opened?["kept"]?.boolValue ?? true) { return path }
        guard record.turns.isEmpty else {
            throw Complaint(
                "the log of \(run) does not say what the run began with: it was written by an older version",
                remedy: "Begin a new run", status: .failed)
        }
        return nil
    }

    static func repeated(
        _ record: RunRecord, _ run: RunName, _ settings: [ConfigurationAssignment], _ variables: [String: String]
    ) throws(Complaint) -> RunRequest {
        guard let started = record.started else {
            throw Complaint(
                "the run \(run) was cut off before it began", remedy: "Begin a new run: forerun run", status: .failed)
        }
        do throws(ConfigurationError) {
            let (request, withheld) = try RunRequest.repeating(started, adding: settings, variables: variables)
            guard withheld.isEmpty else {
                throw ConfigurationError(
                    .missing, "the run \(run) was given \(withheld.joined(separator: ", ")), which logs do not hold",
                    remedy: "Give it again: \(withheld.map { "--set \($0)=…" }.joined(separator: " "))")
            }
            guard FileAccess.isDirectory(request.workspace) else {
                throw ConfigurationError(
                    .missing, "the workspace \(request.workspace) is gone", remedy: "Put it back where it was")
            }
            return request
        } catch {
            throw Complaint(error)
        }
    }

    static func settleWorkspace(
        _ record: RunRecord, _ variables: [String: String], _ log: HeldLog?
    ) throws(Complaint) {
        guard record.opened?["environment"]?.stringValue == "workspace",
            let workspace = record.started?["workspace"]?.stringValue, FileAccess.isDirectory(workspace)
        else { return }
        do throws(EnvironmentFailure) {
            _ = try UndoHistory.open(workspace, onSettled: RunLog.settling(variables, log))
        } catch {
            throw Complaint(error)
        }
    }
}
