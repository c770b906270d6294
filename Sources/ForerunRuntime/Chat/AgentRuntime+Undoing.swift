import ForerunCore
import ForerunStore

extension AgentRuntime {
    /// The request for a conversation without the user's last message and all that followed from it.
    ///
    /// It is a fork: the other run's log stays as it is, and `forerun undo 'undo RUN'` brings its changes back.
    ///
    /// - Parameter now: how the conversation was asked for.
    /// - Returns: also what was said; `nil`: nothing was.
    static func undoing(
        lastMessageOf run: RunName, _ now: RunRequest
    ) async throws(Complaint) -> (request: RunRequest, said: [String])? {
        let record = try PastRuns(variables: now.variables).record(of: run, wholeOutputs: false)
        guard let last = record.lastMessages else { return nil }
        var request = try await fork(
            of: run, at: last.turns, task: nil, settings: now.assignments, variables: now.variables, awaitsMessage: true
        )
        request.assignments = now.assignments
        request.isConversation = true
        return (request, last.texts)
    }
}
