import ForerunCore
import ForerunWorkspace
import Synchronization

extension PreparedRun {
    private var live: LiveRun? { state.withLock { $0.live } }

    /// A message that joins at the next question. - Parameter isUrgent: the answer at hand is given up for it.
    func send(_ message: String, isUrgent: Bool = false) { live?.send(message, isUrgent: isUrgent) }

    /// The user wants the agent to stop what it does, and to wait for a message.
    func halt() { live?.halt() }

    /// No message will follow.
    func endMessages() { live?.endMessages() }

    /// Notes in the log that a message waits, or that it does not any more: who goes on with the run finds it there.
    ///
    /// - Returns: the line.
    func noteQueue(_ type: String, _ text: String) -> JSON {
        let line: JSON = ["type": .string(type), "text": .string(text)]
        log?.append(.fact(line))
        flushLog()
        return line
    }

    /// Hands everything that happened so far to the log.
    func flushLog() { log?.handOver() }

    /// What is committed from here on can be told apart by ``changes(sinceMark:)``.
    func markChanges() { assembly.workspace?.markChanges() }

    /// What changed in the workspace since the run was opened here, as a unified diff; `nil`: there is no workspace.
    func changes(sinceMark: Bool) async throws(EnvironmentFailure) -> String? {
        guard let workspace = assembly.workspace else { return nil }
        await live?.land()
        return try await workspace.changes(sinceMark: sinceMark)
    }
}

extension RunRequest {
    /// What the user had said in the run that goes on, oldest first.
    package var saidBefore: [String] {
        guard let path = continuing?.path else { return [] }
        return path.turns.flatMap(\.messages) + path.messages
    }
}
